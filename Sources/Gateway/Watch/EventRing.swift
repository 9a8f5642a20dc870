import DequeModule
import Wire

/// The last events, bounded by number and by bytes.
struct EventRing {
  /// Most events, and most bytes of their text.
  let capacity: Int
  let byteCapacity: Int
  /// Differs for each start of the gateway, so that an id from before is known for what it is.
  let epoch: String
  private(set) var events: Deque<WatchedEvent> = []
  private(set) var bytes = 0
  private(set) var lastSequence: UInt64 = 0
  /// When the newest of those came that had to make room; nil where none had to.
  private(set) var forgotten: Timestamp?

  init(capacity: Int = 10_000, byteCapacity: Int = 16 << 20, epoch: String) {
    self.capacity = capacity
    self.byteCapacity = byteCapacity
    self.epoch = epoch
  }

  /// Gives an event its place.
  mutating func append(_ facts: EventFacts) -> WatchedEvent {
    lastSequence += 1
    let event = facts.event(lastSequence, epoch: epoch)
    events.append(event)
    bytes += EventRing.size(event)
    while events.count > capacity || (bytes > byteCapacity && events.count > 1) {
      let oldest = events.removeFirst()
      bytes -= EventRing.size(oldest)
      forgotten = oldest.received
    }
    return event
  }

  private static func size(_ event: WatchedEvent) -> Int { event.frame.count + (event.secretFrame?.count ?? 0) }

  /// Events that came within a span, its beginning left out: the first first.
  func heard(after since: Timestamp, until: Timestamp) -> [WatchedEvent] {
    Array(events.reversed().prefix { $0.received > since }.reversed().prefix { $0.received <= until })
  }

  /// What a reader that comes back gets: the events after its last one, and whether some of them are lost.
  enum Replay {
    /// Nothing is missing.
    case after([WatchedEvent])
    /// Events are missing before these; how many, where that is known.
    case gap(missed: UInt64?, [WatchedEvent])
  }

  /// - Parameter lastEventID: as the reader sent it.
  func replay(after lastEventID: String) -> Replay {
    let parts = lastEventID.split(separator: ".", maxSplits: 1)
    guard parts.count == 2, parts[0] == epoch, let sequence = UInt64(parts[1]), sequence <= lastSequence else {
      return .gap(missed: nil, Array(events))
    }
    let first = events.first?.sequence ?? lastSequence + 1
    // Sequences in the ring follow one another without holes.
    let later = Array(events.dropFirst(Int(sequence >= first ? sequence - first + 1 : 0)))
    if sequence + 1 >= first { return .after(later) }
    return .gap(missed: first - sequence - 1, later)
  }
}
