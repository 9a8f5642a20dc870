import Foundation

/// A message as it arrived.
public struct RawMessage: Sendable, Equatable {
  public let subject: String
  public let sid: String
  public let reply: String?
  /// The header block with its version line, as text; nil for MSG.
  public let headers: String?
  public let payload: [UInt8]
  public var text: String { String(decoding: payload, as: UTF8.self) }
  /// The payload as a JSON object; empty when it is none.
  public var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(payload)) as? [String: Any]) ?? [:] }
}

/// A NATS client at its plainest: line by line, blocking, nothing hidden. Answers PING on its way.
public final class RawNATS: @unchecked Sendable {  // as RawConnection: one task at a time
  public let connection: RawConnection
  /// The first INFO.
  public let info: [String: Any]
  private var waiting: [RawMessage] = []
  /// `-ERR` lines seen while waiting for something else.
  public private(set) var errors: [String] = []

  /// Connects, reads INFO, sends CONNECT with `options` (a JSON object's members) and waits for the PONG.
  /// - Throws: `TestFailure`, with the server's `-ERR` when it refuses.
  /// - Parameter proof: further members that answer the server's nonce, such as `jwt` and `sig`.
  public init(
    port: UInt16, user: String? = nil, password: String? = nil, options: [String: Any] = [:],
    proof: ((_ nonce: String) throws -> [String: Any])? = nil
  ) throws {
    connection = try RawConnection(port: port)
    let line = try connection.readLine()
    guard line.hasPrefix("INFO ") else { throw TestFailure("expected INFO, found \(line)") }
    info = (try JSONSerialization.jsonObject(with: Data(line.dropFirst(5).utf8)) as? [String: Any]) ?? [:]
    var connect: [String: Any] = [
      "verbose": false, "pedantic": false, "lang": "test", "version": "1", "protocol": 1, "headers": true, "no_responders": true,
    ]
    if let user { connect["user"] = user }
    if let password { connect["pass"] = password }
    connect.merge(options) { $1 }
    if let proof { connect.merge(try proof(info["nonce"] as? String ?? "")) { $1 } }
    let json = String(decoding: try JSONSerialization.data(withJSONObject: connect), as: UTF8.self)
    try connection.send("CONNECT \(json)\r\n")
    try flush()
  }

  /// PING and wait for the PONG: everything sent before has been taken in.
  public func flush() throws {
    try connection.send("PING\r\n")
    while true {
      let line = try connection.readLine()
      if line == "PONG" { return }
      if line.hasPrefix("-ERR") { throw TestFailure(line) }
      try take(line)
    }
  }

  public func subscribe(_ subject: String, queue: String? = nil, sid: String = "1") throws {
    try connection.send("SUB \(subject) \(queue.map { $0 + " " } ?? "")\(sid)\r\n")
  }

  public func unsubscribe(_ sid: String, after count: Int? = nil) throws {
    try connection.send("UNSUB \(sid)\(count.map { " \($0)" } ?? "")\r\n")
  }

  public func publish(_ subject: String, _ payload: String = "", reply: String? = nil, headers: String? = nil) throws {
    let replyPart = reply.map { $0 + " " } ?? ""
    if let headers {
      let block = "NATS/1.0\r\n\(headers)\r\n\r\n"
      try connection.send(
        "HPUB \(subject) \(replyPart)\(block.utf8.count) \(block.utf8.count + payload.utf8.count)\r\n\(block)\(payload)\r\n")
    } else {
      try connection.send("PUB \(subject) \(replyPart)\(payload.utf8.count)\r\n\(payload)\r\n")
    }
  }

  /// Messages that have come while something else was waited for.
  public var waitingCount: Int { waiting.count }

  /// The next message, in the order of arrival.
  /// - Throws: `TestFailure` when none comes in time.
  public func next() throws -> RawMessage {
    while waiting.isEmpty { try take(try connection.readLine()) }
    return waiting.removeFirst()
  }

  /// The next message on a subject that starts with `prefix`; others on the way are dropped.
  public func next(on prefix: String) throws -> RawMessage {
    while true {
      let message = try next()
      if message.subject.hasPrefix(prefix) { return message }
    }
  }

  /// The next `-ERR` line; messages on the way are kept.
  public func nextError() throws -> String {
    while errors.isEmpty { try take(try connection.readLine()) }
    return errors.removeFirst()
  }

  /// A request with an inbox of its own, and its first reply.
  public func request(_ subject: String, _ payload: String = "") throws -> RawMessage {
    let inbox = "_INBOX.\(UUID().uuidString)"
    try subscribe(inbox, sid: "99")
    try unsubscribe("99", after: 1)
    try publish(subject, payload, reply: inbox)
    let reply = try next(on: inbox)
    // That nobody listens is no message: the subscription still waits for one.
    if reply.headers?.hasPrefix("NATS/1.0 503") == true { try unsubscribe("99") }
    return reply
  }

  private func take(_ line: String) throws {
    let words = line.split(separator: " ").map(String.init)
    switch words.first?.uppercased() {
    case "PING": try connection.send("PONG\r\n")
    case "-ERR": errors.append(line)
    case "MSG": try takeMessage(Array(words.dropFirst()), withHeaders: false)
    case "HMSG": try takeMessage(Array(words.dropFirst()), withHeaders: true)
    default: break
    }
  }

  private func takeMessage(_ words: [String], withHeaders: Bool) throws {
    let sizes = withHeaders ? 2 : 1
    guard words.count >= 2 + sizes, let total = Int(words[words.count - 1]) else { throw TestFailure("cannot read \(words)") }
    let headerSize = withHeaders ? Int(words[words.count - 2]) ?? 0 : 0
    let bytes = try connection.read(total)
    _ = try connection.read(2)
    waiting.append(
      RawMessage(
        subject: words[0], sid: words[1], reply: words.count > 2 + sizes ? words[2] : nil,
        headers: withHeaders ? String(decoding: bytes[..<headerSize], as: UTF8.self) : nil, payload: Array(bytes[headerSize...])))
  }
}
