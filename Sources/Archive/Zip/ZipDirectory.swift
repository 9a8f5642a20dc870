/// One entry as the directory has it. It is good for the reader that it came from.
public struct ZipEntry: Sendable, Equatable {
  public let name: String
  /// Bytes of its data in the file, and unpacked.
  public let packedSize: UInt64
  public let size: UInt64
  public let checksum: UInt32
  /// 0 or 8.
  let method: UInt16
  let flags: UInt16
  /// Where its own header begins.
  let offset: UInt64
  /// Where the next entry begins, or the directory: it ends before.
  var bound: UInt64 = 0

  /// Of a folder nothing is stored.
  var isFolder: Bool { name.utf8.last == UInt8(ascii: "/") }
}

/// Where the directory of a ZIP file is.
struct ZipEnd: Equatable {
  var entries: UInt64
  var size: UInt64
  var offset: UInt64
  /// Where what speaks of it begins; it ends there.
  var position: UInt64
}

extension ZipEnd {
  /// Bytes that may follow the end's own: a comment.
  private static let mostComment = 65_535

  /// - Throws: where the file has none, or one that contradicts itself.
  init(_ source: some ZipSource) throws(ZipError) {
    let count = Int(min(source.size, UInt64(ZipFormat.endSize + ZipEnd.mostComment)))
    let tail = try source.read(at: source.size - UInt64(count), count: count)
    guard let place = ZipEnd.place(in: tail) else { throw .noDirectory }
    var reader = LittleEndianReader(tail[(place + 4)...])
    guard let disk = reader.u16(), let first = reader.u16(), let here = reader.u16(), let entries = reader.u16(), let size = reader.u32(),
      let offset = reader.u32()
    else { throw .noDirectory }
    let position = source.size - UInt64(count - place)
    self.init(entries: UInt64(entries), size: UInt64(size), offset: UInt64(offset), position: position)
    if let wide = try ZipEnd.wide(source, before: position) {
      // Readers that look at the one must not see another archive than those that look at the other.
      guard entries == .max || UInt64(entries) == wide.entries, size == .max || UInt64(size) == wide.size,
        offset == .max || UInt64(offset) == wide.offset
      else { throw .damagedDirectory("its two ends contradict each other") }
      self = wide
    } else {
      guard disk == 0, first == 0, here == entries else { throw .spansSeveralFiles }
    }
    guard self.offset <= self.position, self.size == self.position - self.offset else {
      throw .damagedDirectory(
        "its end says that it has \(self.size) bytes from byte \(self.offset) on, and stands at byte \(self.position)")
    }
  }

  /// The last one whose comment reaches exactly to the file's end.
  private static func place(in tail: [UInt8]) -> Int? {
    guard tail.count >= ZipFormat.endSize else { return nil }
    for place in stride(from: tail.count - ZipFormat.endSize, through: 0, by: -1) where tail[place] == 0x50 {
      var reader = LittleEndianReader(tail[place...])
      guard reader.u32() == ZipFormat.end else { continue }
      var comment = LittleEndianReader(tail[(place + ZipFormat.endSize - 2)...])
      if let length = comment.u16(), place + ZipFormat.endSize + Int(length) == tail.count { return place }
    }
    return nil
  }

