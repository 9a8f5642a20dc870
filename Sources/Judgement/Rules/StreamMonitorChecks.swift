import Wire

/// Thresholds that owners of streams wrote beside them: `io.nats.monitor.*`.
extension Check {
  static let ofMonitoredStreams: [Check] = [
    .streamParts(
      "monitored_origin_lag", .critical, title: "A mirror or source lags more than the stream's owner allows.",
      remedy: "See to the link, and to what is published at the origin.", others: [.audit("JETSTREAM_004"), .insights("JETSTREAM_017")]
    ) { stream, _, tell in
      guard let most = Monitored(stream)?.count("lag-critical") else { return }
      for origin in stream.origins where origin.lag >= most {
        tell(
          Fault(
            .critical, "Stream \(stream) is \(origin.lag) messages behind \(origin.stream); its owner allows \(most).", part: origin.stream,
            [("lag", .count(origin.lag)), ("allowed", .count(most))]))
      }
    },
    .streamParts(
      "monitored_origin_silence", .critical, title: "A mirror or source was not heard for longer than the stream's owner allows.",
      remedy: "See to the link, and to rights across accounts.", others: [.audit("JETSTREAM_004"), .insights("JETSTREAM_018")]
    ) { stream, system, tell in
      guard let most = Monitored(stream)?.span("seen-critical") else { return }
      for origin in stream.origins where (origin.silence ?? .longest) >= most {
        let heard = origin.silence == nil ? "was never heard" : "is no longer heard"
        tell(
          Fault(
            .critical, "\(origin.stream), from which stream \(stream) is fed, \(heard).", part: origin.stream,
            since: origin.silence.map { system.now - $0 }))
      }
    },
    .streams(
      "monitored_sources", .critical, title: "A stream has fewer or more sources than its owner says.",
      remedy: "A source was deleted, or one too many added.", others: [.audit("JETSTREAM_004"), .insights("JETSTREAM_019")]
    ) { stream, _ in
      guard let monitored = Monitored(stream) else { return nil }
      let count = stream.sources.count
      if let least = monitored.count("min-sources"), count < least {
        return Fault(.critical, "Stream \(stream) has \(count) sources; its owner wants \(least) at least.", [("sources", .count(count))])
      }
      guard let most = monitored.count("max-sources"), count > most else { return nil }
      return Fault(.critical, "Stream \(stream) has \(count) sources; its owner wants \(most) at most.", [("sources", .count(count))])
    },
    .streams(
      "monitored_peers", .critical, title: "A stream has another number of replicas than its owner says.",
      remedy: "One is missing, or there is one too many.", others: [.audit("JETSTREAM_004"), .insights("JETSTREAM_021")]
    ) { stream, _ in
      guard stream.isToldByLeader, let wanted = Monitored(stream)?.count("peer-expect"), wanted > 0 else { return nil }
      let size = stream.raft?.size ?? 1
      guard size != wanted else { return nil }
      return Fault(.critical, "Stream \(stream) has \(size) replicas; its owner says \(wanted).", [("replicas", .count(size))])
    },
    .streamParts(
      "monitored_peer_lag", .critical, title: "A replica lags more than the stream's owner allows.",
      remedy: "Look at the disk of its server.", others: [.audit("JETSTREAM_004"), .insights("JETSTREAM_022")]
    ) { stream, _, tell in
      guard stream.isToldByLeader, let most = Monitored(stream)?.count("peer-lag-critical") else { return }
      for peer in stream.raft?.peers ?? [] where peer.lag > most {
        tell(
          Fault(
            .critical, "The replica of stream \(stream) on \(peer.name) is \(peer.lag) entries behind; its owner allows \(most).",
            part: peer.name, [("peer", .text(peer.name)), ("lag", .count(peer.lag))]))
      }
    },
    .streamParts(
      "monitored_peer_silence", .critical, title: "A replica was not heard for longer than the stream's owner allows.",
      remedy: "Its server hangs, or cannot be reached.", others: [.audit("JETSTREAM_004"), .insights("JETSTREAM_023")]
    ) { stream, system, tell in
      guard stream.isToldByLeader, let most = Monitored(stream)?.span("peer-seen-critical") else { return }
      for peer in stream.raft?.peers ?? [] where peer.silence > most {
        tell(
          Fault(
            .critical, "The replica of stream \(stream) on \(peer.name) is no longer heard.", part: peer.name,
            since: system.now - peer.silence,
            [("peer", .text(peer.name)), ("silent_seconds", .number(Double(peer.silence.wholeSeconds)))]))
      }
    },
    .streams(
      "monitored_messages", .critical, .warning, title: "A stream holds fewer or more messages than its owner wants.",
      remedy: "Find out who publishes no more, or who reads no more.", others: [.audit("JETSTREAM_004"), .insights("JETSTREAM_024")]
    ) { stream, _ in
      // `nats` knows the lower bound only; where critical is above warn, as of Insights, more is worse.
      Monitored(stream)?.bound("msgs-warn", "msgs-critical", stream.state.messages, aloneMeansLess: true).map { severity, bound, isLess in
        Fault(
          severity, "Stream \(stream) holds \(stream.state.messages) messages; its owner wants \(isLess ? "more" : "fewer") than \(bound).",
          [("messages", .count(stream.state.messages)), ("bound", .count(bound))])
      }
    },
    .streams(
      "monitored_subjects", .critical, .warning, title: "A stream holds fewer or more subjects than its owner wants.",
      remedy: "Find out who publishes to new subjects, or to none any more.", others: [.audit("JETSTREAM_004"), .insights("JETSTREAM_025")]
    ) { stream, _ in
      Monitored(stream)?.bound("subjects-warn", "subjects-critical", stream.state.subjects, aloneMeansLess: false).map {
        severity, bound, isLess in
        Fault(
          severity, "Stream \(stream) holds \(stream.state.subjects) subjects; its owner wants \(isLess ? "more" : "fewer") than \(bound).",
          [("subjects", .count(stream.state.subjects)), ("bound", .count(bound))])
      }
    },
    .streams(
      "monitor_unreadable", .warning, title: "A threshold that an owner wrote beside a stream cannot be read.",
      remedy: "Write a number, or a duration such as 30s, 5m, 1d.", others: [.check("stream")]
    ) { stream, _ in
      guard let monitored = Monitored(stream), let bad = monitored.unreadable(Monitored.streamKeys) else { return nil }
      return Fault(.warning, "Stream \(stream) has \(Metadata.prefix)\(bad.key) \"\(bad.value)\", which cannot be read.", part: bad.key)
    },
  ]
}

extension StreamFacts {
  fileprivate var origins: [Origin] { (mirror.map { [$0] } ?? []) + sources }
}
