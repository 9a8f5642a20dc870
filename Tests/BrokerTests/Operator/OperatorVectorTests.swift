import Foundation
import Identity
import TestSupport
import Testing

@testable import Broker
@testable import BrokerCore

/// Credentials that a real nats-server was asked about: the broker must answer as it did.
@Suite struct OperatorVectorTests {
  static let vectors = "\(packageRoot)/Tests/IdentityTests/Vectors"
  static func text(_ name: String) throws -> String { try String(contentsOfFile: "\(vectors)/\(name)", encoding: .utf8) }

  static func start() throws -> OperatorBroker {
    let configuration = try text("server.conf").replacingOccurrences(of: "./jwt/operator.jwt", with: "\(vectors)/jwt/operator.jwt")
    return try OperatorBroker(configuration)
  }

  @Test func recordedAnswers() throws {
    let server = try Self.start()
    let answers = try #require(
      JSONSerialization.jsonObject(with: Data(try Self.text("results-2.15.0-dev.json").utf8)) as? [String: [String: Any]])
    for (name, row) in answers.sorted(by: { $0.key < $1.key }) where !name.hasPrefix("_") {
      let credentials = try Credentials(text: Self.text("creds/\(name).creds"))
      let answer = Self.answer { try server.login(credentials) }
      #expect(answer == row["answer"] as? String, "\(name)")
    }
    let user = try Credentials(text: Self.text("creds/user.creds"))
    let bearer = try Credentials(text: Self.text("creds/bearer_user.creds"))
    let app = try Self.text("jwt/app.jwt").trimmingCharacters(in: .newlines)
    let odd: [(String, [String: Any])] = [
      ("_user_without_sig", ["jwt": user.jwt]), ("_user_garbage_sig", ["jwt": user.jwt, "sig": "AAAA"]),
      ("_user_sig_not_base64", ["jwt": user.jwt, "sig": "!!!"]), ("_bearer_without_sig", ["jwt": bearer.jwt]), ("_no_credentials", [:]),
      ("_jwt_garbage", ["jwt": "eyJ.foo.bar"]), ("_user_pass_only", ["user": "a", "pass": "b"]), ("_account_jwt_as_user", ["jwt": app]),
    ]
    for (name, options) in odd {
      let expected = answers[name]?["answer"] as? String
      #expect(Self.answer { try RawNATS(port: server.port, options: options) } == expected, "\(name)")
    }
    let standard = Self.answer {
      try RawNATS(port: server.port) { nonce in
        let signature = try user.userKey().sign(Array(nonce.utf8))
        return ["jwt": user.jwt, "sig": Data(signature).base64EncodedString()]
      }
    }
    #expect(standard == "PONG")
  }

  /// As the recording writes it: `PONG`, or the error and the end.
  static func answer(_ connect: () throws -> RawNATS) -> String {
    do {
      _ = try connect()
      return "PONG"
    } catch { return "\(error) <closed>" }
  }

  static func login(_ server: OperatorBroker, _ name: String) throws -> RawNATS {
    try server.login(Credentials(text: text("creds/\(name).creds")))
  }

  @Test(arguments: [("importer", true), ("importer_revoked", false), ("importer_expired", false), ("importer_notoken", false)])
  func importsFollowTheirActivations(name: String, isActive: Bool) throws {
    let server = try Self.start()
    let importer = try Self.login(server, "\(name)_user")
    let exporter = try Self.login(server, "exporter_user")
    try importer.subscribe("in.>", sid: "1")
    try exporter.subscribe("pub.svc", sid: "1")
    try exporter.subscribe("priv.svc", sid: "2")
    try importer.flush()
    try exporter.flush()
    try exporter.publish("priv.data.1", "private")
    try exporter.publish("pub.data.1", "public")
    let first = try importer.next()
    #expect(first.subject == (isActive ? "in.priv.1" : "in.pub.1"))
    if isActive { #expect(try importer.next().subject == "in.pub.1") }
    try importer.subscribe("rep.*", sid: "2")
    try importer.publish("my.pub.svc", "ask", reply: "rep.1")
    let request = try exporter.next()
    #expect(request.subject == "pub.svc")
    #expect(request.headers?.contains("Nats-Request-Info") == true)
    try exporter.publish(try #require(request.reply), "ok")
    #expect(try importer.next().text == "ok")
    try importer.publish("my.priv.svc", "ask", reply: "rep.2")
    if isActive {
      #expect(try exporter.next().subject == "priv.svc")
    } else {
      #expect(try importer.next().headers?.hasPrefix("NATS/1.0 503") == true)
    }
  }

  @Test func permissionsLimitsAndTemplates() throws {
    let server = try Self.start()
    let user = try Self.login(server, "perm_user")
    for (subject, isAllowed) in [("a.x", true), ("a.secret", false), ("b", false)] {
      try user.publish(subject, "x")
      if !isAllowed { #expect(try user.nextError() == "-ERR 'Permissions Violation for Publish to \"\(subject)\"'") }
    }
    try user.subscribe("q.x", queue: "grp", sid: "4")
    try user.subscribe("q.x", queue: "other", sid: "5")
    #expect(try user.nextError() == "-ERR 'Permissions Violation for Subscription to \"q.x\" using queue \"other\"'")
    let scoped = try Self.login(server, "user_scoped")
    try scoped.publish("svc.scoped.x", "x")
    try scoped.publish("svc.other.x", "x")
    #expect(try scoped.nextError() == "-ERR 'Permissions Violation for Publish to \"svc.other.x\"'")
    try scoped.publish("svc.scoped.x", String(repeating: "x", count: 1025))
    #expect(try scoped.nextError() == "-ERR 'Maximum Payload Violation'")
    let tiny = try Self.login(server, "tiny_user")
    #expect(Self.answer { try Self.login(server, "tiny_user") } == "-ERR 'maximum account active connections exceeded' <closed>")
    for sid in ["1", "2", "3"] { try tiny.subscribe("s\(sid)", sid: sid) }
    #expect(try tiny.nextError() == "-ERR 'maximum subscriptions exceeded'")
    try tiny.publish("x", "0123456789abcdefg")
    #expect(try tiny.nextError() == "-ERR 'Maximum Payload Violation'")
  }
}