  /// The end in 64 bits, where one stands in front.
  private static func wide(_ source: some ZipSource, before position: UInt64) throws(ZipError) -> ZipEnd? {
    guard position >= UInt64(ZipFormat.locator64Size) else { return nil }
    let start = position - UInt64(ZipFormat.locator64Size)
    var locator = LittleEndianReader(try source.read(at: start, count: ZipFormat.locator64Size)[...])
    guard locator.u32() == ZipFormat.locator64 else { return nil }
    guard let disk = locator.u32(), let place = locator.u64(), let disks = locator.u32() else { return nil }
    guard disk == 0, disks <= 1 else { throw .spansSeveralFiles }
    guard place <= start, start - place >= UInt64(ZipFormat.end64Size) else {
      throw .damagedDirectory("its end in 64 bits is said to be at byte \(place)")
    }
    var reader = LittleEndianReader(try source.read(at: place, count: ZipFormat.end64Size)[...])
    guard reader.u32() == ZipFormat.end64, let size = reader.u64(), size == start - place - 12, reader.u32() != nil, let own = reader.u32(),
      let first = reader.u32(), let here = reader.u64(), let entries = reader.u64(), let bytes = reader.u64(), let offset = reader.u64()
    else { throw .damagedDirectory("its end in 64 bits is not at byte \(place)") }
    guard own == 0, first == 0, here == entries else { throw .spansSeveralFiles }
    return ZipEnd(entries: entries, size: bytes, offset: offset, position: place)
  }
}

/// Reads a directory's entries.
struct ZipDirectory {
  private(set) var entries: [ZipEntry] = []
  private let limits: ZipLimits
  private var total: UInt64 = 0

  /// - Throws: what is wrong with the directory, or beyond a limit.
  init(_ source: some ZipSource, _ limits: ZipLimits) throws(ZipError) {
    self.limits = limits
    let end = try ZipEnd(source)
    guard end.entries <= UInt64(limits.entries) else { throw .tooManyEntries(found: end.entries, limit: limits.entries) }
    guard end.size <= UInt64(limits.directoryBytes) else { throw .directoryTooLarge(found: end.size, limit: limits.directoryBytes) }
    // No entry has less than its header: a number that the bytes cannot hold is not believed.
    guard end.entries * UInt64(ZipFormat.directoryHeaderSize) <= end.size else {
      throw .damagedDirectory("it has \(end.size) bytes for \(end.entries) entries")
    }
    let bytes = try source.read(at: end.offset, count: Int(end.size))
    var reader = LittleEndianReader(bytes[...])
    var names: Set<String> = []
    entries.reserveCapacity(Int(end.entries))
    for _ in 0..<end.entries {
      let entry = try next(&reader)
      guard names.insert(entry.name).inserted else { throw .duplicateName(entry.name.debugDescription) }
      if !entry.isFolder { entries.append(entry) }
    }
    guard reader.left == 0 else { throw .damagedDirectory("\(reader.left) bytes follow its last entry") }
    try bound(end.offset)
  }

  private mutating func next(_ reader: inout LittleEndianReader) throws(ZipError) -> ZipEntry {
    let short = ZipError.damagedDirectory("an entry is cut short, or does not begin where the one before it ends")
    guard reader.u32() == ZipFormat.directoryHeader, reader.u32() != nil, let flags = reader.u16(), let method = reader.u16(),
      reader.u32() != nil, let checksum = reader.u32(), let packed = reader.u32(), let unpacked = reader.u32(),
      let nameLength = reader.u16(), let extraLength = reader.u16(), let commentLength = reader.u16(), let disk = reader.u16(),
      reader.u16() != nil, reader.u32() != nil, let offset = reader.u32(), let name = reader.slice(Int(nameLength)),
      let extra = reader.slice(Int(extraLength)), reader.slice(Int(commentLength)) != nil
    else { throw short }
    guard name.count <= limits.nameLength else { throw .nameTooLong(found: name.count, limit: limits.nameLength) }
    let text = try ZipDirectory.name(name)
    let shown = text.debugDescription
    var sizes = (size: UInt64(unpacked), packed: UInt64(packed), offset: UInt64(offset), disk: UInt32(disk))
    try ZipDirectory.widen(&sizes, (unpacked, packed, offset, disk), extra, shown)
    guard sizes.disk == 0 else { throw .spansSeveralFiles }
    let coded = ZipFormat.Flags.encrypted | ZipFormat.Flags.strongEncryption | ZipFormat.Flags.masked
    guard flags & coded == 0 else { throw .encrypted(shown) }
    guard method == ZipFormat.stored || method == ZipFormat.deflated, flags & ZipFormat.Flags.patch == 0 else {
      throw .unknownMethod(shown, method)
    }
    let entry = ZipEntry(
      name: text, packedSize: sizes.packed, size: sizes.size, checksum: checksum, method: method, flags: flags, offset: sizes.offset)
    try check(entry, shown)
    return entry
  }

