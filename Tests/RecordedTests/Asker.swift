import Foundation
import Recorded
import SystemAPI
import TestSupport

/// Asks real servers, one at a time, and hears also that they say nothing.
final class Asker {
  /// What a server said.
  enum Heard {
    case reply(server: [UInt8], document: [UInt8])
    case error(ReplyError)
    case silence
  }

  private let client: RawNATS
  private let inbox = "_INBOX.\(UUID().uuidString)"
  private var count = 0

  /// - Parameter port: Of a server whose system account reaches all that are asked.
  init(port: UInt16) throws {
    client = try RawNATS(port: port, user: "admin", password: "changeit", options: ["name": "asker"])
    try client.subscribe(inbox + ".>")
  }

  /// The server's reply; a question of which a reply is certain tells when there is none to come.
  func ask(_ form: QuestionForm, of server: String, named name: String) throws -> Heard {
    count += 1
    let reply = "\(inbox).\(count)"
    try client.publish(Self.subject(form, of: server), Self.payload(form, only: name), reply: reply)
    // Newer servers serve these two from queues of their own, and everything else from one of the queues.
    for fence in ["STATSZ", "VARZ"] { try client.publish("$SYS.REQ.SERVER.\(server).\(fence)", reply: "\(reply).\(fence)") }
    var heard = Heard.silence
    var passed = 0
    while true {
      let message = try client.next()
      if message.subject.hasPrefix(reply + "."), message.headers == nil { passed += 1 }
      if passed == 2 { return heard }
      // Where nobody is subscribed, the server says so in a message without payload.
      guard message.subject == reply, !message.payload.isEmpty else { continue }
      heard = try Self.read(message.payload, form)
    }
  }

  private static func subject(_ form: QuestionForm, of server: String) -> String {
    switch form.service {
    case .server(let service): "$SYS.REQ.SERVER.\(server).\(service)"
    case .accountStatistics: "$SYS.REQ.ACCOUNT.PING.STATZ"
    case .subject(let subject): subject
    }
  }

  /// Subjects of accounts reach every server.
  private static func payload(_ form: QuestionForm, only name: String) -> String {
    if case .server = form.service { return form.payload }
    let filter = "\"server_name\":\"\(name)\""
    guard form.payload.count > 2, form.payload.hasPrefix("{"), !form.payload.contains("server_name") else {
      return form.payload.isEmpty || form.payload == "{}" ? "{\(filter)}" : form.payload
    }
    return "{\(filter)," + form.payload.dropFirst()
  }

  private static func read(_ payload: [UInt8], _ form: QuestionForm) throws -> Heard {
    try payload.withUnsafeBufferPointer { bytes in
      guard let envelope = ReplyEnvelope(bytes) else { throw TestFailure("no JSON: \(String(decoding: payload, as: UTF8.self))") }
      if let error = envelope.error {
        return .error(ReplyError(bytes, error) ?? ReplyError(code: 0, description: ""))
      }
      if form.envelope == .bare { return .reply(server: payload, document: payload) }
      guard let server = envelope.server, let document = form.envelope == .statsz ? envelope.statsz : envelope.data else {
        throw TestFailure("no document: \(String(decoding: payload, as: UTF8.self))")
      }
      return .reply(server: Array(bytes[server]), document: Array(bytes[document]))
    }
  }
}
