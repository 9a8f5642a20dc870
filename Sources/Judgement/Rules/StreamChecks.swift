import Wire

/// What may be wrong with a stream and its replicas.
extension Check {
  static let ofStreams: [Check] = [
    .streams(
      "stream_no_leader", .critical, .warning, title: "A stream has no leader: it takes and gives no messages.",
      remedy: "See which of its servers are gone, and bring them back; with a majority there it elects one by itself.",
      others: [.insights("OPT_SYS_009"), .check("jetstream")]
    ) { stream, system in
      guard let raft = stream.raft, !raft.cluster.isEmpty, raft.leader.isEmpty, !stream.isToldByLeader else { return nil }
      let fault = Fault(.critical, "Stream \(stream) has no leader.", [("cluster", .text(raft.cluster))])
      // While one is elected because another was taken out there is none; that it lasts is an alarm.
      return system.earlier(stream.key)?.raft?.leader.isEmpty == true ? fault : system.eased(fault, cluster: raft.cluster)
    },
    .streams(
      "stream_no_quorum", .critical, title: "Too few of a stream's replicas are there to take a message.",
      remedy: "Bring its servers back. Never remove peers to get there: what they alone hold is lost.",
      others: [.insights("JETSTREAM_008")]
    ) { stream, _ in
      guard stream.isToldByLeader, let raft = stream.raft, raft.lacksQuorum else { return nil }
      return Fault(
        .critical, "Stream \(stream) has \(raft.present) of \(raft.size) replicas: too few to agree on a message.",
        [("present", .count(raft.present)), ("replicas", .count(raft.size))])
    },
    unreachable,
    replicaOffline,
    .streamParts(
      "replica_behind", .warning, title: "A stream's replica is behind its leader.",
      remedy: "Look at the disk and the network of its server.", thresholds: [.replicaLag],
      others: [.insights("JETSTREAM_022"), .check("jetstream")]
    ) { stream, system, tell in
      guard stream.isToldByLeader else { return }
      for peer in stream.raft?.peers ?? [] where !peer.isOffline && !peer.isCurrent && peer.lag >= system.thresholds[.replicaLag] {
        tell(
          Fault(
            .warning, "The replica of stream \(stream) on \(peer.name) is \(peer.lag) entries behind.", part: peer.name,
            [("peer", .text(peer.name)), ("lag", .count(peer.lag))]))
      }
    },
    .streams(
      "stream_missing_replicas", .warning, title: "A stream has fewer replicas than it is configured for.",
      remedy: "Add servers, or free some of their JetStream limits; or lower the number of replicas.", others: [.check("jetstream")]
    ) { stream, _ in
      guard stream.isToldByLeader, let raft = stream.raft, let wanted = stream.settings?.replicas, raft.size < wanted else { return nil }
      return Fault(
        .warning, "Stream \(stream) has \(raft.size) of the \(wanted) replicas that it is configured for.",
        [("replicas", .count(raft.size)), ("configured", .count(wanted))])
    },
    .streamParts(
      "replica_sequence_behind", .warning, title: "A replica's last message is far behind that of the furthest one.",
      remedy: "Look at the disk and the network of its server; as a last means remove the peer and let it be built anew.",
      thresholds: [.replicaDifference], others: [.audit("JETSTREAM_001"), .insights("JETSTREAM_001")]
    ) { stream, system, tell in
      guard stream.copies.count > 1, let last = stream.copies.map(\.state.lastSequence).max(), last > 0 else { return }
      let bound = last - Amount.of(Double(last) * Double(system.thresholds[.replicaDifference]) / 100)
      for copy in stream.copies where copy.state.lastSequence < bound {
        tell(
          Fault(
            .warning, "The replica of stream \(stream) on \(copy.server) ends at \(copy.state.lastSequence), the furthest at \(last).",
            part: copy.server, [("server", .text(copy.server)), ("last_seq", .count(copy.state.lastSequence)), ("furthest", .count(last))]))
      }
    },
    .streams(
      "replicas_disagree", .critical,
      title: "Replicas of a stream that call themselves current hold different messages, at two moments alike.",
      remedy: "Find out which copy is right, step the leader down to it, then remove the odd peer and let it be built anew.",
      needs: [.before], others: [.insights("JETSTREAM_013")]
    ) { stream, system in
      guard let odd = Disagreement(stream), let before = system.earlier(stream.key).flatMap(Disagreement.init), odd == before else {
        return nil
      }
      return Fault(
        .critical, "Replicas of stream \(stream) hold different messages from \(odd.first) to \(odd.last): \(odd.text).",
        odd.messages.map { ($0.server, .count($0.count)) })
    },
    .streams(
      "mirror_failing", .critical, title: "A mirror cannot read its origin.",
      remedy: "The error says why: a missing stream, rights, a wrong domain or prefix.", others: [.insights("JETSTREAM_018")]
    ) { stream, _ in
      guard stream.isToldByLeader, let mirror = stream.mirror, !mirror.error.isEmpty else { return nil }
      return Fault(.critical, "Stream \(stream) cannot mirror \(mirror.stream): \(mirror.error).", [("error", .text(mirror.error))])
    },
    .streams(
      "mirror_silent", .warning, title: "A mirror has heard nothing from its origin for long.",
      remedy: "See to the link between the two, and step the mirror's leader down if the origin goes on.", thresholds: [.silence],
      others: [.insights("JETSTREAM_015")]
    ) { stream, system in
      guard stream.isToldByLeader, let mirror = stream.mirror else { return nil }
      return Origin.silent(mirror, of: "mirror", stream, system)
    },
    .streamParts(
      "source_failing", .critical, title: "A stream cannot read one of its sources.",
      remedy: "The error says why: a missing stream, rights, a wrong domain or prefix.", others: [.check("stream")]
    ) { stream, _, tell in
      guard stream.isToldByLeader else { return }
      for source in stream.sources where !source.error.isEmpty {
        tell(
          Fault(
            .critical, "Stream \(stream) cannot read its source \(source.stream): \(source.error).", part: source.stream,
            [("source", .text(source.stream)), ("error", .text(source.error))]))
      }
    },
    .streamParts(
      "source_silent", .warning, title: "A stream has heard nothing from one of its sources for long.",
      remedy: "See to the link between the two.", thresholds: [.silence], others: [.check("stream")]
    ) { stream, system, tell in
      guard stream.isToldByLeader else { return }
      for source in stream.sources {
        if let fault = Origin.silent(source, of: "source", stream, system) { tell(fault) }
      }
    },
  ]
}

