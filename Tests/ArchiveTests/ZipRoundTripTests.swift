import Archive
import Foundation
import TestSupport
import Testing
import Wire

/// What is written is read, by us and by others, and what others write.
@Suite struct ZipRoundTripTests {
  static let moment = Timestamp(seconds: 1_790_000_001, nanoseconds: 5)

  /// Names with their bytes: nothing, text, what does not pack, more than a piece at a time, and names that are no ASCII.
  static let samples: [(name: String, bytes: [UInt8])] = [
    ("capture/misc/empty.json", []), ("a", [7]), ("capture/clusters/east/e1/variables/0001.json", Array("{\"a\": 1}".utf8)),
    ("日本/ü.log", Array(String(repeating: "line of a log\n", count: 20_000).utf8)), ("random.bin", random(300_000)),
    (String(repeating: "n", count: 2_048), Array("long".utf8)),
  ]

  static func random(_ count: Int) -> [UInt8] {
    var state: UInt64 = 42
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 33)
    }
  }

  static func zip(_ entries: [(name: String, bytes: [UInt8])] = samples, offset: UInt64 = 0) throws -> [UInt8] {
    var written: [UInt8] = []
    let writer = try ZipWriter(modified: moment, offset: offset) { written += $0 }
    for entry in entries { try writer.add(entry.name, entry.bytes) }
    try writer.finish()
    #expect(writer.offset == offset + UInt64(written.count))
    return written
  }

  static func check(_ reader: ZipReader, _ expected: [(name: String, bytes: [UInt8])] = samples) throws {
    #expect(Set(reader.entries.map(\.name)) == Set(expected.map(\.name)))
    for (name, bytes) in expected {
      let entry = try #require(reader.entry(named: name))
      #expect(try reader.read(entry) == bytes && entry.size == bytes.count, "\(name)")
    }
  }

  @Test func ours() throws {
    let bytes = try Self.zip()
    try Self.check(ZipReader(ZipBytes(bytes)))
    let folder = try TemporaryFolder()
    try Data(bytes).write(to: URL(fileURLWithPath: folder.path("a.zip")))
    try Self.check(ZipReader(ZipFile(path: folder.path("a.zip"))))
    #expect(try Self.zip() == bytes)
    #expect(try ZipReader(ZipBytes(Self.zip([]))).entries.isEmpty)
  }

  /// In pieces of any size an entry is the same.
  @Test(arguments: [1, 7, 65_536, 100_000]) func inPieces(_ size: Int) throws {
    let bytes = size == 1 ? Self.random(2_000) : Self.random(250_000)
    var written: [UInt8] = []
    let writer = try ZipWriter(modified: Self.moment) { written += $0 }
    try writer.begin("x")
    for start in stride(from: 0, to: bytes.count, by: size) { try writer.write(bytes[start..<min(start + size, bytes.count)]) }
    try writer.end()
    try writer.finish()
    try Self.check(ZipReader(ZipBytes(written)), [("x", bytes)])
  }

  // MARK: Others

  private static let script = """
    import sys, zipfile, hashlib, datetime
    def shown(path):
        with zipfile.ZipFile(path) as z:
            assert z.testzip() is None
            for i in z.infolist():
                print(i.filename, hashlib.sha256(z.read(i)).hexdigest()[:16], *i.date_time, i.compress_type, i.extra.hex()[:18], i.external_attr >> 16, sep='|')
    def write(path, form):
        data = [('one.json', b'{"a":[1,2,3]}' * 1000), ('deep/er/two.bin', bytes(range(256)) * 300), ('\\u00fc.txt', b''), ('three', b'x')]
        kind = zipfile.ZIP_STORED if 'stored' in form else zipfile.ZIP_DEFLATED
        with (open(path, 'wb') if 'stream' not in form else Unseekable(path)) as out:
            with zipfile.ZipFile(out, 'w', kind) as z:
                if 'folder' in form: z.mkdir('deep')
                for name, content in data:
                    with z.open(name, 'w', force_zip64='wide' in form) as e: e.write(content)
                if 'many' in form:
                    for i in range(66000): z.writestr('m/%d' % i, b'')
                if 'comment' in form: z.comment = b'PK\\x05\\x06 some words' * 50
    class Unseekable:
        def __init__(self, path): self.file = open(path, 'wb')
        def write(self, b): return self.file.write(b)
        def flush(self): self.file.flush()
        def __enter__(self): return self
        def __exit__(self, *a): self.file.close()
    if sys.argv[1] == 'show': shown(sys.argv[2])
    else: write(sys.argv[2], sys.argv[3])
    """

  private func python(_ folder: TemporaryFolder, _ arguments: String...) throws -> String {
    let script = try folder.write(Self.script, to: "zip.py")
    let finished = try ChildProcess.run("python3", [script] + arguments, environment: ["PYTHONIOENCODING": "utf-8"])
    try #require(finished.status == 0, "\(finished.errors)")
    return finished.output
  }

  @Test func pythonReadsOurs() throws {
    let folder = try TemporaryFolder()
    try Data(Self.zip()).write(to: URL(fileURLWithPath: folder.path("a.zip")))
    let lines = try python(folder, "show", folder.path("a.zip")).split(separator: "\n").map(String.init)
    #expect(lines.count == Self.samples.count)
    for line in lines {
      // 2026-09-21 14:13:21 UTC, in steps of two seconds; the exact one stands beside it.
      #expect(line.contains("|2026|9|21|14|13|20|8|5554050001813bb16a|33188"), "\(line)")
    }
    #expect(lines.contains { $0.hasPrefix("日本/ü.log|") })
  }

  @Test func unzipReadsOurs() throws {
    guard (try? findExecutable("unzip")) != nil else {
      print("skipped: there is no unzip here")
      return
    }
    let folder = try TemporaryFolder()
    try Data(Self.zip(Self.samples.filter { $0.name.utf8.count < 200 })).write(to: URL(fileURLWithPath: folder.path("a.zip")))
    let finished = try ChildProcess.run("unzip", ["-t", folder.path("a.zip")])
    #expect(finished.status == 0 && finished.output.contains("No errors detected"), "\(finished)")
  }

  @Test(arguments: ["plain", "stored", "stream", "wide", "wide-stream", "folder", "comment", "stored-stream"])
  func weReadPythons(_ form: String) throws {
    let folder = try TemporaryFolder()
    _ = try python(folder, "write", folder.path("p.zip"), form)
    let reader = try ZipReader(ZipFile(path: folder.path("p.zip")))
    try Self.check(
      reader,
      [
        ("one.json", Array(String(repeating: "{\"a\":[1,2,3]}", count: 1_000).utf8)),
        ("deep/er/two.bin", Array((0..<300).flatMap { _ in UInt8.min...UInt8.max })), ("ü.txt", []), ("three", [UInt8(ascii: "x")]),
      ])
  }

  // MARK: 64 bits

  /// More entries than 16 bits count, both ways.
  @Test func manyEntries() throws {
    let folder = try TemporaryFolder()
    _ = try python(folder, "write", folder.path("p.zip"), "many")
    #expect(try ZipReader(ZipFile(path: folder.path("p.zip"))).entries.count == 66_004)
    var written: [UInt8] = []
    let writer = try ZipWriter(modified: Self.moment) { written += $0 }
    for number in 0..<65_535 { try writer.add("\(number)", [UInt8(ascii: "x")]) }
    try writer.finish()
    let reader = try ZipReader(ZipBytes(written))
    #expect(reader.entries.count == 65_535)
    #expect(try reader.read(#require(reader.entry(named: "65534"))) == [UInt8(ascii: "x")])
    try Data(written).write(to: URL(fileURLWithPath: folder.path("a.zip")))
    #expect(try python(folder, "show", folder.path("a.zip")).split(separator: "\n").count == 65_535)
  }

  /// Entries and a directory beyond 4 GiB, in a file with a hole, and an entry that was announced as large.
  @Test func beyondFourGigabytes() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("large.zip")
    let offset: UInt64 = 5 << 30
    try folder.write("", to: "large.zip")
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.truncate(atOffset: offset)
    try file.seek(toOffset: offset)
    let writer = try ZipWriter(modified: Self.moment, offset: offset) { try file.write(contentsOf: Data($0)) }
    try writer.begin("large", isLarge: true)
    try writer.write(Array("not really".utf8))
    try writer.end()
    try writer.add("x", Array("y".utf8))
    try writer.finish()
    try file.close()
    try Self.check(ZipReader(ZipFile(path: path)), [("large", Array("not really".utf8)), ("x", Array("y".utf8))])
    #expect(try python(folder, "show", path).split(separator: "\n").count == 2)
  }

  /// Nothing that is large stands in memory: what goes in comes out at once, in small pieces.
  @Test func piecesAreHandedOn() throws {
    var largest = 0
    var total = 0
    let writer = try ZipWriter(modified: Self.moment) {
      largest = max(largest, $0.count)
      total += $0.count
    }
    try writer.begin("x")
    let piece = Self.random(200_000)
    for _ in 0..<20 {
      let before = total
      try writer.write(piece)
      #expect(total - before > 100_000)
    }
    try writer.end()
    try writer.finish()
    #expect(largest <= 66_000)
  }

  // MARK: Refusals

  @Test(
    arguments: [
      ("", .empty), ("/a", .absolute), ("a//b", .emptyPart), ("a/", .emptyPart), ("a/../b", .leadsUp), ("..", .leadsUp), ("./a", .leadsUp),
      ("a\\b", .backslash), ("a\nb", .controlCharacter), ("a\u{0}", .controlCharacter),
    ] as [(String, EntryPath.Fault)])
  func badNamesAreNotWritten(_ name: String, _ fault: EntryPath.Fault) throws {
    var written: [UInt8] = []
    let writer = try ZipWriter(modified: Self.moment) { written += $0 }
    #expect(throws: ZipWriter.Refusal.badName(shown: name.debugDescription, fault)) { try writer.add(name, []) }
    // Others may follow.
    try writer.add("good", [1])
    try writer.finish()
    try Self.check(ZipReader(ZipBytes(written)), [("good", [1])])
  }

  @Test func whatCannotFollow() throws {
    var limits = ZipLimits()
    (limits.entries, limits.nameLength) = (2, 4)
    let writer = try ZipWriter(modified: Self.moment, limits: limits) { _ in }
    try writer.add("a", [])
    #expect(throws: ZipWriter.Refusal.duplicateName("\"a\"")) { try writer.add("a", []) }
    #expect(throws: ZipWriter.Refusal.nameTooLong(found: 5, limit: 4)) { try writer.add("abcde", []) }
    try writer.add("b", [])
    #expect(throws: ZipWriter.Refusal.tooManyEntries(limit: 2)) { try writer.add("c", []) }
    #expect(throws: ZipWriter.Refusal.ended) { try writer.end() }
    try writer.finish()
    #expect(throws: ZipWriter.Refusal.ended) { try writer.add("d", []) }
    #expect(throws: ZipWriter.Refusal.ended) { try writer.finish() }
  }

  /// After a sink has failed nothing is written that nobody could read.
  @Test func aSinkThatFails() throws {
    struct Full: Error {}
    var left = 100
    let writer = try ZipWriter(modified: Self.moment) {
      left -= $0.count
      if left < 0 { throw Full() }
    }
    #expect(throws: Full.self) { try writer.add("x", Self.random(1_000)) }
    #expect(throws: ZipWriter.Refusal.ended) { try writer.finish() }
  }

  @Test(arguments: [
    (0, "1980|1|1|0|0|0"), (5_000_000_000, "2107|12|31|23|59|58"), (315_532_800, "1980|1|1|0|0|0"), (951_827_695, "2000|2|29|12|34|54"),
  ])
  func times(_ seconds: Int64, _ text: String) throws {
    let folder = try TemporaryFolder()
    var written: [UInt8] = []
    let writer = try ZipWriter(modified: Timestamp(seconds: seconds)) { written += $0 }
    try writer.add("x", [])
    try writer.finish()
    try Data(written).write(to: URL(fileURLWithPath: folder.path("a.zip")))
    #expect(try python(folder, "show", folder.path("a.zip")).contains("|\(text)|8|"))
  }
}
