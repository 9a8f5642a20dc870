/// Values by the number of their ask.
///
/// Their owner numbers asks one after the other, and nobody outside chooses a number: one multiplication spreads them, where a dictionary
/// would compute a keyed hash, four times a request. An open-addressed table with linear probing, half empty at least. Numbers stand apart
/// from values, so that a search touches no value and counts no reference.
public struct AskTable<Value> {
  /// What a burst of requests fills without a table that grows.
  private static var smallest: Int { 256 }
  /// No ask has this number.
  private static var none: UInt64 { .max }

  private var numbers: [UInt64] = Array(repeating: AskTable.none, count: AskTable.smallest)
  private var values: [Value?] = Array(repeating: nil, count: AskTable.smallest)
  public private(set) var count = 0
  public var isEmpty: Bool { count == 0 }

  public init() {}

  /// Fibonacci hashing: the high bits of the product, as many as the table has places for.
  private func home(_ number: UInt64) -> Int {
    Int(truncatingIfNeeded: (number &* 0x9E37_79B9_7F4A_7C15) >> UInt64(64 - numbers.count.trailingZeroBitCount))
  }

  /// Where the id stands, or the free place where it would.
  private func place(_ id: AskID) -> (index: Int, isThere: Bool) {
    var index = home(id.number)
    while numbers[index] != AskTable.none {
      if numbers[index] == id.number { return (index, true) }
      index = (index + 1) & (numbers.count - 1)
    }
    return (index, false)
  }

  public func contains(_ id: AskID) -> Bool { place(id).isThere }

  public subscript(id: AskID) -> Value? {
    get { values[place(id).index] }
    set { if let newValue { insert(newValue, for: id) } else { removeValue(forKey: id) } }
  }

  /// The same as setting it, without a copy of the value.
  public mutating func insert(_ value: consuming Value, for id: AskID) {
    let place = place(id)
    values[place.index] = consume value
    guard !place.isThere else { return }
    numbers[place.index] = id.number
    count += 1
    if count * 2 > numbers.count { resize(to: numbers.count * 2) }
  }

  @discardableResult
  public mutating func removeValue(forKey id: AskID) -> Value? {
    let place = place(id)
    guard place.isThere else { return nil }
    let value = values[place.index].take()
    numbers[place.index] = AskTable.none
    count -= 1
    closeGap(at: place.index)
    if numbers.count > AskTable.smallest, count * 16 < numbers.count { resize(to: numbers.count / 4) }
    return value
  }

  /// Whoever stands behind a place that became free and was pushed past it moves up, so that a search need not go over gaps.
  private mutating func closeGap(at free: Int) {
    let mask = numbers.count - 1
    var (gap, index) = (free, (free + 1) & mask)
    while numbers[index] != AskTable.none {
      if (index - home(numbers[index])) & mask >= (index - gap) & mask {
        numbers.swapAt(gap, index)
        values.swapAt(gap, index)
        gap = index
      }
      index = (index + 1) & mask
    }
  }

  private mutating func resize(to size: Int) {
    let (oldNumbers, oldValues) = (numbers, values)
    numbers = Array(repeating: AskTable.none, count: max(size, AskTable.smallest))
    values = Array(repeating: nil, count: numbers.count)
    for (number, value) in zip(oldNumbers, oldValues) where number != AskTable.none {
      let index = place(AskID(number: number)).index
      (numbers[index], values[index]) = (number, value)
    }
  }
}

extension AskTable: Sendable where Value: Sendable {}

extension AskTable: Equatable where Value: Equatable {
  /// The same values under the same ids, wherever they stand.
  public static func == (left: AskTable, right: AskTable) -> Bool {
    left.count == right.count
      && zip(left.numbers, left.values).allSatisfy { number, value in
        number == none || right[AskID(number: number)] == value
      }
  }
}
