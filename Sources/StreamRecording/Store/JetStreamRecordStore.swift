import Logging
import Recording
import Synchronization
import Wire

/// Epochs in a JetStream stream, of an ordinary account: any number of gateways write there and show one history.
///
/// Every call asks servers, and ends some seconds after these fall silent. Nothing is lost with a gateway.
public final class JetStreamRecordStore: RecordStore, @unchecked Sendable {
  // Sendable: the publishers are touched under `writing` only; everything else is safe from any thread.

  /// Epochs of a span whose documents are fetched together.
  private static let portion = 16

  private let place: StreamPlace
  private let connection: StreamConnection
  private let api: StreamAPI
  private let keeper: StreamKeeper
  private let lister: EpochLister
  private let loader: EpochLoader
  private let series: SeriesReader
  private let writing = Mutex(())
  private let publisher: EpochPublisher
  private let blockPublisher: SeriesPublisher

  /// Begins to connect. The stream is looked for, and made, when something is written; until then there may be none.
  ///
  /// - Throws: Only what this machine lacks. What is wrong with the stream or the way to it is told by each call.
  public init(_ place: StreamPlace, log: Logger) throws(RecordError) {
    self.place = place
    connection = StreamConnection(place.client, log: log)
    api = StreamAPI(place, connection)
    let subjects = StreamSubjects(stream: place.stream)
    keeper = StreamKeeper(api, subjects, log: log)
    lister = EpochLister(api, subjects)
    loader = EpochLoader(api)
    series = SeriesReader(api, subjects)
    publisher = try EpochPublisher(api, subjects)
    blockPublisher = try SeriesPublisher(api, subjects, series)
  }

  public func close() { connection.close() }

  // MARK: Writing

  public func write(_ epoch: Epoch) throws(RecordError) -> EpochHeader? {
    try write { store throws(RecordError) in
      guard try store.lister.head(epoch.header.number) == nil else { return nil }
      return try store.publisher.write(epoch, to: try store.keeper.stream())
    }
  }

  public func write(_ blocks: [SeriesBlock]) throws(RecordError) {
    guard !blocks.isEmpty else { return }
    try write { store throws(RecordError) in try store.blockPublisher.write(blocks, to: try store.keeper.stream()) }
  }

  private func write<Value>(_ body: (JetStreamRecordStore) throws(RecordError) -> Value) throws(RecordError) -> Value {
    let result = writing.withLock { _ -> Result<Value, RecordError> in
      do throws(RecordError) { return .success(try body(self)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  /// The stream's own limits are in force: its servers give up what is too old or too much.
  public func trim(before: Timestamp?, bytes: Int?) {}

  // MARK: Epochs

  public func epochs(since: Timestamp?, until: Timestamp?, most: Int) throws(RecordError) -> [EpochHeader] {
    try lister.look().index.span(since: since, until: until).suffix(max(0, most)).map(\.header)
  }

  public func epoch(at moment: Timestamp) throws(RecordError) -> EpochHeader? {
    try lister.look().index.span(since: nil, until: moment).last?.header
  }

  public func epoch(number: Int) throws(RecordError) -> EpochHeader? { try lister.look().index.head(number)?.header }

  public func extent() throws(RecordError) -> RecordExtent? {
    let sight = try lister.look()
    guard let stream = sight.stream, let first = sight.index.heads.first, let last = sight.index.heads.last else { return nil }
    return RecordExtent(oldest: first.header.at, newest: last.header.at, epochs: sight.index.heads.count, bytes: stream.bytes)
  }

  // MARK: Documents

  public func beliefs(ofEpoch number: Int) throws(RecordError) -> [UInt8] {
    try contents(ofEpoch: number).beliefs
  }

  public func documents(ofEpoch number: Int, named document: String) throws(RecordError) -> [RecordedDocument] {
    let contents = try contents(ofEpoch: number)
    let found = try loader.documents(of: [contents], named: document, in: lister.seen)[0]
    return try take(found, ofEpoch: number)
  }

  public func documents(
    named document: String, since: Timestamp, until: Timestamp, most: Int, _ each: (EpochHeader, RecordedDocument) -> Bool
  ) throws(RecordError) {
    var left = most
    var heads = try lister.look().index.span(since: since, until: until)
    while !heads.isEmpty, left > 0 {
      let portion = Array(heads.prefix(JetStreamRecordStore.portion))
      heads = heads.dropFirst(portion.count)
      var contents: [EpochContents] = []
      for (head, found) in zip(portion, try loader.contents(of: portion, in: lister.seen)) {
        contents.append(try take(found, ofEpoch: head.header.number))
      }
      for (head, found) in zip(portion, try loader.documents(of: contents, named: document, in: lister.seen)) {
        for one in try take(found, ofEpoch: head.header.number) {
          guard left > 0, each(head.header, one) else { return }
          left -= 1
        }
      }
    }
  }

  private func contents(ofEpoch number: Int) throws(RecordError) -> EpochContents {
    guard let head = try lister.head(number) else { throw .gone(epoch: number) }
    return try take(try loader.contents(of: [head], in: lister.seen)[0], ofEpoch: number)
  }

  private func take<Value>(_ found: Result<Value, EpochLoader.Fault>, ofEpoch number: Int) throws(RecordError) -> Value {
    switch found {
    case .success(let value): return value
    case .failure(let fault):
      // What the stream has given up meanwhile is not damaged.
      if try lister.look().index.head(number) == nil { throw .gone(epoch: number) }
      throw .failed(path: place.text, reason: "epoch \(number) is not as it was written: \(fault.reason)")
    }
  }

  // MARK: Series

  public func blocks(
    _ kind: String, hours: ClosedRange<Int>, of entities: SeriesEntities, _ each: (SeriesBlock) -> Bool
  ) throws(RecordError) {
    try series.blocks(kind, hours: hours, of: entities, each)
  }
}
