import Compression
import Wire

/// Writes a ZIP file from its front to its end. Bytes are handed on as they come to be: of an entry nothing is kept but what the directory
/// needs. Equal calls give equal bytes. For one thread at a time.
public final class ZipWriter {
  /// Why nothing can be written, or not this.
  public enum Refusal: Error, Equatable, Sendable, CustomStringConvertible {
    case badName(shown: String, EntryPath.Fault)
    case nameTooLong(found: Int, limit: Int)
    case duplicateName(String)
    /// An entry that was not announced as large grew beyond 4 GiB.
    case tooLarge(String)
    case tooManyEntries(limit: Int)
    /// The sink failed before, or the archive has its end: nothing can follow.
    case ended

    public var description: String {
      switch self {
      case .badName(let name, let fault): "the entry \(name) \(fault)"
      case .nameTooLong(let found, let limit): "the name of an entry has \(found) bytes: expected \(limit) at most"
      case .duplicateName(let name): "there is an entry \(name) already"
      case .tooLarge(let name): "the entry \(name) has more than 4 GiB, which has to be said when it is begun"
      case .tooManyEntries(let limit): "the ZIP file has \(limit) entries, and no more are written"
      case .ended: "the ZIP file has its end, or broke off"
      }
    }
  }

  private struct Record {
    let name: String
    let flags: UInt16
    let isLarge: Bool
    let offset: UInt64
    var checksum: UInt32 = 0
    var size: UInt64 = 0
    var packedSize: UInt64 = 0
  }

  /// Bytes handed on so far, and what stands before them.
  public private(set) var offset: UInt64
  /// The most entries, and bytes of a name, as the reader takes them.
  private let limits: ZipLimits
  private let sink: (ArraySlice<UInt8>) throws -> Void
  private let deflater: Deflater
  private let stamp: (date: UInt16, time: UInt16)
  private let extra: [UInt8]
  private var records: [Record] = []
  private var names: Set<String> = []
  private var open: Record?
  private var isEnded = false

  /// - Parameters:
  ///   - modified: the time of all entries.
  ///   - offset: bytes that stand before this in the same file; 0 where it begins here.
  ///   - level: zlib's, from 1 (fast) to 9 (small).
  ///   - sink: takes the bytes in order. Once it has thrown, nothing more is written.
  /// - Throws: only where there is no memory.
  public init(
    modified: Timestamp, offset: UInt64 = 0, level: Int32 = 6, limits: ZipLimits = ZipLimits(),
    sink: @escaping (ArraySlice<UInt8>) throws -> Void
  ) throws {
    deflater = try Deflater(level: level)
    stamp = modified.dosDateTime
    extra = ZipWriter.timestamp(modified)
    self.offset = offset
    self.limits = limits
    self.sink = sink
  }

  /// UTC in seconds, where 32 bits hold them: the DOS form has no zone.
  private static func timestamp(_ moment: Timestamp) -> [UInt8] {
    guard let seconds = UInt32(exactly: moment.seconds) else { return [] }
    var bytes: [UInt8] = []
    bytes.append(littleEndian: ZipFormat.Extra.timestamp)
    bytes.append(littleEndian: UInt16(5))
    bytes.append(1)
    bytes.append(littleEndian: seconds)
    return bytes
  }

  /// Writes a whole entry.
  public func add(_ name: String, _ bytes: some Collection<UInt8>) throws {
    try begin(name)
    try write(bytes)
    try end()
  }

  /// Begins an entry; the one before it has to be ended.
  ///
  /// - Parameter isLarge: whether it may have 4 GiB or more.
  /// - Throws: ``Refusal`` where the name cannot be one; then nothing has been written, and others may follow. What the sink throws.
  public func begin(_ name: String, isLarge: Bool = false) throws {
    guard !isEnded, open == nil else { throw Refusal.ended }
    let shown = EntryPath.shown(name.utf8)
    if let fault = EntryPath.fault(in: name.utf8) { throw Refusal.badName(shown: shown, fault) }
    let mostName = min(limits.nameLength, Int(UInt16.max))
    guard name.utf8.count <= mostName else { throw Refusal.nameTooLong(found: name.utf8.count, limit: mostName) }
    guard records.count < limits.entries else { throw Refusal.tooManyEntries(limit: limits.entries) }
    guard names.insert(name).inserted else { throw Refusal.duplicateName(shown) }
    // Names that are ASCII are the same in every character set.
    let isASCII = name.utf8.allSatisfy { $0 < 0x80 }
    let record = Record(
      name: name, flags: ZipFormat.Flags.descriptor | (isASCII ? 0 : ZipFormat.Flags.utf8), isLarge: isLarge, offset: offset)
    var header: [UInt8] = []
    header.append(littleEndian: ZipFormat.localHeader)
    appendCommon(record, sizes: (0, 0), to: &header)
    var extra = extra
    if isLarge { ZipWriter.appendWide([0, 0], to: &extra) }
    header.append(littleEndian: UInt16(extra.count))
    header += name.utf8
    header += extra
    try put(header[...])
    open = record
  }

  /// Adds bytes to the entry that was begun.
  public func write(_ bytes: some Collection<UInt8>) throws {
    if try bytes.withContiguousStorageIfAvailable({ try write(UnsafeRawBufferPointer($0)) }) == nil {
      try Array(bytes).withUnsafeBytes { try write($0) }
    }
  }

