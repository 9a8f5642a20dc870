import Compression

/// Reads a ZIP file by its directory. All that a directory may lie about is checked when it is opened; the data when it is read.
public struct ZipReader: Sendable {
  /// In the order of the directory; folders are left out.
  public let entries: [ZipEntry]
  private let source: any ZipSource
  private let places: [String: Int]

  /// - Throws: what is wrong with the file, or beyond a limit.
  public init(_ source: some ZipSource, limits: ZipLimits = ZipLimits()) throws(ZipError) {
    self.source = source
    entries = try ZipDirectory(source, limits).entries
    places = Dictionary(uniqueKeysWithValues: entries.indices.map { [entries] in (entries[$0].name, $0) })
  }

  /// The entry of that name; nil where there is none.
  public func entry(named name: String) -> ZipEntry? { places[name].map { entries[$0] } }

  /// All bytes of an entry.
  ///
  /// - Throws: where they are damaged, or not as many as the directory says.
  public func read(_ entry: ZipEntry) throws -> [UInt8] {
    var bytes: [UInt8] = []
    // No more than the packed bytes can be expected to give: the size is somebody's word.
    bytes.reserveCapacity(Int(min(entry.size, max(entry.packedSize, 4_096) * 16)))
    try read(entry) { bytes += $0 }
    return bytes
  }

  /// Bytes of packed data that are read at once.
  private static let piece = 65_536

  /// Hands out an entry's bytes in pieces of at most 64 KiB. What was handed out before something wrong was found is not to be trusted.
  ///
  /// - Throws: where they are damaged, or not as many as the directory says; what `take` throws ends it at once.
  public func read(_ entry: ZipEntry, _ take: (ArraySlice<UInt8>) throws -> Void) throws {
    let shown = entry.name.debugDescription
    var place = try start(of: entry, shown)
    var left = entry.packedSize
    var sum = (checksum: UInt32(0), size: UInt64(0))
    func pass(_ bytes: ArraySlice<UInt8>) throws {
      sum.size += UInt64(bytes.count)
      // What lies beyond is not unfolded: the limits held for the size that was told.
      guard sum.size <= entry.size else { throw ZipError.wrongSize(shown, expected: entry.size, found: sum.size) }
      sum.checksum = bytes.withUnsafeBytes { CRC32.update(sum.checksum, $0) }
      try take(bytes)
    }
    let inflater = entry.method == ZipFormat.deflated ? try Inflater() : nil
    while left > 0 {
      let piece = try source.read(at: place, count: Int(min(left, UInt64(Self.piece))))
      place += UInt64(piece.count)
      left -= UInt64(piece.count)
      guard let inflater else {
        try pass(piece[...])
        continue
      }
      var failure: (any Error)?
      let used: Int
      do {
        used = try piece.withUnsafeBytes { bytes in
          try inflater.read(bytes) { chunk in
            do { try pass(chunk) } catch {
              failure = error
              throw error
            }
          }
        }
      } catch { throw failure ?? ZipError.damagedData(shown) }
      // The stream ends where the entry does.
      guard used == piece.count else { throw ZipError.damagedData(shown) }
    }
    guard inflater?.isAtEnd ?? true else { throw ZipError.damagedData(shown) }
    guard sum.size == entry.size else { throw ZipError.wrongSize(shown, expected: entry.size, found: sum.size) }
    guard sum.checksum == entry.checksum else {
      throw ZipError.wrongChecksum(shown, expected: entry.checksum, found: sum.checksum)
    }
  }

  /// Where an entry's data begins, by its own header, which must be the one that the directory speaks of.
  private func start(of entry: ZipEntry, _ shown: String) throws(ZipError) -> UInt64 {
    let head = ZipFormat.localHeaderSize + entry.name.utf8.count
    let bytes = try source.read(at: entry.offset, count: head)
    var reader = LittleEndianReader(bytes[...])
    guard reader.u32() == ZipFormat.localHeader, reader.u16() != nil, let flags = reader.u16(), let method = reader.u16(),
      reader.u32() != nil, let checksum = reader.u32(), reader.u64() != nil, let nameLength = reader.u16(), let extraLength = reader.u16()
    else { throw .damagedEntry(shown, "it has no header of its own") }
    guard Int(nameLength) == entry.name.utf8.count, bytes[ZipFormat.localHeaderSize...].elementsEqual(entry.name.utf8) else {
      throw .damagedEntry(shown, "its own header has another name")
    }
    guard method == entry.method, flags == entry.flags else {
      throw .damagedEntry(shown, "its own header says that it is packed otherwise")
    }
    guard flags & ZipFormat.Flags.descriptor != 0 || checksum == entry.checksum else {
      throw .damagedEntry(shown, "its own header has another checksum")
    }
    let start = entry.offset + UInt64(head) + UInt64(extraLength)
    guard start <= entry.bound, entry.bound - start >= entry.packedSize else { throw .overlapping(shown) }
    return start
  }
}
