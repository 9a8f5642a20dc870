import Wire

/// A document whose rows are found, put in order and written a few at a time, so that a large one holds nobody up: between two slices the
/// broker serves whatever has come meanwhile. Who is shown is decided at the start, each row as it is when its turn comes. Confined to the
/// broker's shard.
protocol DocumentInSlices: AnyObject {
  /// Does a bounded part of the work. True when the document is whole.
  func advance() -> Bool
  /// What has been written, behind what stood there when the document began.
  var json: JSONWriter { get set }
}

/// How much is done in one turn of the shard: some 0.2 ms of work in a release build, in units of a row that is only looked at.
struct Slice {
  /// What is left of it.
  private(set) var left = 2_000
  /// A row that is written.
  static let row = 40
  /// A row that is taken in its order.
  static let ordered = 2
  /// A subscription that is looked at or listed with a row.
  static let subscription = 5

  var isOver: Bool { left <= 0 }

  mutating func spend(_ units: Int) { left -= units }
}
