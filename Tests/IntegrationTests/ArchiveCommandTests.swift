import Foundation
import Play
import Recording
import TestSupport
import Testing
import Wire

/// `natsight archive` and `serve --archive`, as they are typed: a file is made, carried away and looked at.
@Suite struct ArchiveCommandTests {
  private func natsight(_ arguments: [String]) throws -> Finished { try ChildProcess.run(NatsightProcess.binary, arguments) }

  private func files(_ folder: TemporaryFolder) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  private func bytes(_ path: String) -> Data? { FileManager.default.contents(atPath: path) }

  @Test func aFileIsMadeAndLookedAt() throws {
    let cluster = try RealCluster(2)
    let folder = try TemporaryFolder()
    let file = folder.path("case.zip")
    let made = try natsight(["archive", "-o", file, "--server", cluster.systemURL])
    #expect(made.status == 0 && made.output.isEmpty && made.errors.contains("2 of 2 servers are in it"), "\(made)")
    #expect(made.errors.contains("\(file) is written: ") && !made.errors.contains("changeit"), "\(made)")
    #expect(try files(folder) == ["case.zip"])
    let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    // Looked at without the system, and asked for the file again.
    for server in cluster.servers { server.process.killNow() }
    let shown = try NatsightProcess.serve(["--archive", file])
    let port = try shown.httpPort()
    #expect(shown.process.output.contains("and shows the archive \(file) of 20"), "\(shown.transcript)")
    let answer = try RawHTTP.get(port: port, "/connz")
    #expect(answer.status == 200 && answer.headers["natsight-responded"] == "2/2" && answer.headers["natsight-at"] != nil, "\(answer)")
    #expect(try RawHTTP.get(port: port, "/", headers: ["Accept": "text/html"]).text.contains("<html"))
    let again = folder.path("again.zip")
    let copied = try natsight(["archive", "-o", again, "--from", "http://127.0.0.1:\(port)/"])
    #expect(copied.status == 0 && copied.errors.contains("2/2 servers are in it"), "\(copied)")
    #expect(bytes(again) == bytes(file) && bytes(file) != nil)
    let gone = try natsight(["archive", "-o", folder.path("gone.zip"), "--from", "http://127.0.0.1:\(port)", "--at=-30d"])
    #expect(gone.status == 1 && gone.errors.contains("the gateway answered 404: ") && gone.errors.contains("was not recorded"), "\(gone)")
    #expect(try files(folder) == ["again.zip", "case.zip"])
  }

  @Test func whatIsThereStays() throws {
    let server = try RealServer(testAccounts, name: "one")
    let folder = try TemporaryFolder()
    let file = try folder.write("precious", to: "case.zip")
    let url = "nats://admin:changeit@127.0.0.1:\(server.port)"
    let refused = try natsight(["archive", "-o", file, "--server", url])
    #expect(refused.status == 1 && refused.errors.contains("\(file) is there already") && refused.errors.contains("--force"), "\(refused)")
    #expect(bytes(file) == Data("precious".utf8))
    // One that cannot be made does not take the place of what is there.
    let failed = try natsight(["archive", "-o", file, "--force", "--server", "nats://127.0.0.1:9"])
    #expect(failed.status == 1 && !failed.errors.contains("is written"), "\(failed)")
    #expect(bytes(file) == Data("precious".utf8))
    let forced = try natsight(["archive", "-o", file, "--force", "--server", url])
    #expect(forced.status == 0 && bytes(file)?.starts(with: Data("PK".utf8)) == true, "\(forced)")
    let nowhere = try natsight(["archive", "-o", folder.path("no/such/case.zip"), "--server", url])
    #expect(nowhere.status == 1 && nowhere.errors.contains("no such file or directory"), "\(nowhere)")
    let directory = try natsight(["archive", "-o", folder.path, "--force", "--server", url])
    #expect(directory.status == 1 && directory.errors.contains("is a folder"), "\(directory)")
    let ordinary = try natsight(["archive", "-o", folder.path("b.zip"), "--server", "nats://b:b@127.0.0.1:\(server.port)"])
    #expect(ordinary.status == 1 && ordinary.errors.contains("system"), "\(ordinary)")
    #expect(try files(folder) == ["case.zip"])
  }

  @Test func whoIsMissingIsNamed() throws {
    let cluster = try RealCluster(2)
    let folder = try TemporaryFolder()
    let file = folder.path("case.zip")
    cluster.servers[1].process.killNow()
    let made = try natsight(["archive", "-o", file, "--server", cluster.systemURL, "--expect", "\(cluster.servers[1].name)"])
    #expect(made.status == 2 && made.errors.contains("1 of 2 servers are in it"), "\(made)")
    #expect(made.errors.contains("missing: \(cluster.servers[1].name): ") && bytes(file) != nil, "\(made)")
    let shown = try NatsightProcess.serve(["--archive", file])
    let answer = try RawHTTP.get(port: try shown.httpPort(), "/varz")
    #expect(answer.headers["natsight-complete"] == "false" && answer.headers["natsight-missing"] == cluster.servers[1].name, "\(answer)")
  }

