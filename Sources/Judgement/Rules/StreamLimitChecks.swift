import SystemAPI
import Wire

/// How full streams are, and how they are bounded.
extension Check {
  static let ofStreamLimits: [Check] = [
    .streamParts(
      "stream_near_limit", .critical, .warning, title: "A stream that refuses messages when it is full is nearly full.",
      remedy: "Raise the limit, let messages age out, or find out why its consumers do not keep up.", thresholds: Share.thresholds,
      others: [.audit("JETSTREAM_003"), .insights("JETSTREAM_010")]
    ) { stream, system, tell in
      guard let settings = stream.settings, settings.refusesWhenFull else { return }
      for (kind, used, limit) in [
        ("bytes", stream.state.bytes, settings.maxBytes), ("messages", stream.state.messages, settings.maxMessages),
      ] {
        guard let share = Share(used, of: limit, system.thresholds) else { continue }
        tell(
          Fault(
            share.severity, "Stream \(stream) holds \(share.percent) % of the \(kind) it may, and then refuses messages.", part: kind,
            share.evidence))
      }
    },
    .streamParts(
      "stream_rolls_over", .info, title: "A stream is at its limit: with each new message its oldest one goes, read or not.",
      remedy: "Nothing, where that is meant; else raise the limit.", others: [.audit("JETSTREAM_003"), .insights("JETSTREAM_010")]
    ) { stream, _, tell in
      guard let settings = stream.settings, !settings.refusesWhenFull, settings.retention != .limits else { return }
      for (kind, used, limit) in [
        ("bytes", stream.state.bytes, settings.maxBytes), ("messages", stream.state.messages, settings.maxMessages),
      ] {
        guard let limit, Double(used) >= Double(limit) * 0.98, used > 0 else { continue }
        tell(
          Fault(
            .info, "Stream \(stream) holds as many \(kind) as it may: messages that nobody has read yet are given up.", part: kind,
            [("used", .count(used)), ("limit", .count(limit))]))
      }
    },
    .streams(
      "stream_consumers_near_limit", .critical, .warning, title: "A stream has nearly as many consumers as it may.",
      remedy: "Clean up consumers that nobody uses, give ephemeral ones an inactive_threshold, or raise the limit.",
      thresholds: Share.thresholds, others: [.audit("JETSTREAM_003"), .insights("JETSTREAM_011")]
    ) { stream, system in
      guard let share = Share(stream.state.consumers, of: stream.settings?.maxConsumers, system.thresholds) else { return nil }
      return Fault(share.severity, "Stream \(stream) has \(share.percent) % of the consumers it may.", share.evidence)
    },
    .streams(
      "stream_many_subjects", .warning, title: "A stream holds very many subjects: each takes memory.",
      remedy: "Leave ids out of subjects, or split the stream.", thresholds: [.manySubjects],
      others: [.audit("JETSTREAM_002"), .insights("JETSTREAM_002")]
    ) { stream, system in
      guard stream.state.subjects > system.thresholds[.manySubjects] else { return nil }
      return Fault(.warning, "Stream \(stream) holds \(stream.state.subjects) subjects.", [("subjects", .count(stream.state.subjects))])
    },
    .streams(
      "stream_many_deletes", .warning, title: "A stream has very many deleted messages inside, each of which is remembered.",
      remedy: "Use a retention that fits: one stream for messages of one lifetime.", thresholds: [.manyDeletes],
      others: [.insights("OPT_?")]
    ) { stream, system in
      guard stream.state.deleted > system.thresholds[.manyDeletes] else { return nil }
      return Fault(
        .warning, "Stream \(stream) remembers \(stream.state.deleted) deleted messages.", [("deleted", .count(stream.state.deleted))])
    },
    .streams(
      "stream_unbounded", .info, title: "Nothing bounds a stream: it grows until its server's disk is full.",
      remedy: "Give it max_age, max_bytes or max_msgs.", others: [.insights("OPT_SYS_001")]
    ) { stream, _ in
      guard let settings = stream.settings, !settings.isSealed, settings.retention == .limits, stream.mirror == nil,
        settings.maxBytes == nil, settings.maxMessages == nil, settings.maxAge == nil, settings.maxMessagesPerSubject == nil
      else { return nil }
      return Fault(
        .info, "Nothing bounds stream \(stream): it has no max_age, max_bytes or max_msgs.", [("bytes", .count(stream.state.bytes))])
    },
    .streams(
      "stream_single_copy", .info, title: "A stream has one copy, in a cluster that could hold three.",
      remedy: "Three replicas where its messages matter.", others: [.insights("OPT_SYS_021")]
    ) { stream, system in
      guard let settings = stream.settings, settings.replicas == 1, settings.storage == .file, let cluster = stream.raft?.cluster,
        (system.jetStream.clusters[cluster]?.count ?? 0) >= 3
      else { return nil }
      return Fault(.info, "Stream \(stream) has one copy: without its server it is not there.", [("cluster", .text(cluster))])
    },
    .streams(
      "stream_large_in_memory", .info, title: "A large stream is kept in memory.", remedy: "Keep it on disk.",
      thresholds: [.largeMemoryStream], others: [.insights("OPT_COST_002")]
    ) { stream, system in
      guard stream.settings?.storage == .memory, stream.state.bytes > system.thresholds[.largeMemoryStream] else { return nil }
      return Fault(.info, "Stream \(stream) keeps \(stream.state.bytes) bytes in memory.", [("bytes", .count(stream.state.bytes))])
    },
    .streams(
      "stream_not_compressed", .info, title: "A large stream on disk is not compressed.", remedy: "compression: s2",
      thresholds: [.largeStream], others: [.insights("OPT_COST_004")]
    ) { stream, system in
      guard let settings = stream.settings, settings.storage == .file, !settings.isCompressed,
        stream.state.bytes > system.thresholds[.largeStream]
      else { return nil }
      return Fault(
        .info, "Stream \(stream) takes \(stream.state.bytes) bytes on disk, not compressed.", [("bytes", .count(stream.state.bytes))])
    },
    .streams(
      "stream_reconfigured", .info, title: "A stream's configuration was changed.",
      remedy: "See whether it was meant: a lower limit deletes messages at once.", needs: [.before], others: [.insights("CHANGE_004")]
    ) { stream, system in
      guard let settings = stream.settings, let earlier = system.earlier(stream.key)?.settings, earlier != settings else { return nil }
      return Fault(.info, "The configuration of stream \(stream) was changed.")
    },
    .streams(
      "stream_consumers_growing", .warning, title: "A stream gets more and more consumers.",
      remedy: "A client makes a consumer for each request: use one, or give ephemeral ones an inactive_threshold.", needs: [.before],
      thresholds: [.consumerGrowth], others: [.insights("OPT_?")]
    ) { stream, system in
      guard let earlier = system.earlier(stream.key), stream.state.consumers - earlier.state.consumers >= system.thresholds[.consumerGrowth]
      else { return nil }
      return Fault(
        .warning, "Stream \(stream) has \(stream.state.consumers) consumers, \(earlier.state.consumers) before.",
        [("consumers", .count(stream.state.consumers)), ("before", .count(earlier.state.consumers))])
    },
  ]
}
