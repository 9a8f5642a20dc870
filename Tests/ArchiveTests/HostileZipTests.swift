import Archive
import Foundation
import TestSupport
import Testing
import Wire

/// Files that lie. Every lie has a name, and none costs more than it is allowed to.
@Suite struct HostileZipTests {
  /// A ZIP file of one's own making: what its headers say need not be so.
  private struct Forged {
    struct Entry {
      var name = "a"
      var data: [UInt8] = []
      var size: UInt32?
      var packed: UInt32?
      var checksum: UInt32 = 0
      var method: UInt16 = 0
      var flags: UInt16 = 0
      var offset: UInt32?
      var localName: String?
      var localMethod: UInt16?
      var localExtra: [UInt8] = []
      var extra: [UInt8] = []
      var disk: UInt16 = 0
      var rawName: [UInt8]?
    }
    var entries: [Entry] = []
    var count: UInt16?
    var directorySize: UInt32?
    var directoryOffset: UInt32?
    var disk: UInt16 = 0
    var comment: [UInt8] = []
    var beforeEnd: [UInt8] = []
    var afterEntries: [UInt8] = []

    var bytes: [UInt8] {
      var result: [UInt8] = []
      var offsets: [UInt32] = []
      for entry in entries {
        offsets.append(UInt32(result.count))
        let name = Array((entry.localName ?? entry.name).utf8)
        result += le32(0x0403_4B50) + le16(20) + le16(entry.flags) + le16(entry.localMethod ?? entry.method) + le32(0)
        result += le32(entry.checksum) + le32(entry.packed ?? UInt32(entry.data.count)) + le32(entry.size ?? UInt32(entry.data.count))
        result += le16(UInt16(name.count)) + le16(UInt16(entry.localExtra.count)) + name + entry.localExtra + entry.data
      }
      let start = result.count
      for (entry, offset) in zip(entries, offsets) {
        let name = entry.rawName ?? Array(entry.name.utf8)
        result += le32(0x0201_4B50) + le16(20) + le16(20) + le16(entry.flags) + le16(entry.method) + le32(0) + le32(entry.checksum)
        result += le32(entry.packed ?? UInt32(entry.data.count)) + le32(entry.size ?? UInt32(entry.data.count))
        result += le16(UInt16(name.count)) + le16(UInt16(entry.extra.count)) + le16(0) + le16(entry.disk) + le16(0) + le32(0)
        result += le32(entry.offset ?? offset) + name + entry.extra
      }
      result += afterEntries
      let size = result.count - start
      result += beforeEnd
      result += le32(0x0605_4B50) + le16(disk) + le16(disk) + le16(count ?? UInt16(entries.count)) + le16(count ?? UInt16(entries.count))
      return result + le32(directorySize ?? UInt32(size)) + le32(directoryOffset ?? UInt32(start)) + le16(UInt16(comment.count)) + comment
    }

    func le16(_ value: UInt16) -> [UInt8] { [UInt8(value & 0xFF), UInt8(value >> 8)] }
    func le32(_ value: UInt32) -> [UInt8] { le16(UInt16(value & 0xFFFF)) + le16(UInt16(value >> 16)) }
  }

  private static func le64(_ values: UInt64...) -> [UInt8] {
    values.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
  }

  private static func forged(_ change: (inout Forged) -> Void) -> [UInt8] {
    var forged = Forged(entries: [.init(name: "a", data: Array("abc".utf8), checksum: 0x3524_41C2)])
    change(&forged)
    return forged.bytes
  }

  /// What opening it says; nil where it opens.
  private func refusal(_ bytes: [UInt8], limits: ZipLimits = ZipLimits()) -> ZipError? {
    do throws(ZipError) {
      _ = try ZipReader(ZipBytes(bytes), limits: limits)
      return nil
    } catch {
      return error
    }
  }