extension Check {
  /// What nobody tells of is not well for that: its only server may be the one that is silent.
  private static let unreachable = Check(
    code: "stream_unreachable", about: .stream, severities: [.critical, .warning],
    title: "No server that answers has a stream that was there.",
    remedy: "Bring back the server that held it. A stream of one replica is there or not with its server: more replicas outlive one.",
    needs: [.streams], thresholds: [], others: []
  ) { system, found in
    for stream in system.unreachable {
      let place = stream.holders.joined(separator: ", ")
      // Its only server was taken out in order: that was meant, and is going to end.
      let isMeant = stream.holders.allSatisfy { system.leaving.value($0, stream.cluster) != nil }
      var fault = Fault(
        isMeant ? .warning : .critical, "No server that answers has stream \(stream.key.account) > \(stream.key.name); it was on \(place).",
        // Whatever is said of its only server is said of it too.
        part: stream.holders.count == 1 ? place : "", since: stream.seen, [("holders", .text(place))])
      fault.holders = stream.holders
      var subject = Subject(.stream)
      (subject.account, subject.stream, subject.cluster) = (stream.key.account, stream.key.name, stream.cluster)
      found.add(fault, subject)
    }
  }

  /// A server that was taken out in order takes all its replicas along: that is one thing, not one for each stream.
  private static let replicaOffline = Check(
    code: "replica_offline", about: .stream, severities: [.critical, .warning], title: "A stream's replica is offline.",
    remedy: "Bring its server back; if that is gone for good, remove the peer and the stream finds another server.", needs: [.streams],
    thresholds: [], others: [.insights("JETSTREAM_008"), .check("stream")]
  ) { system, found in
    var left: [Trends.ServerKey: [StreamFacts]] = [:]
    for stream in system.jetStream.streams where stream.isToldByLeader {
      for peer in stream.raft?.peers ?? [] where peer.isOffline {
        guard system.leaving.value(peer.name, stream.cluster) == nil else {
          left[Trends.ServerKey(cluster: stream.cluster, name: peer.name), default: []].append(stream)
          continue
        }
        found.add(
          system.eased(
            Fault(
              .critical, "The replica of stream \(stream) on \(peer.name) is offline.", part: peer.name,
              [("peer", .text(peer.name)), ("silent_seconds", .number(Double(peer.silence.wholeSeconds)))]), [peer.name], in: stream.cluster
          ),
          stream.subject)
      }
    }
    for (server, streams) in left.sorted(by: { ($0.key.name, $0.key.cluster) < ($1.key.name, $1.key.cluster) }) {
      found.add(fault(server, streams, system), .server(server.name, in: server.cluster, system))
    }
  }

