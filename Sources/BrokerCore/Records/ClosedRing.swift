/// The last connections that were closed, for monitoring.
package struct ClosedRing {
  private var storage: [ConnectionRecord] = []
  package let capacity: Int
  /// Since start.
  package private(set) var total: UInt64 = 0
  /// Subscriptions kept in all records together: a client with a hundred thousand must not be paid for ten thousand times.
  private var details = 0
  private static let detailLimit = 50_000
  /// Records before this one have had their subscriptions dropped; their number stays.
  private var stripped: UInt64 = 0

  package init(capacity: Int) { self.capacity = max(0, capacity) }

  package mutating func append(_ record: ConnectionRecord) {
    let sequence = total
    total += 1
    guard capacity > 0 else { return }
    if storage.count < capacity {
      storage.append(record)
    } else {
      let place = Int(sequence % UInt64(capacity))
      details -= storage[place].subscriptions.count
      storage[place] = record
    }
    details += record.subscriptions.count
    stripped = max(stripped, total - UInt64(storage.count))
    while details > Self.detailLimit && stripped < total {
      let place = Int(stripped % UInt64(capacity))
      details -= storage[place].subscriptions.count
      storage[place].subscriptions = []
      stripped += 1
    }
  }

  package var count: Int { storage.count }

  /// Oldest first.
  package var records: [ConnectionRecord] {
    guard storage.count == capacity, capacity > 0 else { return storage }
    let next = Int(total % UInt64(capacity))
    return Array(storage[next...] + storage[..<next])
  }

  /// The record of a connection that was closed lately; nil when it has gone from the ring.
  package func latest(_ cid: UInt64) -> ConnectionRecord? {
    guard !storage.isEmpty else { return nil }
    let newest = Int((total - 1) % UInt64(storage.count))
    for back in 0..<storage.count {
      let place = (newest + storage.count - back) % storage.count
      if storage[place].cid == cid { return storage[place] }
    }
    return nil
  }
}