  /// What reading its entries says.
  private func damage(_ bytes: [UInt8]) throws -> ZipError? {
    let reader = try ZipReader(ZipBytes(bytes))
    do { for entry in reader.entries { _ = try reader.read(entry) } } catch { return try #require(error as? ZipError) }
    return nil
  }

  @Test func theForgeryThatTellsTheTruthIsRead() throws {
    let reader = try ZipReader(ZipBytes(Self.forged { _ in }))
    #expect(try reader.read(reader.entries[0]) == Array("abc".utf8))
    // A comment that looks like an end; what stands in the local header besides.
    let odd = Self.forged {
      $0.comment = Array("PK\u{5}\u{6}".utf8) + [UInt8](repeating: 0, count: 30)
      $0.entries[0].localExtra = [1, 2, 3]
    }
    #expect(try damage(odd) == nil)
  }

  private struct Lie: CustomTestStringConvertible {
    let name: String
    let error: ZipError
    let change: (inout Forged) -> Void
    var testDescription: String { name }
    init(_ name: String, _ error: ZipError, _ change: @escaping (inout Forged) -> Void) {
      (self.name, self.error, self.change) = (name, error, change)
    }
  }

  private static func named(_ name: String, _ fault: EntryPath.Fault) -> Lie {
    Lie(name, .badName(shown: name.debugDescription, fault)) { $0.entries[0].name = name }
  }

  private static var lies: [Lie] {
    [
      named("", .empty), named("/etc/passwd", .absolute), named("../x", .leadsUp), named("a/../../x", .leadsUp), named("a/..", .leadsUp),
      named("./x", .leadsUp), named("a//b", .emptyPart), named("//", .absolute), named("/", .absolute), named("a\\b", .backslash),
      named("..\\x", .backslash), named("a\nb", .controlCharacter), named("a\u{0}b", .controlCharacter), named("../", .leadsUp),
      Lie("no UTF-8", .badName(shown: "\"a\u{FFFD}\"", .noUTF8)) { $0.entries[0].rawName = [0x61, 0xFF] },
      Lie("twice", .duplicateName("\"a\"")) { $0.entries.append(.init(name: "a")) },
      Lie("encrypted", .encrypted("\"a\"")) { $0.entries[0].flags = 1 },
      Lie("strongly encrypted", .encrypted("\"a\"")) { $0.entries[0].flags = 1 << 6 },
      Lie("masked", .encrypted("\"a\"")) { $0.entries[0].flags = 1 << 13 },
      Lie("LZMA", .unknownMethod("\"a\"", 14)) { $0.entries[0].method = 14 },
      Lie("deflate64", .unknownMethod("\"a\"", 9)) { $0.entries[0].method = 9 },
      Lie("a patch", .unknownMethod("\"a\"", 0)) { $0.entries[0].flags = 1 << 5 },
      Lie("stored with two sizes", .wrongSize("\"a\"", expected: 4, found: 3)) { $0.entries[0].size = 4 },
      Lie("one of several", .spansSeveralFiles) { $0.disk = 1 },
      Lie("an entry of another file", .spansSeveralFiles) { $0.entries[0].disk = 1 },
      Lie("fewer entries", .damagedDirectory("47 bytes follow its last entry")) {
        $0.entries.append(.init(name: "b"))
        $0.count = 1
      },
      Lie("more entries", .damagedDirectory("it has 47 bytes for 2 entries")) { $0.count = 2 },
      Lie("more entries in a long directory", .damagedDirectory("an entry is cut short, or does not begin where the one before it ends")) {
        $0.entries[0].extra = [UInt8](repeating: 0, count: 100)
        $0.count = 2
      },
      Lie("bytes behind", .damagedDirectory("4 bytes follow its last entry")) { $0.afterEntries = [1, 2, 3, 4] },
      Lie(
        "a directory that is elsewhere", .damagedDirectory("its end says that it has 47 bytes from byte 0 on, and stands at byte 81")
      ) { $0.directoryOffset = 0 },
      Lie("a directory beyond the end", .damagedDirectory("its end says that it has 47 bytes from byte 999999 on, and stands at byte 81")) {
        $0.directoryOffset = 999_999
      },
      Lie("overlapping", .overlapping("\"a\"")) { $0.entries.append(.init(name: "b", offset: 0)) },
      Lie("into the directory", .overlapping("\"a\"")) {
        $0.entries[0].size = 100
        $0.entries[0].packed = 100
      },
      Lie("at the end", .overlapping("\"a\"")) { $0.entries[0].offset = 34 },
      Lie("beyond the end", .overlapping("\"a\"")) { $0.entries[0].offset = 0x7FFF_FFFF },
      Lie("into the next", .overlapping("\"a\"")) {
        $0.entries[0].packed = 8
        $0.entries[0].size = 8
        $0.entries.append(.init(name: "b"))
      },
      Lie("a folder with bytes", .damagedDirectory("the folder \"a/\" has bytes of its own")) { $0.entries[0].name = "a/" },
      Lie("64 bits that are missing", .damagedDirectory("the sizes of the entry \"a\" are said to be in 64 bits, and are not there")) {
        $0.entries[0].size = .max
        $0.entries[0].extra = [1, 0, 4, 0, 1, 2, 3, 4]
      },
      Lie("a huge entry", .entryTooLarge("\"a\"", found: 1 << 60, limit: 256 << 20)) {
        $0.entries[0].size = .max
        $0.entries[0].method = 8
        $0.entries[0].extra = [1, 0, 8, 0] + le64(1 << 60)
      },
      Lie("a bomb", .tooDense("\"a\"", packed: 3, unpacked: 200 << 20, limit: 200)) {
        $0.entries[0].method = 8
        $0.entries[0].size = 200 << 20
      },
      Lie("an end in 64 bits that is nowhere", .damagedDirectory("its end in 64 bits is said to be at byte 999999")) {
        $0.beforeEnd = $0.le32(0x0706_4B50) + $0.le32(0) + le64(999_999) + $0.le32(1)
      },
      Lie("an end in 64 bits that is something else", .damagedDirectory("its end in 64 bits is not at byte 0")) {
        $0.beforeEnd = $0.le32(0x0706_4B50) + $0.le32(0) + le64(0) + $0.le32(1)
      },
      Lie("an end in 64 bits of several files", .spansSeveralFiles) {
        $0.beforeEnd = $0.le32(0x0706_4B50) + $0.le32(0) + le64(0) + $0.le32(3)
      },
      Lie("two ends that contradict each other", .damagedDirectory("its two ends contradict each other")) {
        $0.beforeEnd =
          $0.le32(0x0606_4B50) + le64(44) + $0.le32(0x2D_002D) + $0.le32(0) + $0.le32(0) + le64(2, 2, 47, 34) + $0.le32(0x0706_4B50)
          + $0.le32(0) + le64(81) + $0.le32(1)
      },
      Lie("very many entries", .tooManyEntries(found: 1 << 40, limit: 1_000_000)) {
        $0.count = .max
        $0.beforeEnd =
          $0.le32(0x0606_4B50) + le64(44) + $0.le32(0x2D_002D) + $0.le32(0) + $0.le32(0) + le64(1 << 40, 1 << 40, 47, 34)
          + $0.le32(0x0706_4B50) + $0.le32(0) + le64(81) + $0.le32(1)
      },
    ]
  }

  @Test func liesAreNamed() {
    for lie in Self.lies {
      let found = refusal(Self.forged(lie.change))
      #expect(found == lie.error, "\(lie.name)")
      #expect(found?.description.isEmpty == false)
    }
  }

  /// What is only seen when an entry is read.
  @Test func dataThatLies() throws {
    let packed = Self.packed(Array(String(repeating: "abc", count: 1_000).utf8))
    let lies: [(name: String, error: ZipError?, change: (inout Forged.Entry) -> Void)] = [
      ("the truth", nil, { _ in }),
      ("a checksum", .wrongChecksum("\"a\"", expected: 1, found: packed.checksum), { $0.checksum = 1 }),
      ("more bytes than it says", .wrongSize("\"a\"", expected: 2_999, found: 3_000), { $0.size = 2_999 }),
      ("fewer bytes than it says", .wrongSize("\"a\"", expected: 3_001, found: 3_000), { $0.size = 3_001 }),
      ("bytes behind its end", .damagedData("\"a\""), { $0.data += [0, 0, 0] }),
      ("cut short", .damagedData("\"a\""), { $0.data.removeLast(2) }),
      ("nothing", .damagedData("\"a\""), { $0.data = [] }),
      ("no deflate", .damagedData("\"a\""), { $0.data = [0xFF, 0xFF, 0xFF, 0xFF] }),
      ("another name", .damagedEntry("\"a\"", "its own header has another name"), { $0.localName = "b" }),
      ("a longer name", .damagedEntry("\"a\"", "its own header has another name"), { $0.localName = "abc" }),
      ("another method", .damagedEntry("\"a\"", "its own header says that it is packed otherwise"), { $0.localMethod = 0 }),
      (
        "no header", .damagedEntry("\"a\"", "it has no header of its own"),
        {
          $0.offset = 1
          $0.localExtra = [1, 2, 3]
        }
      ),
    ]
    for lie in lies {
      var forged = Forged(entries: [
        .init(name: "a", data: packed.data, size: 3_000, checksum: packed.checksum, method: 8), .init(name: "z"),
      ])
      lie.change(&forged.entries[0])
      #expect(try damage(forged.bytes) == lie.error, "\(lie.name)")
    }
    // An own header whose extra part is said to reach into what follows.
    var bytes = Forged(entries: [.init(name: "a", data: packed.data, size: 3_000, checksum: packed.checksum, method: 8)]).bytes
    bytes[28] = 200
    #expect(try damage(bytes) == .overlapping("\"a\""))
  }

  /// Deflated by the writer, without anything around.
  private static func packed(_ plain: [UInt8]) -> (data: [UInt8], checksum: UInt32) {
    var written: [UInt8] = []
    guard let writer = try? ZipWriter(modified: .zero, sink: { written += $0 }), (try? writer.add("a", plain)) != nil else {
      return ([], 0)
    }
    // 30 bytes and the name in front, 16 behind: no time that 32 bits hold.
    let sum = written.dropFirst(written.count - 12).prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return (Array(written[31..<written.count - 16]), sum)
  }

  @Test func limitsHold() throws {
    let bytes = try ZipRoundTripTests.zip([("a", [1, 2, 3]), ("bb", [UInt8](repeating: 0, count: 5_000))])
    func limits(_ change: (inout ZipLimits) -> Void) -> ZipLimits {
      var limits = ZipLimits()
      change(&limits)
      return limits
    }
    #expect(refusal(bytes, limits: limits { ($0.entries, $0.nameLength, $0.entryBytes, $0.totalBytes) = (2, 2, 5_000, 5_003) }) == nil)
    #expect(refusal(bytes, limits: limits { $0.entries = 1 }) == .tooManyEntries(found: 2, limit: 1))
    #expect(refusal(bytes, limits: limits { $0.nameLength = 1 }) == .nameTooLong(found: 2, limit: 1))
    #expect(refusal(bytes, limits: limits { $0.entryBytes = 4_999 }) == .entryTooLarge("\"bb\"", found: 5_000, limit: 4_999))
    #expect(refusal(bytes, limits: limits { $0.totalBytes = 5_002 }) == .archiveTooLarge(found: 5_003, limit: 5_002))
    let loose = refusal(bytes, limits: limits { ($0.looseBytes, $0.ratio) = (1_000, 10) })
    guard case .tooDense("\"bb\"", _, 5_000, 10) = loose else {
      Issue.record("\(String(describing: loose))")
      return
    }
    #expect(refusal(bytes, limits: limits { $0.directoryBytes = 10 }) == .directoryTooLarge(found: 113, limit: 10))
  }

  /// A real bomb, 1:1000 as deflate can do it, is not unfolded.
  @Test func aBomb() throws {
    var written: [UInt8] = []
    let writer = try ZipWriter(modified: .zero, level: 9) { written += $0 }
    try writer.begin("zeros")
    let zeros = [UInt8](repeating: 0, count: 1 << 20)
    for _ in 0..<32 { try writer.write(zeros) }
    try writer.end()
    try writer.finish()
    #expect(written.count < 64 << 10)
    guard case .tooDense("\"zeros\"", _, 33_554_432, 200) = refusal(written) else {
      Issue.record("\(String(describing: refusal(written)))")
      return
    }
    // One that is said to be small: no more of it is unfolded than was said.
    let place = written.count - 22 - 46 - 5 + 24
    for index in 0..<4 { written[place + index] = [0, 16, 0, 0][index] }
    let reader = try ZipReader(ZipBytes(written))
    var seen = 0
    #expect(throws: ZipError.self) { try reader.read(reader.entries[0]) { seen += $0.count } }
    #expect(seen <= 4_096)
  }

  /// Cut anywhere, it is refused, and every byte that was changed is found or harms nothing.
  @Test func everyLengthAndEveryByte() throws {
    let samples: [(name: String, bytes: [UInt8])] = [
      ("a/one.json", Array("{\"a\":1}".utf8)), ("b", []), ("c", ZipRoundTripTests.random(100)),
    ]
    let whole = try ZipRoundTripTests.zip(samples)
    for length in 0..<whole.count { #expect(refusal(Array(whole[..<length])) != nil, "cut at \(length)") }
    for index in whole.indices {
      for mask: UInt8 in [1, 0x80, 0xFF] {
        var bytes = whole
        bytes[index] ^= mask
        guard let reader = try? ZipReader(ZipBytes(bytes)) else { continue }
        for entry in reader.entries {
          guard let content = try? reader.read(entry) else { continue }
          // What a checksum vouches for is what was written, whatever it is now called.
          #expect(samples.contains { $0.bytes == content }, "byte \(index) ^ \(mask)")
        }
      }
    }
  }

  @Test func filesThatAreNone() throws {
    let folder = try TemporaryFolder()
    #expect(throws: ZipError.unreadable("No such file or directory")) { try ZipFile(path: folder.path("none")) }
    #expect(throws: ZipError.unreadable("expected a file")) { try ZipFile(path: folder.path) }
    #expect(throws: ZipError.unreadable("expected a file")) { try ZipFile(path: "/dev/zero") }
    for text in ["", "hello", String(repeating: "x", count: 200_000), "PK\u{5}\u{6}"] {
      #expect(refusal(Array(text.utf8)) == .noDirectory)
    }
    // Cut short by somebody else after it was opened.
    let path = try folder.write("", to: "a.zip")
    try Data(ZipRoundTripTests.zip()).write(to: URL(fileURLWithPath: path))
    let reader = try ZipReader(ZipFile(path: path))
    try FileHandle(forWritingTo: URL(fileURLWithPath: path)).truncate(atOffset: 10)
    let entry = try #require(reader.entry(named: "random.bin"))
    #expect(throws: ZipError.unreadable("it grew shorter while it was read")) { try reader.read(entry) }
  }
}
