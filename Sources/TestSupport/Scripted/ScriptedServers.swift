import Foundation
import Synchronization

/// A fleet of servers that are only played, behind a real one: a client that answers `$SYS.REQ` for all of them from given
/// documents, and publishes their heartbeats.
///
/// For what cannot be had in real: a thousand servers, versions newer than the packaged one, and servers that misbehave
/// in ways a real one does not on demand. In the system account the real server answers beside them; in an account of their
/// own and under a prefix of their own (`PlayedAccount`) they are all there is.
public final class ScriptedServers: Sendable {
  /// Gives the `data` of a reply; nil means that the endpoint is unknown to this server, which is silence.
  public typealias Documents = @Sendable (ScriptedRequest) -> String?

  struct Fleet {
    var servers: [ScriptedServer]
    var sequence = 0
    var questions: [ScriptedQuestion] = []
    var held: [[UInt8]] = []
    var answered: [String: Int] = [:]
    var inbox: String?
    var isStopped = false
  }

  let fleet: Mutex<Fleet>
  let documents: Documents
  /// How many real servers are heard beside them.
  let realServers: Int
  let later = DispatchQueue(label: "scripted-servers")
  private let listening: RawNATS
  private let speaking: Mutex<Speaker>

  /// The sending connection: one at a time, because several threads answer.
  private struct Speaker: @unchecked Sendable {  // used under the lock only
    let connection: RawNATS
  }

  /// Connects to a real server and begins to answer.
  /// - Parameters:
  ///   - prefix: what requests begin with.
  ///   - realServers: how many real ones are heard beside them; what heartbeats say about the number of servers follows from it.
  ///   - documents: the answers; by default small ones made from the server's name (`ScriptedDocuments`).
  public init(
    port: UInt16, user: String = "admin", password: String = "changeit", prefix: String = "$SYS.REQ", realServers: Int = 1,
    servers: [ScriptedServer], documents: @escaping Documents = ScriptedDocuments.small
  ) throws {
    fleet = Mutex(Fleet(servers: servers))
    self.documents = documents
    self.realServers = realServers
    listening = try RawNATS(port: port, user: user, password: password)
    listening.connection.timeout = 3600
    speaking = Mutex(Speaker(connection: try RawNATS(port: port, user: user, password: password)))
    for (index, subject) in ["SERVER.PING", "SERVER.*.*", "ACCOUNT.*.*"].enumerated() {
      try listening.subscribe("\(prefix).\(subject)", sid: "\(index + 1)")
    }
    try listening.flush()
    let tokens = prefix.split(separator: ".").count
    Thread { [weak self, listening] in
      while let message = try? listening.next() {
        guard let self, !self.fleet.withLock({ $0.isStopped }) else { return }
        self.answer(message, after: tokens)
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

  // MARK: What reached them

  /// The servers as they are now.
  public var servers: [ScriptedServer] { fleet.withLock { $0.servers } }

  /// The questions that reached the fleet, in the order of their arrival; one that every server gets counts once.
  public var questions: [ScriptedQuestion] { fleet.withLock { $0.questions } }

  /// The questions to one endpoint.
  public func questions(_ endpoint: String) -> [ScriptedQuestion] { questions.filter { $0.endpoint == endpoint } }

  /// How many questions of an endpoint those have answered by now who answer at once.
  public func answered(_ endpoint: String) -> Int { fleet.withLock { $0.answered[endpoint] ?? 0 } }

  /// Where the answers to the question that came last but for probes go, or went.
  public var lastInbox: String? { fleet.withLock { $0.inbox } }

  /// How many questions reached the fleet, by endpoint.
  public var requests: [String: Int] { Dictionary(questions.map { ($0.endpoint, 1) }, uniquingKeysWith: +) }

  // MARK: Changing them

  /// Changes the servers of this name.
  public func change(_ name: String, _ body: @Sendable (inout ScriptedServer) -> Void) {
    fleet.withLock { fleet in
      for index in fleet.servers.indices where fleet.servers[index].name == name { body(&fleet.servers[index]) }
    }
  }

  /// Adds a server, which is heard at once unless it is quiet.
  public func add(_ server: ScriptedServer) {
    fleet.withLock { $0.servers.append(server) }
    if server.beats { beat(server) }
  }

  /// The server goes without a word.
  public func remove(_ name: String) {
    fleet.withLock { $0.servers.removeAll { $0.name == name } }
  }

  /// The server goes without a word and comes again as a new process: under the same name with another id.
  @discardableResult
  public func restart(_ name: String, id: String? = nil, isQuiet: Bool = false) throws -> ScriptedServer {
    guard let old = servers.first(where: { $0.name == name }) else { throw TestFailure("no played server is named \(name)") }
    remove(name)
    let new = ScriptedServer(
      name: name, cluster: old.cluster, version: old.version, id: id, tags: old.tags, domain: old.domain, hasJetStream: old.hasJetStream,
      activeServers: old.activeServers, isQuiet: isQuiet)
    add(new)
    return new
  }

  /// Publishes the STATSZ of every server that is neither silent nor quiet.
  public func heartbeat() {
    for server in servers where server.beats { beat(server) }
    speaking.withLock { speaker in try? speaker.connection.flush() }
  }

  /// The last word of a server: `SHUTDOWN` or `LAMEDUCK`; it is silent afterwards.
  public func announce(_ event: String, of name: String) {
    guard let server = servers.first(where: { $0.name == name }) else { return }
    publish("$SYS.SERVER.\(server.id).\(event)", server.object(sequence: nextSequence()))
    change(name) { $0.behaviour = .silent }
  }

  /// Sends the answers that were held back, in the order of the questions.
  public func release() {
    let held = fleet.withLock { fleet in
      defer { fleet.held = [] }
      return fleet.held
    }
    for answer in held { send(answer) }
  }

  /// Publishes anything: events of other kinds, or what a liar says.
  public func publish(_ subject: String, _ payload: String) {
    speaking.withLock { speaker in try? speaker.connection.publish(subject, payload) }
  }

  func send(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    speaking.withLock { speaker in try? speaker.connection.connection.send(bytes) }
  }

  func nextSequence() -> Int {
    fleet.withLock { fleet in
      fleet.sequence += 1
      return fleet.sequence
    }
  }

  private func beat(_ server: ScriptedServer) { publish("$SYS.SERVER.\(server.id).STATSZ", statsz(server, isBeat: true)) }
}
