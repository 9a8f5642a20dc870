import SystemAPI
import Wire

/// Reads elements of `consumer_detail` of a stream.
struct ConsumerReader {
  private static let names = MemberNames([
    "name", "config", "delivered", "ack_floor", "num_ack_pending", "num_redelivered", "num_waiting", "num_pending", "push_bound", "paused",
    "cluster", "priority_groups",
  ])
  private static let settings = MemberNames([
    "deliver_subject", "ack_policy", "max_deliver", "max_ack_pending", "priority_policy", "metadata", "replay_policy",
  ])
  private static let progress = MemberNames(["consumer_seq", "stream_seq", "last_active"])
  private static let group = MemberNames(["pinned_client_id"])
  private static let named = MemberNames(["name", "cluster"])
  private static let leader = MemberNames(["leader"])
  private static let unacknowledged = MemberNames(["", "none"])
  private static let priorities = MemberNames(["pinned_client", "overflow"])
  private static let original = MemberNames(["original"])

  /// The server that tells.
  let teller: String

  /// Reads the element that begins here.
  ///
  /// - Returns: nil for one without a name.
  func read(_ walk: inout DocumentWalk, of stream: StreamFacts.Key) -> ConsumerFacts? {
    var consumer = ConsumerFacts("", of: stream)
    var isBound = false
    var moved: (delivered: Int?, acknowledged: Int?)
    walk.members(Self.names) { walk, place in
      switch place {
      case 0: consumer.name = walk.string() ?? ""
      case 1: consumer.settings = readSettings(&walk)
      case 2: moved.delivered = read(&consumer.delivered, &walk)
      case 3: moved.acknowledged = read(&consumer.ackFloor, &walk)
      case 4: consumer.unacknowledged = walk.amount() ?? 0
      case 5: consumer.redelivered = walk.amount() ?? 0
      case 6: consumer.waiting = walk.amount() ?? 0
      case 7: consumer.pending = walk.amount() ?? 0
      case 8: isBound = walk.isTrue()
      case 9: consumer.isPaused = walk.isTrue()
      case 10: consumer.raft = RaftView(&walk)
      default: readGroups(&consumer, &walk)
      }
    }
    guard !consumer.name.isEmpty else { return nil }
    // One of a server that stands alone is its own.
    consumer.isToldByLeader = consumer.raft.map { $0.leader == teller } ?? true
    // False is left out, of those that are pulled as of those that are pushed.
    consumer.isBound = isBound || consumer.settings?.deliverSubject.isEmpty ?? true
    if consumer.settings?.metadata.isEmpty == false {
      consumer.delivered.lastActive = time(moved.delivered, walk)
      consumer.ackFloor.lastActive = time(moved.acknowledged, walk)
    }
    return consumer
  }

  /// Looks who an element is and who leads it, and passes over all else: most of what a server tells of consumers others tell better.
  ///
  /// - Parameter teller: Who leads one that has no group.
  static func glance(_ walk: inout DocumentWalk, _ teller: String) -> (name: String, leader: String) {
    var (name, leader) = ("", teller)
    walk.members(Self.named) { walk, place in
      guard place == 1 else { return name = walk.string() ?? "" }
      walk.members(Self.leader) { walk, _ in leader = walk.string() ?? teller }
    }
    return (name, leader)
  }

  private func readSettings(_ walk: inout DocumentWalk) -> ConsumerFacts.Settings {
    var settings = ConsumerFacts.Settings()
    walk.members(Self.settings) { walk, place in
      switch place {
      case 0: settings.deliverSubject = walk.string() ?? ""
      case 1: settings.isAcknowledged = walk.word(Self.unacknowledged) == -1
      case 2: settings.maxDeliver = walk.limit()
      case 3: settings.maxAckPending = walk.limit()
      case 4:
        let policy = walk.word(Self.priorities)
        settings.isPinned = policy == 0
        if policy == 1 { settings.holdsBack = true }
      case 5: settings.metadata = Metadata.read(&walk)
      default: if walk.word(Self.original) == 0 { settings.holdsBack = true }
      }
    }
    return settings
  }

  /// - Returns: Where it stands when it moved last: few are asked for that.
  private func read(_ progress: inout ConsumerFacts.Progress, _ walk: inout DocumentWalk) -> Int? {
    var moved: Int?
    walk.members(Self.progress) { walk, place in
      switch place {
      case 0: progress.consumer = walk.amount() ?? 0
      case 1: progress.stream = walk.amount() ?? 0
      default:
        moved = walk.index
        walk.skip()
      }
    }
    return moved
  }

  private func time(_ place: Int?, _ walk: DocumentWalk) -> Timestamp? {
    guard let place else { return nil }
    var walk = walk
    walk.go(to: place)
    return walk.time()
  }

  private func readGroups(_ consumer: inout ConsumerFacts, _ walk: inout DocumentWalk) {
    walk.elements { walk in
      var isPinned = false
      walk.members(Self.group) { walk, _ in isPinned = walk.string()?.isEmpty == false }
      consumer.groups += 1
      if isPinned { consumer.pinnedGroups += 1 }
    }
  }
}
