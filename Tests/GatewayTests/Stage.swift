import Foundation
import Gateway
import Recording
import Synchronization
import TestSupport
import Testing

/// Played servers that are alone in their account, and a gateway in front of them.
final class Stage: Sendable {
  let account: PlayedAccount
  let fleet: ScriptedServers
  let gateway: TestGateway

  /// Waits until the gateway knows all servers that beat, but for a `cold` one, which may still be looking for them.
  init(
    _ servers: [ScriptedServer], on server: RealServer? = nil, cold: Bool = false,
    documents: @escaping ScriptedServers.Documents = ScriptedDocuments.small, store: any RecordStore = MemoryRecordStore(),
    configure: (inout GatewayConfiguration) -> Void = { _ in }
  ) throws {
    account = try PlayedAccount(on: server)
    fleet = try account.fleet(servers, documents: documents)
    gateway = try TestGateway(account, store: store) {
      $0.probe = 0.1
      configure(&$0)
    }
    if cold { return }
    let known = servers.count { !$0.isQuiet && $0.behaviour != .silent }
    try eventually("\(known) servers are known") {
      try gateway.json("/servers")["servers"].map { ($0 as? [Any])?.count ?? 0 >= known } ?? false
    }
    try eventually("ready") { try gateway.get("/readyz").status == 200 }
  }

  /// Servers called f0, f1, … of the cluster F, with the same ids each time.
  static func servers(_ count: Int, cluster: String = "F") -> [ScriptedServer] {
    (0..<count).map { ScriptedServer(name: "f\($0)", cluster: cluster, id: ScriptedServer.identifier(of: "f\($0)")) }
  }

  /// Asks until the gateway takes the server for suspect.
  func untilSuspect(_ name: String) throws {
    try eventually("\(name) is suspect") {
      _ = try gateway.get("/varz?timeout=3s")
      return try gateway.state(name) == "suspect"
    }
  }

  /// The questions that were sent to one server in person.
  func questions(_ endpoint: String, to name: String) -> [ScriptedQuestion] {
    let ids = fleet.servers.filter { $0.name == name }.map(\.id)
    return fleet.questions(endpoint).filter { question in ids.contains { question.subject.contains(".\($0).") } }
  }
}

extension HTTPReply {
  var code: String { ((try? json())?["missing"] as? [[String: Any]])?.first?["code"] as? String ?? "" }
  /// The names under `servers`, in their order.
  var servers: [String] {
    ((try? json())?["servers"] as? [[String: Any]] ?? []).map { ($0["server"] as? [String: Any])?["name"] as? String ?? "?" }
  }

  /// What holds for every gathered answer: each server counts once, and the numbers agree.
  func expectIdentity(_ location: SourceLocation = #_sourceLocation) throws {
    let document = try json()
    let missing = document["missing"] as? [[String: Any]] ?? []
    let answered = (document["servers"] as? [[String: Any]] ?? []).compactMap { ($0["server"] as? [String: Any])?["id"] as? String }
    let absent = missing.compactMap { $0["id"] as? String }
    #expect(Set(answered).isDisjoint(with: absent), "nobody both answered and is missing", sourceLocation: location)
    #expect(Set(answered).count == answered.count && Set(absent).count == absent.count, sourceLocation: location)
    guard let expected = document["expected"] as? Int, let responded = document["responded"] as? Int else { return }
    let absentees = missing.reduce(0) { $0 + ($1["count"] as? Int ?? 1) }
    #expect(
      expected == responded + absentees, "expected \(expected), responded \(responded), missing \(absentees)", sourceLocation: location)
  }
}

/// A request that is under way: sent, and not yet read.
final class PendingRequest: Sendable {
  private let client: RawHTTP

  init(_ gateway: TestGateway, _ path: String) throws {
    client = try RawHTTP(port: gateway.port)
    try client.connection.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
  }

  func reply() throws -> HTTPReply { try client.readReply() }

  /// The next line as it comes, of an answer that is streamed.
  func line() throws -> String { try client.connection.readLine() }
}
