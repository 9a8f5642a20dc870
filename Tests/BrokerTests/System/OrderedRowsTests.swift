import Testing

@testable import BrokerSystem

@Suite struct OrderedRowsTests {
  /// Rows that were put in order a few at a time stand as a sort of all of them would put them.
  @Test(arguments: [(0, true), (1, true), (255, false), (256, true), (257, false), (5_000, true), (5_000, false)])
  func agreesWithSorting(_ count: Int, _ isUpwards: Bool) {
    var generator = SystemRandomNumberGenerator()
    let keys = (0..<count).map { _ in UInt64.random(in: 0...40, using: &generator) + (Bool.random() ? 0 : .max - 40) }
    let ids = (0..<UInt64(count)).shuffled()
    var rows = OrderedRows(isUpwards: isUpwards)
    for row in 0..<count { rows.add(row, key: keys[row], id: ids[row]) }
    #expect(rows.count == count)
    rows.seal()
    var taken: [Int] = []
    while let row = rows.takeFirst() { taken.append(row) }
    let sorted = (0..<count).sorted { a, b in
      keys[a] == keys[b] ? ids[a] < ids[b] : (keys[a] < keys[b]) == isUpwards
    }
    #expect(taken == sorted)
  }
}
