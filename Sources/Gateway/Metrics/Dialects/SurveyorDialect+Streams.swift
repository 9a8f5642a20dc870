import SystemAPI
import Wire

/// What servers host of JetStream: totals, the meta group, streams and consumers.
extension SurveyorDialect {
  static func totals(_ reply: MetricReply, _ writer: inout DialectWriter) {
    let labels = [reply.id, reply.name, reply.cluster]
    let document = reply.document
    let prefix = "nats_core_jetstream_server_"
    writer.add(prefix + "jetstream_disabled", false, jetStream, labels, MetricValue(document["disabled"]?.bool ?? false))
    let figures: [(String, [String])] = [
      ("max_memory", ["config", "max_memory"]), ("max_storage", ["config", "max_storage"]), ("total_streams", ["streams"]),
      ("total_consumers", ["consumers"]),
      ("total_messages", ["messages"]), ("total_message_bytes", ["bytes"]),
    ]
    // A server without JetStream has none of all this, which is 0 there.
    for (name, path) in figures { writer.add(prefix + name, false, jetStream, labels, document.at(path) ?? 0) }
    let leaders = leadership(reply)
    writer.add(
      prefix + "total_stream_leaders", false, jetStream, labels, document.metric("streams_leader") ?? MetricValue(leaders.streams))
    writer.add(
      prefix + "total_consumer_leaders", false, jetStream, labels, document.metric("consumers_leader") ?? MetricValue(leaders.consumers))
    guard let snapshot = document["meta_cluster"]?["snapshot"] else { return }
    let meta = "nats_core_jetstream_meta_snapshot_"
    writer.add(meta + "pending_entries", false, jetStream, labels, snapshot.metric("pending_entries") ?? 0)
    writer.add(meta + "pending_bytes", false, jetStream, labels, snapshot.metric("pending_size") ?? 0)
    // Where there was none yet nats-surveyor tells the year 1, which is no time.
    writer.add(
      meta + "last_timestamp_seconds", false, jetStream, labels, snapshot.time("last_time").map { .integer(Int64($0.rounded(.down))) })
    writer.add(
      meta + "last_duration_seconds", false, jetStream, labels,
      .double(Span(nanosecondCount: snapshot["last_duration"]?.double ?? 0).seconds))
  }

  /// What a server leads, counted where it does not say so itself.
  static func leadership(_ reply: MetricReply) -> (streams: Int, consumers: Int) {
    let streams = (reply.document["account_details"]?.elements ?? []).flatMap { $0["stream_detail"]?.elements ?? [] }
    let consumers = streams.flatMap { $0["consumer_detail"]?.elements ?? [] }
    return (
      streams.count { leads(reply, $0["cluster"]) }, consumers.count { leads(reply, $0["cluster"]) }
    )
  }

  /// The meta group as its members have it, in whichever account it stands.
  static func raft(_ reply: MetricReply, _ writer: inout DialectWriter) {
    reply.document.forEachMember { _, groups in
      guard groups.kind == .object, let meta = groups["_meta_"] else { return }
      for name in ["applied", "committed", "pindex"] {
        writer.add("nats_core_raftz_meta_" + name, false, jetStream, [reply.id, reply.name, reply.cluster], meta.metric(name) ?? 0)
      }
    }
  }

  /// Every server's own streams: those that it holds, whether it leads them or not.
  static func streams(_ replies: [MetricReply], _ writer: inout DialectWriter) {
    for reply in replies {
      for row in reply.document["account_details"]?.elements ?? [] {
        let name = row["name"]?.string ?? ""
        for each in row["stream_detail"]?.elements ?? [] {
          let labels = [
            row["id"]?.string ?? name, name, reply.cluster, raftGroup(each), reply.id, reply.name, each["name"]?.string ?? "",
            each["cluster"]?["leader"]?.string ?? "",
          ]
          let figures = [
            ("total_messages", "messages"), ("total_bytes", "bytes"), ("first_seq", "first_seq"), ("last_seq", "last_seq"),
            ("consumer_count", "consumer_count"), ("subject_count", "num_subjects"),
          ]
          for (family, member) in figures { writer.add("nats_stream_" + family, false, stream, labels, each["state"]?.metric(member) ?? 0) }
          for consumer in each["consumer_detail"]?.elements ?? [] { self.consumer(consumer, of: each, labels, &writer) }
        }
      }
    }
  }

  static func leads(_ reply: MetricReply, _ cluster: JSONView?) -> Bool {
    let leader = cluster?["leader"]?.string ?? ""
    return leader.isEmpty || leader == reply.name
  }

  /// A consumer has a group of its own, which for those without replicas stands with the stream.
  static func consumer(_ document: JSONView, of stream: JSONView, _ streamLabels: [String], _ writer: inout DialectWriter) {
    let name = document["name"]?.string ?? ""
    var labels = streamLabels + [name, document["cluster"]?["leader"]?.string ?? ""]
    let groups = stream["consumer_raft_groups"]?.elements ?? []
    labels[3] = document["cluster"]?["raft_group"]?.string ?? groups.first { $0["name"]?.string == name }?["raft_group"]?.string ?? ""
    for (family, path) in ConsumerFigures.all { writer.add("nats_consumer_" + family, false, consumer, labels, document.at(path)) }
  }
}
