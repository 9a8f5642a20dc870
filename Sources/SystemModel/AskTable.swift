/// Values by the number of their ask.
///
/// Their owner numbers asks one after the other, and nobody outside chooses a number: one multiplication spreads them, where a dictionary
/// would compute a keyed hash, four times a request. An open-addressed table with linear probing, half empty at least.
public struct AskTable<Value> {
  fileprivate struct Entry {
    let id: AskID
    var value: Value
  }

  private static var smallest: Int { 64 }
  fileprivate var entries: [Entry?] = Array(repeating: nil, count: AskTable.smallest)
  public private(set) var count = 0
  public var isEmpty: Bool { count == 0 }

  public init() {}

  /// Fibonacci hashing: the high bits of the product, as many as the table has places for.
  private func home(_ id: AskID) -> Int {
    Int(truncatingIfNeeded: (id.number &* 0x9E37_79B9_7F4A_7C15) >> UInt64(64 - entries.count.trailingZeroBitCount))
  }

  /// Where the id stands, or the free place where it would.
  private func place(_ id: AskID) -> (index: Int, isThere: Bool) {
    var index = home(id)
    while let other = entries[index]?.id {
      if other == id { return (index, true) }
      index = (index + 1) & (entries.count - 1)
    }
    return (index, false)
  }

  public subscript(id: AskID) -> Value? {
    get { entries[place(id).index]?.value }
    set {
      guard let newValue else {
        removeValue(forKey: id)
        return
      }
      let place = place(id)
      if place.isThere {
        entries[place.index]?.value = newValue
      } else {
        entries[place.index] = Entry(id: id, value: newValue)
        count += 1
        if count * 2 > entries.count { resize(to: entries.count * 2) }
      }
    }
  }

  @discardableResult
  public mutating func removeValue(forKey id: AskID) -> Value? {
    let place = place(id)
    guard place.isThere else { return nil }
    let value = entries[place.index]?.value
    entries[place.index] = nil
    count -= 1
    closeGap(at: place.index)
    if entries.count > AskTable.smallest, count * 16 < entries.count { resize(to: entries.count / 4) }
    return value
  }

  /// Whoever stands behind a place that became free and was pushed past it moves up, so that a search need not go over gaps.
  private mutating func closeGap(at free: Int) {
    let mask = entries.count - 1
    var (gap, index) = (free, (free + 1) & mask)
    while let id = entries[index]?.id {
      if (index - home(id)) & mask >= (index - gap) & mask {
        entries.swapAt(gap, index)
        gap = index
      }
      index = (index + 1) & mask
    }
  }

  private mutating func resize(to size: Int) {
    let old = entries
    entries = Array(repeating: nil, count: max(size, AskTable.smallest))
    for case let entry? in old { entries[place(entry.id).index] = entry }
  }
}

extension AskTable: Sendable where Value: Sendable {}
extension AskTable.Entry: Sendable where Value: Sendable {}

extension AskTable: Equatable where Value: Equatable {
  /// The same values under the same ids, wherever they stand.
  public static func == (left: AskTable, right: AskTable) -> Bool {
    left.count == right.count
      && left.entries.allSatisfy { entry in entry.map { right[$0.id] == $0.value } ?? true }
  }
}
