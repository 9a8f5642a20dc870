#if canImport(Glibc)
  import Glibc
#endif

/// A hash of a run of bytes, seeded once per process so that a client cannot choose subjects that collide.
@inline(__always)
func hashBytes(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
  var hash = byteHashSeed ^ (UInt64(bytes.count) &* 0x9E37_79B9_7F4A_7C15)
  guard var cursor = bytes.baseAddress else { return hash }
  var left = bytes.count
  while left >= 8 {
    hash = (hash ^ cursor.loadUnaligned(as: UInt64.self)) &* 0xFF51_AFD7_ED55_8CCD
    hash ^= hash >> 32
    cursor += 8
    left -= 8
  }
  var rest: UInt64 = 0
  while left > 0 {
    rest = rest << 8 | UInt64(cursor.load(as: UInt8.self))
    cursor += 1
    left -= 1
  }
  hash = (hash ^ rest) &* 0xC4CE_B9FE_1A85_EC53
  return hash ^ (hash >> 29)
}

private let byteHashSeed = UInt64.random(in: .min ... .max)

/// Bytes → value, open addressing, looked up without making a key. Keys are copied in on insertion.
/// (A `Dictionary` would need an array per look-up and hash it with SipHash.)
package struct ByteTable<Value>: ~Copyable {
  private struct Slot {
    package var hash: UInt64
    /// Nil: free.
    package var key: UnsafeMutableRawPointer?
    package var length: Int
    package var value: Value?
  }

  private var slots: UnsafeMutablePointer<Slot>?
  private var mask = 0
  package private(set) var count = 0

  package init() {}

  deinit { release() }

  private func release() {
    guard let slots else { return }
    for index in 0...mask {
      free(slots[index].key)
    }
    slots.deinitialize(count: mask + 1)
    slots.deallocate()
  }

  subscript(_ key: UnsafeRawBufferPointer) -> Value? {
    guard let slots, count > 0 else { return nil }
    return find(key, hash: hashBytes(key)).flatMap { slots[$0].value }
  }

  @inline(__always)
  private func find(_ key: UnsafeRawBufferPointer, hash: UInt64) -> Int? {
    guard let slots else { return nil }
    var index = Int(truncatingIfNeeded: hash) & mask
    while let stored = slots[index].key {
      if slots[index].hash == hash && slots[index].length == key.count
        && (key.baseAddress.map { memcmp(stored, $0, key.count) == 0 } ?? true)
      {
        return index
      }
      index = (index + 1) & mask
    }
    return nil
  }

  /// Sets the value of `key`, which may be new.
  package mutating func set(_ key: UnsafeRawBufferPointer, _ value: Value) {
    let hash = hashBytes(key)
    if let index = find(key, hash: hash) {
      slots?[index].value = value
      return
    }
    if slots == nil || (count + 1) * 4 > (mask + 1) * 3 { grow() }
    guard let copy = malloc(max(key.count, 1)) else { return }
    if let base = key.baseAddress, key.count > 0 { memcpy(copy, base, key.count) }
    place(Slot(hash: hash, key: copy, length: key.count, value: value))
    count += 1
  }

  private func place(_ slot: Slot) {
    guard let slots else { return }
    var index = Int(truncatingIfNeeded: slot.hash) & mask
    while slots[index].key != nil { index = (index + 1) & mask }
    slots[index] = slot
  }

  private mutating func grow() {
    let old = slots
    let oldCapacity = old == nil ? 0 : mask + 1
    let capacity = max(2, oldCapacity * 2)
    let fresh = UnsafeMutablePointer<Slot>.allocate(capacity: capacity)
    fresh.initialize(repeating: Slot(hash: 0, key: nil, length: 0, value: nil), count: capacity)
    slots = fresh
    mask = capacity - 1
    guard let old else { return }
    for index in 0..<oldCapacity where old[index].key != nil { place(old[index]) }
    old.deinitialize(count: oldCapacity)
    old.deallocate()
  }

  /// Takes `key` out; the slots behind it move up so that no tombstone stays.
  @discardableResult
  package mutating func remove(_ key: UnsafeRawBufferPointer) -> Value? {
    guard let slots, var hole = find(key, hash: hashBytes(key)) else { return nil }
    let removed = slots[hole].value
    free(slots[hole].key)
    var index = hole
    while true {
      index = (index + 1) & mask
      guard slots[index].key != nil else { break }
      let home = Int(truncatingIfNeeded: slots[index].hash) & mask
      if ((index - home) & mask) >= ((index - hole) & mask) {
        slots[hole] = slots[index]
        hole = index
      }
    }
    slots[hole] = Slot(hash: 0, key: nil, length: 0, value: nil)
    count -= 1
    return removed
  }

  mutating func removeAll() {
    release()
    slots = nil
    mask = 0
    count = 0
  }

  package func forEach(_ body: (Value) -> Void) {
    guard let slots else { return }
    for index in 0...mask {
      if slots[index].key != nil, let value = slots[index].value { body(value) }
    }
  }

  /// Where a visit is that may be left off and gone on with.
  package struct Cursor {
    /// The lowest bits of the hashes that come next.
    fileprivate var home = 0
    package fileprivate(set) var isOver = false

    package init() {}

    /// Counts up, the highest bit first.
    fileprivate mutating func advance(_ mask: Int) {
      var bit = (mask + 1) >> 1
      while bit != 0, home & bit != 0 {
        home ^= bit
        bit >>= 1
      }
      if bit == 0 { isOver = true } else { home |= bit }
    }
  }

  /// Hands over the values of so many slots more; what stays in the table is met once, whatever comes or goes between two calls, unless
  /// `removeAll` is called. Values go by the lowest bits of their hashes, the lowest of these first: when the table doubles, those of one slot
  /// go to two that follow each other in that order.
  package func visit(from cursor: inout Cursor, slots limit: Int, _ body: (Value) -> Void) {
    guard let slots, count > 0 else {
      cursor.isOver = true
      return
    }
    for _ in 0..<limit where !cursor.isOver {
      // All whose place this is are in one run behind it.
      var index = cursor.home
      while slots[index].key != nil {
        if Int(truncatingIfNeeded: slots[index].hash) & mask == cursor.home, let value = slots[index].value { body(value) }
        index = (index + 1) & mask
      }
      cursor.advance(mask)
    }
  }

  func forEachKey(_ body: (UnsafeRawBufferPointer, Value) -> Void) {
    guard let slots else { return }
    for index in 0...mask {
      if let key = slots[index].key, let value = slots[index].value {
        body(UnsafeRawBufferPointer(start: key, count: slots[index].length), value)
      }
    }
  }
}
