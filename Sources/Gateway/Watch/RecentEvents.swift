import DequeModule

/// The events that were heard last, so that one that comes again is known. While a connection is given up for another, a message may
/// reach the gateway over both ways.
struct RecentEvents {
  private let capacity: Int
  private var order: Deque<String> = []
  private var seen: Set<String> = []

  init(capacity: Int = 8192) { self.capacity = capacity }

  /// Takes an event up; false where it was there already. What has no identity is always new.
  mutating func isNew(_ facts: EventFacts) -> Bool {
    guard !facts.identity.isEmpty else { return true }
    let key = facts.kind.rawValue + " " + facts.identity
    guard key.utf8.count <= 256, seen.insert(key).inserted else { return key.utf8.count > 256 }
    order.append(key)
    if order.count > capacity { seen.remove(order.removeFirst()) }
    return true
  }
}
