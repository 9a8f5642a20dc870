/// The last connections that were closed, for monitoring.
struct ClosedRing {
  private var storage: [ConnectionRecord] = []
  private var next = 0
  let capacity: Int
  /// Since start.
  private(set) var total: UInt64 = 0

  init(capacity: Int) { self.capacity = max(0, capacity) }

  mutating func append(_ record: ConnectionRecord) {
    total += 1
    guard capacity > 0 else { return }
    if storage.count < capacity {
      storage.append(record)
    } else {
      storage[next] = record
      next = (next + 1) % capacity
    }
  }

  var count: Int { storage.count }

  /// Oldest first.
  var records: [ConnectionRecord] { Array(storage[next...] + storage[..<next]) }
}