  private func write(_ bytes: UnsafeRawBufferPointer) throws {
    guard !isEnded, var record = open else { throw Refusal.ended }
    record.checksum = CRC32.update(record.checksum, bytes)
    record.size += UInt64(bytes.count)
    guard record.isLarge || record.size < UInt32.max else {
      isEnded = true
      throw Refusal.tooLarge(EntryPath.shown(record.name.utf8))
    }
    try deflater.write(bytes) { chunk in
      record.packedSize += UInt64(chunk.count)
      try put(chunk)
    }
    open = record
  }

  /// Ends the entry that was begun.
  public func end() throws {
    guard !isEnded, var record = open else { throw Refusal.ended }
    try deflater.finish { chunk in
      record.packedSize += UInt64(chunk.count)
      try put(chunk)
    }
    guard record.isLarge || record.packedSize < UInt32.max else {
      isEnded = true
      throw Refusal.tooLarge(EntryPath.shown(record.name.utf8))
    }
    var descriptor: [UInt8] = []
    descriptor.append(littleEndian: ZipFormat.descriptor)
    descriptor.append(littleEndian: record.checksum)
    if record.isLarge {
      descriptor.append(littleEndian: record.packedSize)
      descriptor.append(littleEndian: record.size)
    } else {
      descriptor.append(littleEndian: UInt32(record.packedSize))
      descriptor.append(littleEndian: UInt32(record.size))
    }
    try put(descriptor[...])
    records.append(record)
    open = nil
  }

  /// Writes the directory: the end of the file.
  public func finish() throws {
    guard !isEnded, open == nil else { throw Refusal.ended }
    let start = offset
    var bytes: [UInt8] = []
    for record in records {
      append(record, to: &bytes)
      if bytes.count >= 65_536 {
        try put(bytes[...])
        bytes.removeAll(keepingCapacity: true)
      }
    }
    try put(bytes[...])
    try put(ZipWriter.end(entries: UInt64(records.count), start: start, size: offset - start)[...])
    isEnded = true
  }

  private func put(_ bytes: ArraySlice<UInt8>) throws {
    guard !bytes.isEmpty else { return }
    do { try sink(bytes) } catch {
      isEnded = true
      throw error
    }
    offset += UInt64(bytes.count)
  }

  // MARK: Records

  /// What an entry's own header and its record in the directory have in common, from the version to the length of the name.
  private func appendCommon(_ record: Record, sizes: (packed: UInt32, size: UInt32), to bytes: inout [UInt8]) {
    let isWide = record.isLarge || record.offset >= UInt32.max
    bytes.append(littleEndian: UInt16(isWide ? 45 : 20))
    bytes.append(littleEndian: record.flags)
    bytes.append(littleEndian: ZipFormat.deflated)
    bytes.append(littleEndian: stamp.time)
    bytes.append(littleEndian: stamp.date)
    bytes.append(littleEndian: record.checksum)
    bytes.append(littleEndian: sizes.packed)
    bytes.append(littleEndian: sizes.size)
    bytes.append(littleEndian: UInt16(record.name.utf8.count))
  }

  private func append(_ record: Record, to bytes: inout [UInt8]) {
    var extra = extra
    var wide: [UInt64] = []
    if record.isLarge { wide += [record.size, record.packedSize] }
    if record.offset >= UInt32.max { wide.append(record.offset) }
    if !wide.isEmpty { ZipWriter.appendWide(wide, to: &extra) }
    bytes.append(littleEndian: ZipFormat.directoryHeader)
    // By Unix, whose rights stand in the upper half of the attributes.
    bytes.append(littleEndian: UInt16(3 << 8 | (wide.isEmpty ? 20 : 45)))
    appendCommon(
      record, sizes: record.isLarge ? (.max, .max) : (UInt32(record.packedSize), UInt32(record.size)), to: &bytes)
    bytes.append(littleEndian: UInt16(extra.count))
    // No comment, the first disk, no text.
    for _ in 0..<3 { bytes.append(littleEndian: UInt16(0)) }
    bytes.append(littleEndian: UInt32(0o100644) << 16)
    bytes.append(littleEndian: UInt32(clamping: record.offset))
    bytes += record.name.utf8
    bytes += extra
  }

  private static func appendWide(_ values: [UInt64], to extra: inout [UInt8]) {
    extra.append(littleEndian: ZipFormat.Extra.zip64)
    extra.append(littleEndian: UInt16(values.count * 8))
    for value in values { extra.append(littleEndian: value) }
  }

  private static func end(entries: UInt64, start: UInt64, size: UInt64) -> [UInt8] {
    var bytes: [UInt8] = []
    if entries >= UInt16.max || size >= UInt32.max || start >= UInt32.max {
      bytes.append(littleEndian: ZipFormat.end64)
      bytes.append(littleEndian: UInt64(ZipFormat.end64Size - 12))
      bytes.append(littleEndian: UInt16(3 << 8 | 45))
      bytes.append(littleEndian: UInt16(45))
      bytes.append(littleEndian: UInt64(0))
      for value in [entries, entries, size, start] { bytes.append(littleEndian: value) }
      bytes.append(littleEndian: ZipFormat.locator64)
      bytes.append(littleEndian: UInt32(0))
      bytes.append(littleEndian: start + size)
      bytes.append(littleEndian: UInt32(1))
    }
    bytes.append(littleEndian: ZipFormat.end)
    bytes.append(littleEndian: UInt32(0))
    for _ in 0..<2 { bytes.append(littleEndian: UInt16(clamping: entries)) }
    bytes.append(littleEndian: UInt32(clamping: size))
    bytes.append(littleEndian: UInt32(clamping: start))
    bytes.append(littleEndian: UInt16(0))
    return bytes
  }
}
