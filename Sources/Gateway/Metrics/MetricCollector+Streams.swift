import Wire

/// Streams and consumers, each once: as its leader reports it, or, where no leader answered, as whoever knows of it does.
struct StreamCensus {
  struct Stream {
    var labels: [String]
    var document: JSONView
    var isLeader: Bool
  }

  private(set) var streams: [[String]: Stream] = [:]
  private(set) var consumers: [[String]: Stream] = [:]

  init(_ replies: [MetricReply]) {
    for reply in replies {
      for account in reply.document["account_details"]?.elements ?? [] {
        guard let name = account["name"]?.string else { continue }
        for stream in account["stream_detail"]?.elements ?? [] { add(stream, account: name, reply) }
      }
    }
  }

  private mutating func add(_ stream: JSONView, account: String, _ reply: MetricReply) {
    guard let name = stream["name"]?.string else { return }
    let labels = [stream["cluster"]?["name"]?.string ?? reply.cluster, account, name]
    keep(&streams, labels, stream, reply)
    for consumer in stream["consumer_detail"]?.elements ?? [] {
      guard let consumerName = consumer["name"]?.string else { continue }
      keep(&consumers, labels + [consumerName], consumer, reply)
    }
  }

  private func keep(_ known: inout [[String]: Stream], _ labels: [String], _ document: JSONView, _ reply: MetricReply) {
    let leader = document["cluster"]?["leader"]?.string
    // Outside a cluster there is nobody else to ask.
    let isLeader = leader == reply.name || (document["cluster"]?["name"] == nil && (leader ?? "").isEmpty)
    if let old = known[labels], old.isLeader || !isLeader { return }
    known[labels] = Stream(labels: labels, document: document, isLeader: isLeader)
  }

  /// The largest first by a figure, at most `top`.
  static func largest(_ all: [[String]: Stream], _ top: Int, by weight: (JSONView) -> UInt64) -> [Stream] {
    let weighed = all.values.map { ($0, weight($0.document)) }
    return weighed.sorted { left, right in
      left.1 != right.1 ? left.1 > right.1 : left.0.labels.lexicographicallyPrecedes(right.0.labels)
    }.prefix(top).map(\.0)
  }
}

extension MetricCollector {
  /// Streams of `jsz?streams=1&config=1`.
  ///
  /// - Returns: streams left out.
  mutating func streams(_ replies: [MetricReply], _ selection: MetricSelection) -> Int {
    let census = StreamCensus(replies)
    let wanted = census.streams.filter { selection.fits($0.key[2], $0.key[1]) }
    for stream in StreamCensus.largest(wanted, selection.top, by: { $0["state"]?["bytes"]?.uint64 ?? 0 }) { add(stream) }
    return max(0, wanted.count - selection.top)
  }

  private mutating func add(_ stream: StreamCensus.Stream) {
    let (labels, document) = (stream.labels, stream.document)
    guard let state = document["state"] else { return }
    let figures: [(MetricFamily, String)] = [
      (Table.streamMessages, "messages"), (Table.streamBytes, "bytes"), (Table.streamFirst, "first_seq"), (Table.streamLast, "last_seq"),
      (Table.streamSubjects, "num_subjects"), (Table.streamDeleted, "num_deleted"), (Table.streamConsumers, "consumer_count"),
    ]
    for (family, member) in figures {
      if let value = state.metric(member) { page.add(family, labels, value) }
    }
    if let time = state.time("last_ts") { page.add(Table.streamLastTime, labels, .double(time)) }
    let config = document["config"]
    if let limit = config?["max_msgs"]?.int, limit > 0 { page.add(Table.streamMaxMessages, labels, MetricValue(limit)) }
    if let limit = config?["max_bytes"]?.int, limit > 0 { page.add(Table.streamMaxBytes, labels, MetricValue(limit)) }
    if let replicas = config?.metric("num_replicas") { page.add(Table.streamReplicas, labels, replicas) }
    let cluster = document["cluster"]
    let leader = cluster?["leader"]?.string ?? ""
    page.add(Table.streamHasLeader, labels, MetricValue(!leader.isEmpty || cluster?["name"] == nil))
    page.add(
      Table.streamInfo,
      labels + [leader, cluster?["raft_group"]?.string ?? "", config?["storage"]?.string ?? "", config?["retention"]?.string ?? ""], 1)
    for peer in stream.isLeader ? cluster?["replicas"]?.elements ?? [] : [] {
      let peerLabels = labels + [peer["name"]?.string ?? ""]
      page.add(Table.streamPeerCurrent, peerLabels, MetricValue(peer["current"]?.bool ?? false))
      page.add(Table.streamPeerOffline, peerLabels, MetricValue(peer["offline"]?.bool ?? false))
      page.add(Table.streamPeerLag, peerLabels, peer.metric("lag") ?? 0)
    }
    if let mirror = document["mirror"] { source(mirror, "mirror", labels) }
    for each in document["sources"]?.elements ?? [] { source(each, "source", labels) }
  }

  private mutating func source(_ source: JSONView, _ kind: String, _ labels: [String]) {
    let labels = labels + [source["name"]?.string ?? "", kind]
    if let lag = source.metric("lag") { page.add(Table.streamSourceLag, labels, lag) }
    if let active = source["active"]?.double, active >= 0 {
      page.add(Table.streamSourceActive, labels, .double(Span(nanosecondCount: active).seconds))
    }
  }

  /// Consumers of `jsz?consumers=1`.
  ///
  /// - Returns: consumers left out.
  mutating func consumers(_ replies: [MetricReply], _ selection: MetricSelection) -> Int {
    let census = StreamCensus(replies)
    let wanted = census.consumers.filter { selection.fits($0.key[3], $0.key[2], $0.key[1]) }
    for consumer in StreamCensus.largest(
      wanted, selection.top, by: { ($0["num_pending"]?.uint64 ?? 0) &+ ($0["num_ack_pending"]?.uint64 ?? 0) })
    {
      let (labels, document) = (consumer.labels, consumer.document)
      let figures: [(MetricFamily, [String])] = [
        (Table.consumerPending, ["num_pending"]), (Table.consumerAckPending, ["num_ack_pending"]),
        (Table.consumerRedelivered, ["num_redelivered"]), (Table.consumerWaiting, ["num_waiting"]),
        (Table.consumerDelivered, ["delivered", "consumer_seq"]), (Table.consumerAckFloor, ["ack_floor", "consumer_seq"]),
        (Table.consumerStreamDelivered, ["delivered", "stream_seq"]), (Table.consumerPaused, ["paused"]),
      ]
      for (family, path) in figures {
        if let value = path.reduce(document as JSONView?, { $0?.member(named: $1) })?.metricValue { page.add(family, labels, value) }
      }
    }
    return max(0, wanted.count - selection.top)
  }
}