  private static func fault(_ server: Trends.ServerKey, _ streams: [StreamFacts], _ system: JudgedSystem) -> Fault {
    let name = server.name
    let what = streams.count == 1 ? "The replica of stream \(streams[0])" : "The replicas of \(streams.count) streams"
    return Fault(
      .warning,
      "\(what) on \(name) \(streams.count == 1 ? "is" : "are") offline\(system.leaving.value(name, server.cluster).map { "; \($0)" } ?? "").",
      [("peer", .text(name)), ("streams", .count(streams.count)), ("first", .text("\(streams[0])"))])
  }
}

/// What is said of mirrors and sources alike.
private enum Origin {
  static func silent(_ origin: StreamFacts.Origin, of what: String, _ stream: StreamFacts, _ system: JudgedSystem) -> Fault? {
    let most = Span.wholeSeconds(Int64(system.thresholds[.silence]))
    guard origin.error.isEmpty, let silence = origin.silence, silence > most else { return nil }
    return Fault(
      .warning, "Stream \(stream) hears nothing from its \(what) \(origin.stream).", part: what == "mirror" ? "" : origin.stream,
      since: system.now - silence,
      [("origin", .text(origin.stream)), ("silent_seconds", .number(Double(silence.wholeSeconds))), ("lag", .count(origin.lag))])
  }
}

/// Copies that begin and end alike and hold different numbers of messages.
private struct Disagreement: Equatable {
  let first: Int
  let last: Int
  let messages: [(server: String, count: Int)]

  init?(_ stream: StreamFacts) {
    // Of other streams messages go one by one, on each server at its own time.
    guard stream.copies.count > 1, stream.settings?.retention == .limits, let one = stream.copies.first?.state,
      stream.copies.allSatisfy({ $0.state.firstSequence == one.firstSequence && $0.state.lastSequence == one.lastSequence }),
      stream.copies.contains(where: { $0.state.messages != one.messages })
    else { return nil }
    (first, last) = (one.firstSequence, one.lastSequence)
    messages = stream.copies.map { ($0.server, $0.state.messages) }.sorted { $0.0 < $1.0 }
  }

  var text: String { messages.map { "\($0.count) on \($0.server)" }.joined(separator: ", ") }

  static func == (left: Disagreement, right: Disagreement) -> Bool {
    left.first == right.first && left.last == right.last && left.messages.elementsEqual(right.messages) { $0 == $1 }
  }
}
