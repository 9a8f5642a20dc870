/// A document whose rows are written a few at a time, so that a large one holds nobody up: between two slices the broker serves whatever
/// has come meanwhile. What is shown is decided at the start, each row as it is when its turn comes. Confined to the broker's shard.
protocol DocumentInSlices: AnyObject {
  /// Does a bounded part of the work. True when the document is whole.
  func advance() -> Bool
  /// The document, once it is whole.
  var bytes: [UInt8] { get }
}

/// How much is done in one turn of the shard.
enum Slice {
  /// Rows; a subscription that is looked at or listed counts as one.
  static let rows = 250
}
