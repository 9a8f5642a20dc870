import ArgumentParser
import Broker
import BrokerCore
import BrokerOptions
import Foundation
import Glibc
import Identity
import LogOutput
import TestSupport
import Testing

@testable import GatewayProcess

/// The broker that `serve` runs on: how it starts, what keeps it from starting, and what a reload changes.
@Suite struct EmbeddedBrokerTests {
  let folder: TemporaryFolder
  let log: KeptLog

  init() throws {
    folder = try TemporaryFolder()
    log = try KeptLog()
  }

  private func start(
    _ configuration: String? = nil, listen: String? = "127.0.0.1:0", stateFolder: String? = nil
  ) throws -> EmbeddedBroker {
    let file = try configuration.map { try folder.write($0, to: "broker.conf") }
    return try EmbeddedBroker.start(file: file, listen: listen, stateFolder: stateFolder, log: log.output.logger("broker"))
  }

  private func port(_ broker: EmbeddedBroker) throws -> UInt16 {
    try #require(broker.url?.split(separator: ":").last.flatMap { UInt16($0) })
  }

  @Test func withoutAFileAnybodyOfThisHostIsServed() throws {
    let broker = try start()
    defer { broker.stop() }
    #expect(try broker.url == "nats://127.0.0.1:\(port(broker))")
    try RawNATS(port: port(broker)).flush()
    #expect(broker.reload() == nil, "there is nothing to read again")
    // What the host is called, where that can stand in a path.
    #expect(broker.options.broker.serverName == HostName.asServerName ?? "")
  }

  @Test(arguments: [("0.0.0.0:0", "nats://127.0.0.1:"), (":0", "nats://127.0.0.1:"), ("[::1]:0", "nats://[::1]:")])
  func theURLIsOneThatCanBeUsed(_ listen: String, _ expected: String) throws {
    let broker = try start(listen: listen)
    defer { broker.stop() }
    #expect(broker.url?.hasPrefix(expected) == true && broker.url?.hasSuffix(":0") == false, "\(broker.url ?? "none")")
  }

  @Test func aKeyIsTakenUpAgain() throws {
    let state = folder.path("state/deep")
    let first = try start(stateFolder: state)
    let id = first.broker.serverID
    first.stop()
    let second = try start(stateFolder: state)
    defer { second.stop() }
    #expect(second.broker.serverID == id)
    let other = try start()
    defer { other.stop() }
    #expect(other.broker.serverID != id)
    // It is what requests to an authorization service are signed with, and nobody else's to read.
    let kept = try KeyPair(seed: folder.read("state/deep/server.nk").trimmingCharacters(in: .whitespacesAndNewlines))
    #expect(kept.kind == .server && kept.publicKey == id)
    var status = stat()
    #expect(stat(state + "/server.nk", &status) == 0 && status.st_mode & 0o777 == 0o600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: state) == ["server.nk"])
  }

  /// A file that holds something else is named and stays; its text is shown nowhere.
  @Test(arguments: ["", "nonsense", "user", "public", "folder"]) func aBadKeyFileIsNamedAndStays(_ content: String) throws {
    let text =
      switch content {
      case "user": try KeyPair.generate(.user).seed()
      case "public": KeyPair.generate(.server).publicKey
      default: content
      }
    if content == "folder" {
      try FileManager.default.createDirectory(atPath: folder.path("state/server.nk"), withIntermediateDirectories: true)
    } else {
      try folder.write(text, to: "state/server.nk")
    }
    let failure = #expect(throws: EmbeddedBroker.Failure.self) { try start(stateFolder: folder.path("state")) }
    #expect(failure?.description.contains(folder.path("state/server.nk")) == true, "\(failure?.description ?? "none")")
    #expect(text.isEmpty || failure?.description.contains(text) == false)
    #expect(content == "folder" || folder.read("state/server.nk") == text)
  }

  /// A folder that cannot be written keeps nobody from starting.
  @Test func aKeyThatCannotBeKeptIsOneOfThisRun() throws {
    try folder.write("", to: "file")
    let broker = try start(stateFolder: folder.path("file"))
    defer { broker.stop() }
    #expect(log.lines(with: "the server's key could not be kept").count == 1, "\(log.text)")
  }