  @Test func aMomentOfARecordIsTakenWithoutAGateway() throws {
    let folder = try TemporaryFolder()
    let record = folder.path("record")
    #expect(try PlayCommand([record, "0.01", "60", "2026-11-30T04:00:00Z", "10"], now: .zero).run() > 10)
    let file = folder.path("case.zip")
    func take(_ words: String...) throws -> Finished { try natsight(["archive", "-o", file, "--force", "--record", record] + words) }
    do {
      // Also while somebody writes there.
      let writer = try SQLiteRecordStore(folder: record)
      defer { writer.close() }
      let made = try take("--at", "2026-11-30T03:55:00Z")
      #expect(made.status == 0 && made.errors.contains("6 of 6 servers are in it"), "\(made)")
    }
    let shown = try NatsightProcess.serve(["--archive", file])
    let answer = try RawHTTP.get(port: try shown.httpPort(), "/varz")
    #expect(answer.headers["natsight-at"] == "2026-11-30T03:54:42Z" && answer.headers["natsight-responded"] == "6/6", "\(answer)")
    shown.process.stop()
    // The newest, and an epoch's number.
    #expect(try take().status == 0 && take("--at", "\(1_796_011_200 / 60 - 3)").status == 0)
    let kept = bytes(file)
    for (words, says) in [
      (["--at", "1999-01-01T00:00:00Z"], "epochs are kept, from 2026-11-30"), (["--at", "7"], "epoch 7 was not recorded"),
      (["--at", "2999-01-01T00:00:00Z"], "has not come yet"),
    ] {
      let refused = try natsight(["archive", "-o", file, "--force", "--record", record] + words)
      #expect(refused.status == 1 && refused.errors.contains(says), "\(refused)")
    }
    let none = try natsight(["archive", "-o", file, "--force", "--record", folder.path("nowhere")])
    #expect(none.status == 1 && none.errors.contains("cannot open the record \(folder.path)/nowhere"), "\(none)")
    #expect(none.errors.contains("No such file"), "\(none)")
    #expect(bytes(file) == kept && kept != nil)
    #expect(try files(folder) == ["case.zip", "record"])
  }

  @Test func filesThatAreNoArchives() throws {
    let folder = try TemporaryFolder()
    let server = try RealServer(testAccounts, name: "one")
    let file = folder.path("case.zip")
    #expect(try natsight(["archive", "-o", file, "-s", "nats://admin:changeit@127.0.0.1:\(server.port)"]).status == 0)
    let whole = try #require(bytes(file))
    try whole.prefix(whole.count - 40).write(to: URL(fileURLWithPath: folder.path("torn.zip")))
    var turned = whole
    turned[60] ^= 0xFF
    try turned.write(to: URL(fileURLWithPath: folder.path("turned.zip")))
    // One entry whose name leads out of every folder.
    var leading = whole
    while let place = leading.range(of: Data("capture/misc/".utf8)) { leading.replaceSubrange(place, with: Data("../../../xxx/".utf8)) }
    try leading.write(to: URL(fileURLWithPath: folder.path("leading.zip")))
    try folder.write("", to: "empty.zip")
    try folder.write("just a text, and no archive of anything", to: "text.zip")
    let before = try files(folder)
    for (name, says) in [
      ("torn.zip", "no ZIP file, or its end is missing"), ("turned.zip", "case.zip"), ("leading.zip", "\"..\" as a part of its name"),
      ("empty.zip", "no ZIP file"), ("text.zip", "no ZIP file"), ("missing.zip", "No such file or directory"), (".", "expected a file"),
    ] {
      let finished = try natsight(["serve", "--listen", "127.0.0.1:0", "--archive", folder.path(name)])
      let text = finished.errors.replacingOccurrences(of: "turned.zip", with: "case.zip")
      #expect(finished.status == 1 && text.contains("cannot open the archive ") && text.contains(says), "\(name): \(finished)")
      #expect(finished.errors.split(separator: "\n").count == 1, "\(name): \(finished)")
    }
    #expect(try files(folder) == before)
  }

  @Test func whatDoesNotGoTogetherIsRefused() throws {
    for (words, says) in [
      (["serve", "--archive", "a.zip", "--server", "nats://x:1"], "leave out --server"),
      (["serve", "--archive", "a.zip", "--record", "r", "-c", "b.conf"], "leave out --broker-config, --record"),
      (["archive"], "--output"), (["archive", "-o", ""], "has to name a file"),
      (["archive", "-o", "a.zip", "--from", "http://x", "--server", "nats://x"], "leave out --server"),
      (["archive", "-o", "a.zip", "--at=-2h"], "--at needs --from or --record"),
      (["archive", "-o", "a.zip", "--record", "r", "--from", "http://x"], "leave out --record"),
      (["archive", "-o", "a.zip", "--record", "r", "--server", "nats://x"], "leave out --server"),
      (["archive", "-o", "a.zip", "--record", "nats://x"], "takes the folder of a record"),
      (["archive", "-o", "a.zip", "--record", "r", "--at", "yesterday"], "cannot be read"),
      (["archive", "-o", "a.zip", "--from", "http://x/?y"], "a gateway's address"),
    ] {
      let finished = try natsight(words)
      #expect(finished.status == 64 && finished.errors.contains(says), "\(words): \(finished)")
    }
  }
}
