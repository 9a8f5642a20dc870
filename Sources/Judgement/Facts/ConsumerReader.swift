import SystemAPI
import Wire

/// Reads one element of `consumer_detail` of a stream.
struct ConsumerReader {
  private static let names: [StaticString] = [
    "name", "config", "delivered", "ack_floor", "num_ack_pending", "num_redelivered", "num_waiting", "num_pending", "push_bound", "paused",
    "cluster", "priority_groups",
  ]
  private static let settings: [StaticString] = [
    "deliver_subject", "ack_policy", "ack_wait", "max_deliver", "max_ack_pending", "num_replicas", "durable_name", "priority_policy",
    "metadata", "replay_policy",
  ]
  private static let progress: [StaticString] = ["consumer_seq", "stream_seq", "last_active"]

  let bytes: UnsafeBufferPointer<UInt8>

  /// Reads the element that begins at `start`.
  ///
  /// - Parameter wants: Whether one of this name and with this leader is wanted; else the rest of it is passed over.
  /// - Returns: nil for one without a name, and for one that is not wanted; and where the element ends, nil where that is not known.
  func read(_ start: Int, of stream: StreamFacts.Key, told server: String, _ wants: (_ name: String, _ leader: String) -> Bool) -> (
    ConsumerFacts?, end: Int?
  ) {
    var found = [Range<Int>?](repeating: nil, count: Self.names.count)
    let end = JSONPlace.members(Self.names, bytes, start) { place, value in
      guard let after = JSONPlace.end(bytes, value) else { return nil }
      found[place] = value..<after
      return after
    }
    guard let name = found[0].flatMap({ JSONBytes.string(bytes, $0) }), !name.isEmpty else { return (nil, end) }
    // One of a server that stands alone is its own.
    let leader = found[10].flatMap { JSONBytes.member("leader", bytes, $0) }.flatMap { JSONBytes.string(bytes, $0) }
    guard wants(name, leader ?? server) else { return (nil, end) }
    let raft = found[10].flatMap { RaftView(bytes, $0) }
    func count(_ place: Int) -> Int { found[place].flatMap { Amount.read(bytes, $0) } ?? 0 }
    var consumer = ConsumerFacts(name, of: stream)
    consumer.raft = raft
    consumer.isToldByLeader = raft.map { $0.leader == server } ?? true
    consumer.settings = found[1].map(readSettings)
    consumer.delivered = found[2].map(readProgress) ?? ConsumerFacts.Progress()
    consumer.ackFloor = found[3].map(readProgress) ?? ConsumerFacts.Progress()
    consumer.unacknowledged = count(4)
    consumer.redelivered = count(5)
    consumer.waiting = count(6)
    consumer.pending = count(7)
    // False is left out, of those that are pulled as of those that are pushed.
    consumer.isBound = (consumer.settings?.deliverSubject.isEmpty ?? true) || (found[8].map { JSONBytes.isTrue(bytes, $0) } ?? false)
    consumer.isPaused = found[9].map { JSONBytes.isTrue(bytes, $0) } ?? false
    if let groups = found[11] {
      var elements = JSONElements(bytes, groups)
      while let element = elements.next() {
        consumer.groups += 1
        let pinned = JSONBytes.member("pinned_client_id", bytes, element).flatMap { JSONBytes.string(bytes, $0) } ?? ""
        if !pinned.isEmpty { consumer.pinnedGroups += 1 }
      }
    }
    return (consumer, end)
  }

  private func readSettings(_ range: Range<Int>) -> ConsumerFacts.Settings {
    let found = JSONBytes.members(Self.settings, bytes, range)
    func text(_ place: Int) -> String { found[place].flatMap { JSONBytes.string(bytes, $0) } ?? "" }
    func limit(_ place: Int) -> Int? { found[place].flatMap { Amount.read(bytes, $0) }.flatMap { $0 > 0 ? $0 : nil } }
    var settings = ConsumerFacts.Settings()
    settings.deliverSubject = text(0)
    settings.isAcknowledged = !["", "none"].contains(text(1))
    settings.ackWait = Span(nanoseconds: Int64(limit(2) ?? 0))
    settings.maxDeliver = limit(3)
    settings.maxAckPending = limit(4)
    settings.replicas = limit(5) ?? 0
    settings.isDurable = !text(6).isEmpty
    settings.isPinned = text(7) == "pinned_client"
    settings.holdsBack = text(7) == "overflow" || text(9) == "original"
    settings.metadata = found[8].map { Metadata.read(bytes, $0) } ?? [:]
    return settings
  }

  private func readProgress(_ range: Range<Int>) -> ConsumerFacts.Progress {
    let found = JSONBytes.members(Self.progress, bytes, range)
    var progress = ConsumerFacts.Progress()
    progress.consumer = found[0].flatMap { Amount.read(bytes, $0) } ?? 0
    progress.stream = found[1].flatMap { Amount.read(bytes, $0) } ?? 0
    progress.lastActive = found[2].flatMap { GoTime.read(bytes, $0) }
    return progress
  }
}