  @Test func theFilesOwnNameAndAddressCount() throws {
    let broker = try start("listen: \"127.0.0.1:-1\", server_name: own, prof_port: 1", listen: nil)
    defer { broker.stop() }
    #expect(broker.options.broker.serverName == "own" && broker.url?.hasPrefix("nats://127.0.0.1:") == true)
    #expect(log.lines(with: "prof_port has no effect here").count == 1, "what is worth knowing is told: \(log.text)")
  }

  @Test func whatIsWrongWithTheFileIsSaid() throws {
    let failure = #expect(throws: EmbeddedBroker.Failure.self) { try start("port: x\nmax_payload: y") }
    let lines = failure?.description.split(separator: "\n") ?? []
    #expect(lines.count == 3 && lines[0] == "the broker's configuration is not usable:", "\(lines)")
    #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("  ") && $0.contains("broker.conf:") })
    #expect(throws: EmbeddedBroker.Failure.self) {
      try EmbeddedBroker.start(file: folder.path("none.conf"), listen: nil, stateFolder: nil, log: log.output.logger("broker"))
    }
    let listen = #expect(throws: ValidationError.self) { try start(listen: "nonsense") }
    #expect(listen?.message == "--broker-listen nonsense: expected HOST:PORT, such as 127.0.0.1:4222")
  }

  /// Taken by a NATS server, by something that says nothing, and an address that this host does not have.
  @Test func aTakenPortIsExplained() throws {
    let first = try start()
    defer { first.stop() }
    let taken = try port(first)
    let nats = #expect(throws: EmbeddedBroker.Failure.self) { try start(listen: "127.0.0.1:\(taken)") }
    #expect(
      nats?.description == "port \(taken) is taken by a NATS server: watch it with --server nats://127.0.0.1:\(taken), "
        + "or give the embedded broker another port with --broker-listen HOST:PORT")
    let silent = try SilentListener()
    let other = #expect(throws: EmbeddedBroker.Failure.self) { try start(listen: "127.0.0.1:\(silent.port)") }
    #expect(other?.description == "port \(silent.port) is taken: give the embedded broker another one with --broker-listen HOST:PORT")
    let foreign = #expect(throws: EmbeddedBroker.Failure.self) { try start(listen: "192.0.2.1:4222") }
    #expect(foreign?.description.hasSuffix("; choose another address for the broker's clients with --broker-listen HOST:PORT") == true)
  }

  @Test func aReloadChangesWhatMayChange() throws {
    func file(_ password: String, _ more: String = "") -> String { "authorization { user: ann, password: \(password) }\n\(more)" }
    let broker = try start(file("first"))
    defer { broker.stop() }
    let port = try port(broker)
    func admits(_ password: String) -> Bool { (try? RawNATS(port: port, user: "ann", password: password)) != nil }
    #expect(admits("first"))
    try folder.write(file("second", "max_payload: 2048"), to: "broker.conf")
    #expect(broker.reload() == nil)
    #expect(admits("second") && !admits("first"))
    #expect(log.lines(with: "Reloaded: max_payload = 2048").count == 1 && log.lines(with: "broker configuration reloaded").count == 1)
    // Compared with what is in force now, not with what it started with.
    #expect(broker.reload() == nil)
    #expect(log.lines(with: "Reloaded: max_payload").count == 1)
    try folder.write(file("third", "server_name: other"), to: "broker.conf")
    #expect(broker.reload()?.hasPrefix("config reload not supported for ServerName") == true)
    try folder.write("listen: [\nport: x", to: "broker.conf")
    #expect(broker.reload()?.contains("broker.conf:") == true)
    #expect(admits("second") && !admits("third"))
  }
}

/// A listener that takes connections and says nothing.
final class SilentListener {
  let port: UInt16
  private let socket: Int32

  init() throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let socket = socket
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(socket, generic, size) == 0 && listen(socket, 8) == 0 ? getsockname(socket, generic, &size) : -1
      }
    }
    guard status == 0 else { throw TestFailure("no listener: \(String(cString: strerror(errno)))") }
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(socket) }
}
