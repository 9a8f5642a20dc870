import Foundation
import Synchronization

/// A fleet of servers that are only played, behind a real one: a client in the system account that answers `$SYS.REQ`
/// for all of them from given documents, and publishes their heartbeats.
///
/// For what cannot be had in real: a thousand servers, versions newer than the packaged one, and servers that misbehave
/// in ways a real one does not on demand.
public final class ScriptedServers: Sendable {
  /// Gives the `data` of a reply; nil means that the endpoint is unknown to this server, which is silence.
  public typealias Documents = @Sendable (ScriptedRequest) -> String?

  private struct Fleet {
    var servers: [ScriptedServer]
    var sequence = 0
    var requests: [String: Int] = [:]
    var isStopped = false
  }

  private let fleet: Mutex<Fleet>
  private let listening: RawNATS
  private let speaking: Mutex<Speaker>
  private let documents: Documents
  private let later = DispatchQueue(label: "scripted-servers")

  /// The sending connection: one at a time, because several threads answer.
  private struct Speaker: @unchecked Sendable {  // used under the lock only
    let connection: RawNATS
  }

  /// Connects to a real server and begins to answer.
  /// - Parameters:
  ///   - documents: the answers; by default small ones made from the server's name (`ScriptedDocuments`).
  public init(
    port: UInt16, user: String = "admin", password: String = "changeit", servers: [ScriptedServer],
    documents: @escaping Documents = ScriptedDocuments.small
  ) throws {
    fleet = Mutex(Fleet(servers: servers))
    self.documents = documents
    listening = try RawNATS(port: port, user: user, password: password)
    listening.connection.timeout = 3600
    speaking = Mutex(Speaker(connection: try RawNATS(port: port, user: user, password: password)))
    for (index, subject) in [
      "$SYS.REQ.SERVER.PING", "$SYS.REQ.SERVER.*.*", "$SYS.REQ.ACCOUNT.*.*",
    ].enumerated() { try listening.subscribe(subject, sid: "\(index + 1)") }
    try listening.flush()
    Thread { [weak self, listening] in
      while let message = try? listening.next() {
        guard let self, !self.fleet.withLock({ $0.isStopped }) else { return }
        self.answer(message)
      }
    }.start()
    heartbeat()
  }

  /// Leaves at once and without a word, as a crash does.
  public func stop() {
    fleet.withLock { $0.isStopped = true }
    listening.connection.close()
    speaking.withLock { $0.connection.connection.close() }
  }

  deinit { stop() }

  /// The servers as they are now.
  public var servers: [ScriptedServer] { fleet.withLock { $0.servers } }

  /// How many requests reached the fleet, by endpoint.
  public var requests: [String: Int] { fleet.withLock { $0.requests } }

  /// Changes one server.
  public func change(_ name: String, _ body: @Sendable (inout ScriptedServer) -> Void) {
    fleet.withLock { fleet in
      for index in fleet.servers.indices where fleet.servers[index].name == name { body(&fleet.servers[index]) }
    }
  }

  /// Adds a server, which is heard at once.
  public func add(_ server: ScriptedServer) {
    fleet.withLock { $0.servers.append(server) }
    publish("$SYS.SERVER.\(server.id).STATSZ", statsz(server))
  }

  /// Publishes the STATSZ of every server that is not silent.
  public func heartbeat() {
    for server in servers where server.behaviour != .silent { publish("$SYS.SERVER.\(server.id).STATSZ", statsz(server)) }
    speaking.withLock { speaker in try? speaker.connection.flush() }
  }

  /// The last word of a server: `SHUTDOWN` or `LAMEDUCK`; it is silent afterwards.
  public func announce(_ event: String, of name: String) {
    guard let server = servers.first(where: { $0.name == name }) else { return }
    publish("$SYS.SERVER.\(server.id).\(event)", server.object(sequence: nextSequence()))
    change(name) { $0.behaviour = .silent }
  }

  /// Publishes anything, for events of other kinds.
  public func publish(_ subject: String, _ payload: String) {
    speaking.withLock { speaker in try? speaker.connection.publish(subject, payload) }
  }

