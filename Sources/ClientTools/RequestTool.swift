public import NATSClient
import Reactor
import SystemAPI
import Wire

/// Asks once and collects replies: so many, or until every server of the system has answered, or until the time is up.
public struct RequestTool: Sendable {
  /// When enough replies have come.
  public enum Wanted: Sendable, Equatable {
    case count(Int)
    /// Everything until the time is up.
    case everything
    /// One from each server that the system account's PING finds.
    case everyServer
  }

  /// What a request brought.
  public struct Outcome: Sendable {
    public var replies = 0
    /// Names (or ids) of the servers that were found and did not answer.
    public var missing: [String] = []
    public var nobodyListens = false
    /// The time ran out before there was enough.
    public var timedOut = false
  }

  public var wanted: Wanted
  /// Seconds.
  public var timeout: Double
  public var headers: [UInt8]

  /// - Parameter replies: nil for what suits the subject; 0 for everything until the time is up.
  public init(subject: String, replies: Int?, timeout: Double, headers: [UInt8] = []) {
    switch replies {
    case nil: wanted = RequestTool.asksEveryServer(subject) ? .everyServer : .count(1)
    case 0?: wanted = .everything
    case let count?: wanted = .count(count)
    }
    self.timeout = timeout
    self.headers = headers
  }

  /// Whether every server of the system answers this subject.
  static func asksEveryServer(_ subject: String) -> Bool {
    subject == "$SYS.REQ.SERVER.PING" || subject.hasPrefix("$SYS.REQ.SERVER.PING.") || subject.hasPrefix("$SYS.REQ.ACCOUNT.PING.")
  }

  /// Asks, and hands each reply to `onReply` as it comes; on the client's shard.
  /// - Throws: `ToolFailure` when the connection is lost.
  public func run(
    _ connection: ToolConnection, _ subject: String, _ payload: [UInt8], onReply: @escaping @Sendable (NATSMessage) -> Void
  ) async throws -> Outcome {
    try await withCheckedThrowingContinuation { continuation in
      connection.client.shard.run {
        RequestCollector(self, connection.client, onReply) { continuation.resume(with: $0) }.begin(subject, payload)
      }
    }
  }
}

/// One request under way. Lives on the client's shard, kept by the handlers that it leaves there.
private final class RequestCollector: @unchecked Sendable {  // confined to `client.shard`
  private let tool: RequestTool
  private let client: NATSClient
  private let onReply: (NATSMessage) -> Void
  private var completion: ((Result<RequestTool.Outcome, any Error>) -> Void)?
  private var outcome = RequestTool.Outcome()
  private var known: [String: String] = [:]
  private var active = 1
  private var answered: Set<String> = []
  private var tokens: [NATSClient.RequestToken] = []

  init(
    _ tool: RequestTool, _ client: NATSClient, _ onReply: @escaping (NATSMessage) -> Void,
    _ completion: @escaping (Result<RequestTool.Outcome, any Error>) -> Void
  ) {
    self.tool = tool
    self.client = client
    self.onReply = onReply
    self.completion = completion
  }

  func begin(_ subject: String, _ payload: [UInt8]) {
    let isRosterItself = subject == "$SYS.REQ.SERVER.PING"
    if tool.wanted == .everyServer, !isRosterItself {
      ask("$SYS.REQ.SERVER.PING", []) { self.learn($0) }
    }
    ask(subject, payload) { message in
      if isRosterItself { self.learn(message) }
      self.take(message)
    }
    _ = client.shard.after(tool.timeout) {
      self.outcome.timedOut = true
      self.finish()
    }
  }

  private func ask(_ subject: String, _ payload: [UInt8], _ handler: @escaping (NATSMessage) -> Void) {
    let token = client.request(subject, headers: tool.headers, payload: payload) { event in
      switch event {
      case .reply(let message): handler(message)
      case .noResponders:
        self.outcome.nobodyListens = true
        self.finish()
      case .disconnected: self.end(.failure(ToolFailure("the connection was lost before the reply came")))
      }
    }
    if let token { tokens.append(token) } else { end(.failure(ToolFailure("there is no connection"))) }
  }

  /// A reply to PING names a server, and says how many it knows of.
  private func learn(_ message: NATSMessage) {
    guard let document = try? JSONValue(parsing: message.payload), let id = document["server"]?["id"]?.string else { return }
    known[id] = document["server"]?["name"]?.string ?? id
    active = max(active, document["statsz"]?["active_servers"]?.int ?? 1)
    check()
  }

  private func take(_ message: NATSMessage) {
    outcome.replies += 1
    if tool.wanted == .everyServer, let document = try? JSONValue(parsing: message.payload) {
      if let id = document["server"]?["id"]?.string ?? document["id"]?.string { answered.insert(id) }
    }
    onReply(message)
    check()
  }

  private func check() {
    switch tool.wanted {
    case .count(let count): if outcome.replies >= count { finish() }
    case .everything: break
    case .everyServer: if known.count >= active, !known.isEmpty, answered.isSuperset(of: known.keys) { finish() }
    }
  }

  private func finish() {
    outcome.missing = known.filter { !answered.contains($0.key) }.map(\.value).sorted()
    if case .everything = tool.wanted { outcome.timedOut = outcome.replies == 0 }
    end(.success(outcome))
  }

  private func end(_ result: Result<RequestTool.Outcome, any Error>) {
    guard let completion else { return }
    self.completion = nil
    for token in tokens { client.cancel(token) }
    completion(result)
  }
}
