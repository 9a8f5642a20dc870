import Dispatch
import Glibc
import TestSupport
import Testing
import Wire

@testable import Recording

/// What may happen to the file of a record.
struct RecordFileTests {
  private static func epoch(_ number: Int, _ text: String = "x") -> Epoch {
    let at = Timestamp(seconds: 1_796_000_000 + Int64(number) * 60)
    let header = EpochHeader(number: number, began: at, at: at, expected: 1, responded: 1, missing: 0, documents: ["varz"])
    let bytes = Array(String(repeating: text, count: 2000).utf8)
    return Epoch(header, beliefs: [1, 2, 3], documents: [RecordedDocument(.init(server: "S", document: "varz"), bytes: bytes, rtt: .zero)])
  }

  private func error(_ folder: String) -> RecordError? {
    do throws(RecordError) { _ = try SQLiteRecordStore(folder: folder) } catch { return error }
    return nil
  }

  @Test func itIsThereAfterARestartAndIsNobodyElsesBusiness() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("record")
    for round in 0..<3 {
      let store = try SQLiteRecordStore(folder: path)
      for number in round * 20..<(round + 1) * 20 { _ = try store.write(Self.epoch(number)) }
      #expect(try store.extent()?.epochs == (round + 1) * 20)
      #expect(try store.documents(ofEpoch: 3, named: "varz").first?.bytes.count == 2000)
      store.close()
      #expect(throws: RecordError.self) { try store.write(Self.epoch(999)) }
    }
    for name in ["record.sqlite", "record.lock"] {
      var status = stat()
      #expect(stat(path + "/" + name, &status) == 0 && status.st_mode & 0o077 == 0, "\(name)")
    }
  }

  /// Documents that are not held for the next epoch are packed by themselves; whoever reads holds as many as it likes.
  @Test func whatIsHeldOfAnEpochIsBounded() throws {
    func document(_ server: Int, _ minute: Int) -> [UInt8] {
      let rows = (0..<100).map { "{\"cid\":\($0),\"n\":\($0 * server * minute)}" }
      return Array("{\"server\":\(server),\"rows\":[\(rows.joined(separator: ","))]}".utf8)
    }
    let folder = try TemporaryFolder()
    let path = folder.path("record.sqlite")
    // Room for three and a bit.
    let writer = try RecordWriter(path: path, mostHeld: SplitDocument(document(9, 9)).footprint * 7 / 2)
    for minute in 0..<5 {
      let documents = (1...6).map {
        RecordedDocument(.init(server: "S\($0)", document: "connz"), bytes: document($0, minute), rtt: .zero)
      }
      var epoch = Self.epoch(minute)
      epoch = Epoch(epoch.header, beliefs: [], documents: documents)
      _ = try writer.write(epoch)
    }
    var resting: [Int] = []
    try writer.database.query("SELECT count(prefix) FROM documents GROUP BY epoch ORDER BY epoch") { resting.append($0.int(0)) }
    #expect(resting == [0, 3, 3, 3, 3])
    for mostHeld in [0, SplitDocument(document(9, 9)).footprint * 3 / 2, RecordWriter.mostHeld] {
      let reader = try RecordReader(path: path, mostHeld: mostHeld)
      var found: [[UInt8]] = []
      try reader.documents(named: "connz", since: Self.epoch(0).header.at, until: Self.epoch(9).header.at, most: 100) { _, document in
        found.append(document.bytes)
        return true
      }
      #expect(found == (0..<5).flatMap { minute in (1...6).map { document($0, minute) } }, "\(mostHeld)")
    }
  }

  /// Documents that are packed beside each other are those that are packed one after the other.
  @Test func packersBesideEachOther() throws {
    let folder = try TemporaryFolder()
    var frames: [[[UInt8]]] = []
    for packers in [1, 3] {
      let path = folder.path("record\(packers).sqlite")
      let writer = try RecordWriter(path: path, packers: packers)
      for minute in 0..<20 {
        let documents = (0..<100).map { number in
          let rows = (0..<number).map { "{\"cid\":\($0),\"n\":\($0 * minute)}" }.joined(separator: ",")
          return RecordedDocument(.init(server: "S\(number)", document: "connz"), bytes: Array("[\(rows)]".utf8), rtt: .zero)
        }
        _ = try writer.write(Epoch(Self.epoch(minute).header, beliefs: [], documents: documents))
      }
      var found: [[UInt8]] = []
      try writer.database.query("SELECT frame FROM documents ORDER BY epoch, rowid") { found.append($0.blob(0)) }
      frames.append(found)
    }
    #expect(frames[0].count == 2000 && frames[0] == frames[1])
  }

  /// A gateway that begins anew waits for nobody who still holds the record of the one before.
  @Test func itIsFreeOnceItIsClosed() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("record")
    let first = try SQLiteRecordStore(folder: path)
    _ = try first.write(Self.epoch(0))
    #expect(throws: RecordError.taken(path: path)) { _ = try SQLiteRecordStore(folder: path) }
    first.close()
    let second = try SQLiteRecordStore(folder: path)
    #expect(try second.write(Self.epoch(1)) != nil && second.extent()?.epochs == 2)
    #expect(throws: RecordError.failed(path: path + "/record.sqlite", reason: "it is closed")) { try first.write(Self.epoch(2)) }
  }

  @Test func itIsReadWhereNobodyMayWrite() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("record")
    func refusal(_ path: String) -> String {
      do throws(RecordError) { _ = try SQLiteRecordStore(reading: path) } catch { return error.sentence }
      return ""
    }
    #expect(refusal(path).contains("record.sqlite"))
    #expect(access(path, F_OK) != 0)
    let writer = try SQLiteRecordStore(folder: path)
    for number in 0..<20 { _ = try writer.write(Self.epoch(number)) }
    // Beside whoever writes, and after it.
    for _ in 0..<2 {
      let reader = try SQLiteRecordStore(reading: path)
      #expect(try reader.extent()?.epochs == 20 && reader.documents(ofEpoch: 19, named: "varz").first?.bytes.count == 2000)
      #expect(throws: RecordError.self) { try reader.write(Self.epoch(99)) }
      #expect(throws: RecordError.self) { try reader.trim(before: nil, bytes: 1) }
      reader.close()
      writer.close()
    }
    mkdir(folder.path("other"), 0o700)
    try write(Array("no database at all, but a text of some length".utf8), folder.path("other/record.sqlite"))
    #expect(refusal(folder.path("other")).contains("is damaged"))
    mkdir(folder.path("empty"), 0o700)
    try write([], folder.path("empty/record.sqlite"))
    #expect(refusal(folder.path("empty")).contains("no tables"))
    let later = try Database(path: path + "/record.sqlite", .readWrite)
    try later.run("PRAGMA user_version = 99")
    #expect(refusal(path).contains("a later version"))
  }

  /// As on a medium that is read only. Whoever is root may write everywhere: what stands in the way is a link that leads nowhere.
  @Test func itIsReadWhereNothingCanBeMade() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("record # 1")
    let file = path + "/record.sqlite"
    do {
      let store = try SQLiteRecordStore(folder: path)
      for number in 0..<20 { _ = try store.write(Self.epoch(number)) }
      store.close()
    }
    for name in [file + "-wal", file + "-shm", path + "/record.lock"] {
      unlink(name)
      #expect(symlink("/proc/none/file", name) == 0)
    }
    #expect(chmod(path, 0o500) == 0)
    defer { chmod(path, 0o700) }
    let store = try SQLiteRecordStore(reading: path)
    // Several that read at once have a connection each.
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      #expect((try? store.documents(ofEpoch: 19, named: "varz").first?.bytes.count) == 2000)
    }
    #expect(try store.extent()?.epochs == 20)
    store.close()
    // To be written it is refused.
    guard case .unopened(path, _) = error(path) else {
      Issue.record("\(String(describing: error(path)))")
      return
    }
  }

  /// A copy that was made while it was written, on a medium that is read only.
  @Test func aLogThatCannotBeWorkedInIsNamed() throws {
    let folder = try TemporaryFolder()
    let (path, copy, medium) = (folder.path("record"), folder.path("copy"), folder.path("medium"))
    let store = try SQLiteRecordStore(folder: path)
    for number in 0..<20 { _ = try store.write(Self.epoch(number)) }
    for other in [copy, medium] {
      mkdir(other, 0o700)
      for name in ["/record.sqlite", "/record.sqlite-wal"] { try write(read(path + name), other + name) }
    }
    store.close()
    #expect(try SQLiteRecordStore(reading: copy).extent()?.epochs == 20)
    #expect(symlink("/proc/none/file", medium + "/record.sqlite-shm") == 0)
    do throws(RecordError) {
      _ = try SQLiteRecordStore(reading: medium)
      Issue.record("its log was passed over")
    } catch {
      #expect(error.sentence.contains("copy the folder to where it can"), "\(error)")
    }
  }

  /// What no frame takes is not in the record, and nothing rests on it.
  @Test func nothingRestsOnADocumentThatIsTooLarge() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("record.sqlite")
    // Long numbers: in memory it is less than it is as text.
    let large = Array(repeating: Array("123456789012345678".utf8), count: DocumentFrames.largest / 18 + 1).flatMap { $0 }
    #expect(SplitDocument(large).footprint < RecordWriter.mostHeld)
    let writer = try RecordWriter(path: path)
    for (minute, bytes) in [large, Array(#"{"cid":17}"#.utf8)].enumerated() {
      let document = RecordedDocument(.init(server: "S", document: "varz"), bytes: bytes, rtt: .zero)
      _ = try writer.write(Epoch(Self.epoch(minute).header, beliefs: [], documents: [document]))
    }
    let reader = try RecordReader(path: path)
    #expect(try reader.documents(ofEpoch: 0, named: "varz").isEmpty)
    #expect(try reader.documents(ofEpoch: 1, named: "varz").map(\.bytes) == [Array(#"{"cid":17}"#.utf8)])
  }

  @Test func oneProcessAloneWritesThere() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("record")
    let store = try SQLiteRecordStore(folder: path)
    #expect(error(path) == .taken(path: path))
    _ = try store.write(Self.epoch(1))
    // One that is closed is nobody's, whoever still holds it.
    store.close()
    let next = try SQLiteRecordStore(folder: path)
    #expect(throws: RecordError.self) { try store.write(Self.epoch(2)) }
    #expect(try next.write(Self.epoch(2)) != nil)
  }

  @Test(arguments: [("no database", true), ("another program's", false), ("torn", false)])
  func aDamagedFileIsNamedAndLeftAsItIs(_ what: String, _ isText: Bool) throws {
    let folder = try TemporaryFolder()
    let path = folder.path("record")
    mkdir(path, 0o700)
    let file = path + "/record.sqlite"
    switch what {
    case "no database": try write(Array(String(repeating: "this is no database. ", count: 500).utf8), file)
    case "another program's":
      let other = try Database(path: file, .readWrite)
      try other.run("CREATE TABLE t (x); INSERT INTO t VALUES (1)")
    default:
      do {
        let store = try SQLiteRecordStore(folder: path)
        for number in 0..<50 { _ = try store.write(Self.epoch(number, "y\(number)")) }
        store.close()
      }
      var bytes = try read(file)
      for place in 0..<100 { bytes[place] = 0xFF }
      try write(bytes, file)
    }
    let before = try read(file)
    guard case .damaged(file, _) = error(path) else {
      Issue.record("\(String(describing: error(path)))")
      return
    }
    #expect(try read(file) == before)
  }

  /// On request a damaged file is renamed, and never overwritten; a sound one, another program's and a later version's stay where they are.
  @Test func aDamagedFileIsSetAsideOnRequest() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("record")
    let file = path + "/record.sqlite"
    do {
      let store = try SQLiteRecordStore(folder: path, setsAside: true)
      #expect(store.fileSetAside == nil)
      for number in 0..<80 { _ = try store.write(Self.epoch(number, "y\(number)")) }
      store.close()
    }
    do {
      let store = try SQLiteRecordStore(folder: path, setsAside: true)
      #expect(store.fileSetAside == nil)
      #expect(try store.extent()?.epochs == 80)
      store.close()
    }
    for round in 1...3 {
      var bytes = try read(file)
      // The first time the header, then a page within, which opening it does not show.
      if round == 1 { for place in 0..<100 { bytes[place] = 0xFF } } else { for place in 4096..<12_288 { bytes[place] = 0xFF } }
      try write(bytes, file)
      let store = try SQLiteRecordStore(folder: path, setsAside: true)
      let name = file + (round == 1 ? ".damaged" : ".damaged-\(round)")
      #expect(store.fileSetAside == name)
      #expect(try read(name) == bytes)
      #expect(try store.extent() == nil)
      for number in 0..<80 { _ = try store.write(Self.epoch(number, "y\(number)")) }
      store.close()
    }
    let later = try Database(path: file, .readWrite)
    try later.run("PRAGMA user_version = 99")
    guard case .newer? = failure(path) else {
      Issue.record("\(String(describing: failure(path)))")
      return
    }
    let other = folder.path("other")
    mkdir(other, 0o700)
    let database = try Database(path: other + "/record.sqlite", .readWrite)
    try database.run("CREATE TABLE t (x); INSERT INTO t VALUES (1)")
    guard case .damaged? = failure(other) else {
      Issue.record("\(String(describing: failure(other)))")
      return
    }
    #expect(access(other + "/record.sqlite.damaged", F_OK) != 0)
  }

  private func failure(_ folder: String) -> RecordError? {
    do throws(RecordError) { _ = try SQLiteRecordStore(folder: folder, setsAside: true) } catch { return error }
    return nil
  }

  @Test func aLaterVersionsFileIsRefused() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("record")
    do {
      let store = try SQLiteRecordStore(folder: path)
      _ = try store.write(Self.epoch(1))
      store.close()
      let database = try Database(path: path + "/record.sqlite", .readWrite)
      try database.run("PRAGMA user_version = 99")
    }
    #expect(error(path) == .newer(path: path + "/record.sqlite", schema: 99, known: RecordSchema.version))
  }

  @Test(arguments: [-1, -2_147_483_648])
  func aFileOfNoVersionIsDamaged(_ version: Int) throws {
    let folder = try TemporaryFolder()
    let path = folder.path("record")
    do {
      let store = try SQLiteRecordStore(folder: path)
      _ = try store.write(Self.epoch(1))
      store.close()
      let database = try Database(path: path + "/record.sqlite", .readWrite)
      try database.run("PRAGMA user_version = \(version)")
    }
    #expect(error(path) == .damaged(path: path + "/record.sqlite", reason: "its tables are said to be of version \(version)"))
  }

  @Test func aFullDiskIsSaidAndLosesNothingThatWasThere() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("record")
    let store = try SQLiteRecordStore(folder: path)
    for number in 0..<5 { _ = try store.write(Self.epoch(number)) }
    // Incompressible, and more than the file may grow by.
    store.limitForTests(pages: 40)
    var noise = [UInt8](repeating: 0, count: 400_000)
    for place in noise.indices { noise[place] = .random(in: 0...255) }
    var large = Self.epoch(5)
    large.documents[0].bytes = noise
    #expect(throws: RecordError.full(path: path + "/record.sqlite")) { try store.write(large) }
    #expect(try store.extent()?.epochs == 5)
    store.limitForTests(pages: 1_000_000)
    _ = try store.write(large)
    #expect(try store.documents(ofEpoch: 5, named: "varz").first?.bytes == noise)
  }

  @Test func aFolderThatCannotBeMadeIsNamed() {
    guard case .unopened("/proc/none/record", _) = error("/proc/none/record") else {
      Issue.record("\(String(describing: error("/proc/none/record")))")
      return
    }
  }

  private func read(_ path: String) throws -> [UInt8] {
    let file = try #require(fopen(path, "rb"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 22)
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes[..<count])
  }

  private func write(_ bytes: [UInt8], _ path: String) throws {
    let file = try #require(fopen(path, "wb"))
    defer { fclose(file) }
    #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
  }
}