  private static func name(_ bytes: ArraySlice<UInt8>) throws(ZipError) -> String {
    let shown = EntryPath.shown(bytes)
    // A folder's name ends with the slash.
    if let fault = EntryPath.fault(in: bytes.count > 1 && bytes.last == UInt8(ascii: "/") ? bytes.dropLast() : bytes) {
      throw .badName(shown: shown, fault)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw .badName(shown: shown, .noUTF8) }
    return text
  }

  /// Takes from the extra part what does not fit into 32 bits.
  private static func widen(
    _ sizes: inout (size: UInt64, packed: UInt64, offset: UInt64, disk: UInt32),
    _ narrow: (size: UInt32, packed: UInt32, offset: UInt32, disk: UInt16), _ extra: ArraySlice<UInt8>, _ shown: String
  ) throws(ZipError) {
    guard narrow.size == .max || narrow.packed == .max || narrow.offset == .max || narrow.disk == .max else { return }
    var fields = LittleEndianReader(extra)
    while let tag = fields.u16(), let length = fields.u16(), let body = fields.slice(Int(length)) {
      guard tag == ZipFormat.Extra.zip64 else { continue }
      var wide = LittleEndianReader(body)
      let missing = ZipError.damagedDirectory("the sizes of the entry \(shown) are said to be in 64 bits, and are not there")
      if narrow.size == .max {
        guard let value = wide.u64() else { throw missing }
        sizes.size = value
      }
      if narrow.packed == .max {
        guard let value = wide.u64() else { throw missing }
        sizes.packed = value
      }
      if narrow.offset == .max {
        guard let value = wide.u64() else { throw missing }
        sizes.offset = value
      }
      if narrow.disk == .max {
        guard let value = wide.u32() else { throw missing }
        sizes.disk = value
      }
      return
    }
  }

  private mutating func check(_ entry: ZipEntry, _ shown: String) throws(ZipError) {
    if entry.isFolder {
      guard entry.size == 0, entry.packedSize <= 2 else { throw .damagedDirectory("the folder \(shown) has bytes of its own") }
      return
    }
    guard entry.method == ZipFormat.deflated || entry.size == entry.packedSize else {
      throw .wrongSize(shown, expected: entry.size, found: entry.packedSize)
    }
    guard entry.size <= limits.entryBytes else { throw .entryTooLarge(shown, found: entry.size, limit: limits.entryBytes) }
    let (sum, overflow) = total.addingReportingOverflow(entry.size)
    guard !overflow, sum <= limits.totalBytes else { throw .archiveTooLarge(found: sum, limit: limits.totalBytes) }
    total = sum
    guard entry.size <= limits.looseBytes || (entry.size - limits.looseBytes) / limits.ratio <= entry.packedSize else {
      throw .tooDense(shown, packed: entry.packedSize, unpacked: entry.size, limit: limits.ratio)
    }
  }

  /// Each entry ends before the next one begins, and the last before the directory.
  private mutating func bound(_ end: UInt64) throws(ZipError) {
    var next = end
    for index in entries.indices.sorted(by: { (entries[$0].offset, $0) > (entries[$1].offset, $1) }) {
      let entry = entries[index]
      let head = UInt64(ZipFormat.localHeaderSize + entry.name.utf8.count)
      guard entry.offset < next, next - entry.offset >= head, next - entry.offset - head >= entry.packedSize else {
        throw .overlapping(entry.name.debugDescription)
      }
      entries[index].bound = next
      next = entry.offset
    }
  }
}
