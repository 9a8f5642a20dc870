import Foundation
import Identity
import Synchronization
import TestSupport
import Wire

/// An authorization service, as one is written with NATS's libraries: it listens on `$SYS.REQ.USER.AUTH` and answers by a rule.
final class CalloutService: Sendable {
  let issuer: KeyPair
  /// With what requests are opened and answers sealed.
  let curve: KeyPair?
  private let seen = Mutex<[AuthorizationRequestClaims]>([])
  private let headers = Mutex<[String]>([])

  /// What it says; nil: nothing.
  typealias Rule = @Sendable (AuthorizationRequestClaims, CalloutService) throws -> [UInt8]?

  init(issuer: KeyPair = .generate(.account), curve: KeyPair? = nil) {
    self.issuer = issuer
    self.curve = curve
  }

  /// Every request so far.
  var requests: [AuthorizationRequestClaims] { seen.withLock { $0 } }
  /// The header blocks of the requests.
  var headerBlocks: [String] { headers.withLock { $0 } }

  /// Serves for as long as the connection lasts.
  func serve(_ connection: RawNATS, _ rule: @escaping Rule) throws {
    try connection.subscribe("$SYS.REQ.USER.AUTH")
    try connection.flush()
    let box = Carried(connection)
    Thread.detachNewThread { [self] in
      while let message = try? box.value.next() {
        guard let answer = try? answer(message, rule), let reply = message.reply else { continue }
        try? box.value.connection.send(Array("PUB \(reply) \(answer.count)\r\n".utf8) + answer + [0x0D, 0x0A])
      }
    }
  }

  private func answer(_ message: RawMessage, _ rule: Rule) throws -> [UInt8]? {
    headers.withLock { $0.append(message.headers ?? "") }
    let opened = try curve.map { try $0.open(message.payload, from: server(message)) } ?? message.payload
    let request = try Token.decode(String(decoding: opened, as: UTF8.self), as: AuthorizationRequestClaims.self)
    seen.withLock { $0.append(request) }
    return try rule(request, self)
  }

  private func server(_ message: RawMessage) throws -> KeyPair {
    let field = message.headers?.components(separatedBy: "\r\n").first { $0.hasPrefix("Nats-Server-Xkey: ") }
    return try KeyPair(publicKey: field.map { String($0.dropFirst("Nats-Server-Xkey: ".count)) } ?? "")
  }

  // MARK: Answers

  /// A user's token within a response, in clear.
  func user(
    _ request: AuthorizationRequestClaims, account: String = "APP", signer: KeyPair? = nil,
    _ change: (inout UserClaims) -> Void = { _ in }, response: (inout AuthorizationResponseClaims) -> Void = { _ in }
  ) throws -> [UInt8] {
    var user = UserClaims(subject: request.userKey)
    user.standard.audience = account
    change(&user)
    let token = try Token.encode(user, signer: signer ?? issuer, now: Int64(Date().timeIntervalSince1970))
    return try respond(request) {
      $0.jwt = token
      response(&$0)
    }
  }

  func respond(
    _ request: AuthorizationRequestClaims, signer: KeyPair? = nil, _ change: (inout AuthorizationResponseClaims) -> Void
  ) throws -> [UInt8] {
    var response = AuthorizationResponseClaims(subject: request.userKey)
    response.standard.audience = request.server.id
    change(&response)
    return Array(try Token.encode(response, signer: signer ?? issuer, now: Int64(Date().timeIntervalSince1970)).utf8)
  }

  func sealed(_ answer: [UInt8], for request: AuthorizationRequestClaims, by key: KeyPair? = nil) throws -> [UInt8] {
    try (key ?? curve ?? .generate(.curve)).seal(answer, to: KeyPair(publicKey: request.server.curveKey))
  }
}

/// Taken by one thread and not touched by the one that gave it.
private struct Carried<Value>: @unchecked Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}
