import CSQLite
import Synchronization
import Wire

/// Epochs in one SQLite file of a folder.
public final class SQLiteRecordStore: RecordStore, @unchecked Sendable {
  // Sendable: the writer and the folder are touched under `writing` only, idle readers under `idle`; a reader in use belongs to its caller.

  /// Readers that are kept open while nobody reads.
  private static let idleReaders = 2

  /// What the damaged file is called that was found at the start, where there was one.
  public let fileSetAside: String?

  private let file: String
  /// Locked while it may be written; nil where it is only read, and once it is closed.
  private var folder: RecordFolder?
  private let isReadOnly: Bool
  /// Nobody writes the file, and nothing can be made beside it.
  private let isUnchanging: Bool
  private let writing = Mutex(())
  private var writer: RecordWriter?
  private let idle = Mutex(())
  private var readers: [RecordReader] = []
  private var isClosed = false

  /// Opens the record of a folder, and makes it where there is none.
  ///
  /// - Parameters:
  ///   - setsAside: Look through what is there, which takes as long as reading it; where it is damaged, rename it and begin anew.
  ///   - packers: Documents that are packed beside each other, each on a processor of its own. A gateway has other things to do.
  /// - Throws: What is there and cannot be used is left as it is.
  public init(folder path: String, setsAside: Bool = false, packers: Int = 1) throws(RecordError) {
    let folder = try RecordFolder(path)
    self.folder = folder
    isReadOnly = false
    isUnchanging = false
    file = folder.file
    fileSetAside = setsAside ? try folder.setAsideWhereDamaged() : nil
    writer = try RecordWriter(path: folder.file, packers: packers)
  }

  /// Opens the record of a folder to read it alone, also beside a process that writes there. Nothing is made where there is none.
  ///
  /// - Throws: What is there and cannot be used is left as it is.
  public init(reading path: String) throws(RecordError) {
    (file, isUnchanging) = try RecordFolder.readable(path)
    folder = nil
    isReadOnly = true
    fileSetAside = nil
    readers = [try RecordReader(checking: file, isUnchanging: isUnchanging)]
  }

  public func write(_ epoch: Epoch) throws(RecordError) -> EpochHeader? {
    try write { writer throws(RecordError) in try writer.write(epoch) }
  }

  public func write(_ blocks: [SeriesBlock]) throws(RecordError) {
    try write { writer throws(RecordError) in try writer.write(blocks) }
  }

  public func trim(before: Timestamp?, bytes: Int?) throws(RecordError) {
    try write { writer throws(RecordError) in try writer.trim(before: before, bytes: bytes) }
  }

  public func close() {
    // The last connection works the log in: it has to be the one that writes.
    idle.withLock { _ in
      isClosed = true
      readers.removeAll()
    }
    // Another may write from now on, whoever still holds this one.
    writing.withLock { _ in
      writer = nil
      folder = nil
    }
  }

  public func epochs(since: Timestamp?, until: Timestamp?, most: Int) throws(RecordError) -> [EpochHeader] {
    try read { reader throws(RecordError) in try reader.epochs(since: since, until: until, most: most) }
  }

  public func epoch(at moment: Timestamp) throws(RecordError) -> EpochHeader? {
    try read { reader throws(RecordError) in try reader.epoch(at: moment) }
  }

  public func epoch(number: Int) throws(RecordError) -> EpochHeader? {
    try read { reader throws(RecordError) in try reader.epoch(number: number) }
  }

  public func beliefs(ofEpoch number: Int) throws(RecordError) -> [UInt8] {
    try read { reader throws(RecordError) in try reader.beliefs(ofEpoch: number) }
  }

  public func documents(ofEpoch number: Int, named document: String) throws(RecordError) -> [RecordedDocument] {
    try read { reader throws(RecordError) in try reader.documents(ofEpoch: number, named: document) }
  }

  public func documents(
    named document: String, since: Timestamp, until: Timestamp, most: Int, _ each: (EpochHeader, RecordedDocument) -> Bool
  ) throws(RecordError) {
    try read { reader throws(RecordError) in
      try reader.documents(named: document, since: since, until: until, most: most, each)
    }
  }

  public func blocks(
    _ kind: String, hours: ClosedRange<Int>, of entities: SeriesEntities, _ each: (SeriesBlock) -> Bool
  ) throws(RecordError) {
    try read { reader throws(RecordError) in try reader.blocks(kind, hours: hours, of: entities, each) }
  }

  public func extent() throws(RecordError) -> RecordExtent? {
    try read { reader throws(RecordError) in try reader.extent() }
  }

  /// The file may take so many pages at most.
  package func limitForTests(pages: Int) { writing.withLock { _ in writer?.limit(pages: pages) } }

  private func write<Result>(_ body: (RecordWriter) throws(RecordError) -> Result) throws(RecordError) -> Result {
    let result = writing.withLock { _ -> Swift.Result<Result, RecordError> in
      guard let writer else {
        return .failure(.failed(path: file, reason: isReadOnly ? "it was opened to be read" : "it is closed"))
      }
      do throws(RecordError) { return .success(try body(writer)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  private func read<Result>(_ body: (RecordReader) throws(RecordError) -> Result) throws(RecordError) -> Result {
    let reader: RecordReader
    if let known = idle.withLock({ _ in readers.popLast() }) {
      reader = known
    } else {
      reader = try RecordReader(path: file, isUnchanging: isUnchanging)
    }
    let result = try body(reader)
    idle.withLock { _ in if !isClosed, readers.count < SQLiteRecordStore.idleReaders { readers.append(reader) } }
    return result
  }
}
