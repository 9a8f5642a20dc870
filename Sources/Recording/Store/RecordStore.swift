import Wire

/// Where epochs are kept.
///
/// Every call may take as long as a disk does: none is for a shard. Calls may come from several threads at once.
public protocol RecordStore: AnyObject, Sendable {
  /// Keeps an epoch, wholly or not at all. One of the same number that is there already stays, and this one is dropped.
  ///
  /// - Returns: The header with the bytes that it takes; nil where it was there already.
  func write(_ epoch: Epoch) throws(RecordError) -> EpochHeader?
  /// The epochs of a span, both ends included, the oldest first.
  ///
  /// - Parameter most: At most so many, the newest of them.
  func epochs(since: Timestamp?, until: Timestamp?, most: Int) throws(RecordError) -> [EpochHeader]
  /// The newest epoch that is not younger than a moment; nil where there is none.
  func epoch(at moment: Timestamp) throws(RecordError) -> EpochHeader?
  func epoch(number: Int) throws(RecordError) -> EpochHeader?
  /// What was believed. ``RecordError/gone(epoch:)`` for an epoch that is not kept, here and below.
  func beliefs(ofEpoch number: Int) throws(RecordError) -> [UInt8]
  /// Every server's document of one name, with those about each account where it is one of these; ordered by server and account.
  func documents(ofEpoch number: Int, named document: String) throws(RecordError) -> [RecordedDocument]
  /// Every server's documents of one name in each epoch of a span, both ends included: the oldest epoch first, within it by server and
  /// account. One frame is unpacked for each document, but for those that the first epoch's rest on.
  ///
  /// - Parameters:
  ///   - most: At most so many documents.
  ///   - each: Told of one document after the other, on the caller's thread; false ends it. It calls no store.
  func documents(
    named document: String, since: Timestamp, until: Timestamp, most: Int, _ each: (EpochHeader, RecordedDocument) -> Bool
  ) throws(RecordError)
  /// Keeps blocks, all of them or none. One with the key of another takes its place.
  func write(_ blocks: [SeriesBlock]) throws(RecordError)
  /// The blocks of some things of a kind within a span of hours, each thing's by hour, things in no order.
  ///
  /// - Parameter each: As above.
  func blocks(
    _ kind: String, hours: ClosedRange<Int>, of entities: SeriesEntities, _ each: (SeriesBlock) -> Bool
  ) throws(RecordError)
  /// Gives up the oldest epochs until what is left is within bounds, and blocks where that is not enough.
  ///
  /// - Parameters:
  ///   - before: Epochs older than this go, a few dozen at each call; and blocks whose hour was over by then, a few hours at each call.
  ///   - bytes: The whole takes no more than this, beside the epochs that others will rest on. Blocks that are older than all epochs go
  ///     before these where blocks take more than a quarter of it; the others when no epochs are left to go, and none goes for those that stay.
  func trim(before: Timestamp?, bytes: Int?) throws(RecordError)
  /// What is kept, from the oldest to the newest; nil where nothing is.
  func extent() throws(RecordError) -> RecordExtent?
  /// Ends writing. Nothing is called afterwards.
  func close()
}

/// What a store holds.
public struct RecordExtent: Sendable, Equatable {
  public var oldest: Timestamp
  public var newest: Timestamp
  public var epochs: Int
  /// On disk or in memory.
  public var bytes: Int

  public init(oldest: Timestamp, newest: Timestamp, epochs: Int, bytes: Int) {
    self.oldest = oldest
    self.newest = newest
    self.epochs = epochs
    self.bytes = bytes
  }
}
