import Foundation
import Glibc
import Logging
import NATSClient
import Recording
import StreamRecording
import TestSupport
import Testing
import Wire

/// A writer that is killed again and again (`make crash` does it a hundred times): what is listed can be read, and at most the epoch under way is
/// missing.
@Suite struct RecordKillTests {
  private static let kills = ProcessInfo.processInfo.environment["NATSIGHT_KILLS"].flatMap(Int.init)

  private func open(_ place: String) throws -> any RecordStore {
    guard place.contains("://") else { return try SQLiteRecordStore(folder: place) }
    var options = ClientOptions()
    options.servers = [try ServerURL(place)]
    return try JetStreamRecordStore(StreamPlace(client: options), log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  private func lines(_ process: ChildProcess) -> [Int] {
    // The last one may have been cut off.
    process.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().compactMap { Int($0) }
  }

  /// Every epoch that is listed holds what was written.
  private func check(_ store: any RecordStore, from first: Int) throws -> [Int] {
    let listed = try store.epochs(since: Timestamp(seconds: Int64(first) * 60), until: nil, most: 100_000)
    for header in listed {
      #expect(try store.beliefs(ofEpoch: header.number) == KilledRecord.beliefs(header.number))
      let found = try store.documents(ofEpoch: header.number, named: "connz")
      #expect(found.map(\.key.server) == KilledRecord.servers)
      #expect(found.map(\.bytes) == KilledRecord.servers.map { KilledRecord.document(header.number, $0) }, "epoch \(header.number)")
    }
    return listed.map(\.number)
  }

  /// Kills the writer at no particular moment, round after round.
  private func kill(_ place: String, _ kills: Int) throws {
    var first = 1_000
    for round in 0..<kills {
      let process = try ChildProcess(KilledRecord.program, [place, String(first)])
      let enough = Int.random(in: 1...20)
      try eventually("\(enough) epochs are stored: \(process.errors)") { lines(process).count >= enough || !process.isRunning }
      usleep(.random(in: 0...3_000))
      process.killNow()
      let told = lines(process)
      #expect(told.count >= enough && process.errors.isEmpty, "round \(round): \(process.transcript)")
      let store = try open(place)
      let listed = try check(store, from: first)
      store.close()
      // What was told is there; one more may have been stored whose number was not told any more.
      #expect(listed.starts(with: told) && listed.count - told.count <= 1, "round \(round): told \(told), listed \(listed)")
      first = (listed.last ?? first - 1) + 1
    }
    let store = try open(place)
    #expect(try check(store, from: 0) == Array(1_000..<first))
    store.close()
  }

  @Test func aFileThatIsBeingWritten() throws {
    let folder = try TemporaryFolder()
    try kill(folder.path("record"), Self.kills ?? 5)
  }

  @Test func aStreamThatIsBeingWritten() throws {
    let server = try RealServer(RealServer.jetStreamConfiguration())
    defer { withExtendedLifetime(server) {} }
    try kill("nats://record:r@127.0.0.1:\(server.port)", Self.kills ?? 2)
  }

  /// nats-server itself, with the stream's files: what it had confirmed is there.
  @Test func aServerThatIsKilledWhileItIsWrittenTo() throws {
    let folder = try TemporaryFolder()
    let port = freePort()
    let place = "nats://record:r@127.0.0.1:\(port)"
    var told: [Int] = []
    var first = 1_000
    for _ in 0..<min(Self.kills ?? 1, 20) {
      let server = try RealServer(RealServer.jetStreamConfiguration(store: folder.path("js")), port: port)
      let process = try ChildProcess(KilledRecord.program, [place, String(first)])
      try eventually("some epochs are stored: \(process.errors)") { lines(process).count >= 5 }
      server.process.killNow()
      process.killNow()
      told += lines(process)
      first = (told.last ?? first) + 2
    }
    let server = try RealServer(RealServer.jetStreamConfiguration(store: folder.path("js")), port: port)
    defer { withExtendedLifetime(server) {} }
    let store = try open(place)
    #expect(Set(try check(store, from: 0)).isSuperset(of: told))
    store.close()
  }

  private static var mayMount: Bool {
    guard geteuid() == 0, kills != nil, let folder = try? TemporaryFolder() else { return false }
    guard (try? ChildProcess.run("mount", ["-t", "tmpfs", "-o", "size=1m", "none", folder.path]))?.status == 0 else { return false }
    return (try? ChildProcess.run("umount", [folder.path]))?.status == 0
  }

  /// A disk that is really full, where this may mount one (as root, under `make crash`): it is said, and goes on once there is room.
  @Test(.enabled(if: mayMount)) func aDiskThatIsFull() throws {
    let folder = try TemporaryFolder()
    _ = try ChildProcess.run("mount", ["-t", "tmpfs", "-o", "size=1m", "none", folder.path])
    defer { _ = try? ChildProcess.run("umount", ["-l", folder.path]) }
    let record = folder.path("record")
    let process = try ChildProcess(KilledRecord.program, [record, "1000"])
    try eventually("the disk is full") { process.errors.contains("no room for the record") }
    let before = lines(process)
    _ = try ChildProcess.run("mount", ["-o", "remount,size=64m", folder.path])
    try eventually("it goes on by itself") { lines(process).count > before.count + 20 }
    process.killNow()
    let told = lines(process)
    let store = try open(record)
    let listed = try check(store, from: 0)
    store.close()
    #expect(listed.starts(with: told) && listed.count - told.count <= 1)
  }
}