  // MARK: Answering

  private func answer(_ message: RawMessage) {
    guard let inbox = message.reply else { return }
    let tokens = message.subject.split(separator: ".").map(String.init)
    guard tokens.count >= 4 else { return }
    let isAccount = tokens[2] == "ACCOUNT"
    let endpoint = (isAccount ? "ACCOUNT." : "") + (tokens.count == 4 ? "STATSZ" : tokens[4])
    let target = tokens[3]
    let asked = fleet.withLock { fleet in
      fleet.requests[endpoint, default: 0] += 1
      return fleet.servers.filter { isAccount || target == "PING" || $0.id == target }
    }
    let filter = RequestFilter(message.payload)
    var burst = ""
    for server in asked where filter.matches(server) {
      let request = ScriptedRequest(server: server, endpoint: endpoint, payload: message.payload, account: isAccount ? target : nil)
      reply(to: inbox, request, &burst)
    }
    send(burst)
  }

  private func reply(to inbox: String, _ request: ScriptedRequest, _ burst: inout String) {
    guard let body = body(of: request) else { return }
    let line = "PUB \(inbox) \(body.utf8.count)\r\n\(body)\r\n"
    switch request.server.behaviour {
    case .silent: break
    case .twice: burst += line + line
    case .slow(let seconds): later.asyncAfter(deadline: .now() + seconds) { [weak self] in self?.send(line) }
    default: burst += line
    }
  }

  private func body(of request: ScriptedRequest) -> String? {
    let server = request.server
    if request.endpoint == "STATSZ" { return statsz(server) }
    if request.endpoint == "IDZ" { return #"{"name":"\#(server.name)","host":"0.0.0.0","id":"\#(server.id)"}"# }
    let object = server.object(sequence: nextSequence())
    switch server.behaviour {
    case .refuses(let code, let description):
      return #"{"server":\#(object),"data":null,"error":{"code":\#(code),"description":"\#(description)"}}"#
    case .garbage: return "{\"server\":"
    default: return documents(request).map { #"{"server":\#(object),"data":\#($0)}"# }
    }
  }

  private func statsz(_ server: ScriptedServer) -> String {
    let count = servers.count
    return #"{"server":\#(server.object(sequence: nextSequence())),"statsz":{"start":"2026-11-20T21:35:42.441439792Z","mem":18759680,"#
      + #""cores":2,"cpu":4,"connections":2,"total_connections":5,"active_accounts":2,"subscriptions":68,"sent":{"msgs":6,"bytes":30},"#
      + #""sent_to_clients":{"msgs":6,"bytes":30},"received":{"msgs":4,"bytes":15},"received_from_clients":{"msgs":4,"bytes":15},"#
      + #""slow_consumers":0,"active_servers":\#(count + 1),"gomaxprocs":2}}"#
  }

  private func nextSequence() -> Int {
    fleet.withLock { fleet in
      fleet.sequence += 1
      return fleet.sequence
    }
  }

  private func send(_ burst: String) {
    guard !burst.isEmpty else { return }
    speaking.withLock { speaker in try? speaker.connection.connection.send(burst) }
  }
}

/// The server filters of the NATS system services, as far as a played server honours them.
private struct RequestFilter {
  private let options: [String: Any]

  init(_ payload: [UInt8]) {
    options = (try? JSONSerialization.jsonObject(with: Data(payload)) as? [String: Any]) ?? [:]
  }

  func matches(_ server: ScriptedServer) -> Bool {
    let exact = options["exact_match"] as? Bool ?? false
    func fits(_ key: String, _ value: String) -> Bool {
      guard let wanted = options[key] as? String, !wanted.isEmpty else { return true }
      return exact ? value == wanted : value.contains(wanted)
    }
    let tags = options["tags"] as? [String] ?? []
    return fits("server_name", server.name) && fits("cluster", server.cluster) && tags.allSatisfy { server.tags.contains($0.lowercased()) }
  }
}
