import Foundation
import Identity
import TestSupport
import Testing

/// What clients of the account server that people know read: status, content type, body.
@Suite struct AccountServerAnswerTests {
  struct Case: CustomStringConvertible {
    let request: String
    let status: Int
    /// Nil where the answer has none.
    let type: String?
    let body: String?
    var description: String { request }

    init(_ request: String, _ status: Int, _ type: String?, _ body: String? = nil) {
      self.request = request
      self.status = status
      self.type = type
      self.body = body
    }
  }

  private static let notFound = "404 page not found\n"
  private static let plain = "text/plain; charset=utf-8"
  /// KEY stands for the stored account's key.
  static let cases = [
    Case("GET /jwt/v1/accounts/KEY", 200, "application/jwt"),
    Case("GET /jwt/v1/accounts/KEY?text=true", 200, "text/plain"),
    Case("GET /jwt/v1/accounts/KEY?decode=true", 200, "text/plain"),
    Case("GET /jwt/v1/operator", 200, "application/jwt"),
    Case("GET /jwt/v1/operator?text=true", 200, "text/plain"),
    Case("GET /jwt/v1/operator?decode=true", 200, "text/plain"),
    Case("GET /jwt/v1/operator?text=true&decode=true", 200, "text/plain", "OPERATOR"),
    Case("GET /jwt/v1/help", 200, "text/plain"),
    Case("GET /jwt/v1/pack", 200, "text/plain"),
    Case("GET /jwt/v1/pack?max=0", 200, "text/plain", ""),
    Case("GET /jwt/v1/pack?max=", 200, "text/plain"),
    Case("GET /jwt/v1/pack?max=-1", 200, "text/plain"),
    Case("GET /jwt/v1/pack?max=1.5", 400, "text/plain", "bad max parameter \"1.5\"\n"),
    Case("GET /jwt/v1/accounts/KEY?jti=x", 501, "text/plain", "lookup by jti is no longer supported\n"),
    Case("GET /jwt/v1/accounts/KEY?jti=", 200, "application/jwt"),
    Case("GET /jwt/v1/accounts/KEY/x", 404, plain, notFound),
    Case("GET /jwt/v1/accounts/", 200, nil, ""),
    Case("GET /jwt/v1/accounts/NOPE", 404, "text/plain"),
    Case("GET /jwt/v1/activations/x", 404, plain, notFound),
    Case("POST /jwt/v1/activations", 404, plain, notFound),
    Case("PUT /jwt/v2/accounts/KEY", 404, plain, notFound),
    Case("DELETE /jwt/v2/accounts/KEY", 404, plain, notFound),
    Case("OPTIONS /nothing", 404, plain, notFound),
    Case("PUT /nothing", 404, plain, notFound),
    Case("PUT /jwt/v1/accounts/KEY", 405, plain, "Method Not Allowed\n"),
    Case("POST /jwt/v1/operator", 405, plain, "Method Not Allowed\n"),
    Case("POST /jwt/v1/pack", 405, plain, "Method Not Allowed\n"),
    Case("POST /jwt/v1/accounts/KEY", 400, "text/plain", "bad JWT in request\n"),
  ]

  @Test(arguments: cases) func answers(_ given: Case) throws {
    let home = try ServerHome()
    let key = KeyPair.generate(.account)
    try home.folder.write(home.account(key), to: "store/\(key.publicKey).jwt")
    let server = try home.directoryServer()
    let words = given.request.split(separator: " ").map(String.init)
    let path = words[1].replacingOccurrences(of: "KEY", with: key.publicKey)
    let answer = try server.send(words[0], path, body: ["POST", "PUT"].contains(words[0]) ? "x" : nil)
    #expect(answer.status == given.status)
    #expect(answer.headers["content-type"] == given.type)
    if let body = given.body { #expect(answer.body == (body == "OPERATOR" ? home.folder.read("O/O.jwt") : body)) }
  }

  /// A slash too many at the end: clients that follow are led to what they meant.
  @Test(arguments: [
    ("GET /jwt/v1/operator/", 301, "/jwt/v1/operator"), ("GET /healthz/", 301, "/healthz"),
    ("GET /jwt/v1/pack/?max=2", 301, "/jwt/v1/pack?max=2"), ("GET /jwt/v1/accounts/KEY/", 301, "/jwt/v1/accounts/KEY"),
    ("POST /jwt/v1/accounts/KEY/", 308, "/jwt/v1/accounts/KEY"),
  ]) func leadsOn(_ request: String, _ status: Int, _ place: String) throws {
    let home = try ServerHome()
    let server = try home.directoryServer()
    let words = request.split(separator: " ").map(String.init)
    let answer = try server.send(words[0], words[1], body: words[0] == "POST" ? "x" : nil)
    #expect(answer.status == status && answer.headers["location"] == place)
  }

  /// Header, claims and signature stand apart by an empty line of the web's kind, and nothing follows.
  @Test func decodedTokensEndWithTheSignature() throws {
    let home = try ServerHome()
    let server = try home.directoryServer()
    let token = try server.get("/jwt/v1/operator").body
    let decoded = try server.get("/jwt/v1/operator?decode=true").body
    let parts = decoded.components(separatedBy: "\n\r\n")
    #expect(parts.count == 3 && parts.last == token.split(separator: ".").last.map(String.init))
  }

  /// Decoded claims are in the order of their names, as people compare them.
  @Test func decodedMembersAreSorted() throws {
    let home = try ServerHome()
    let key = KeyPair.generate(.account)
    try home.folder.write(home.account(key), to: "store/\(key.publicKey).jwt")
    let text = try home.directoryServer().get("/jwt/v1/accounts/\(key.publicKey)?decode=true").body
    let names = text.split(separator: "\n").filter { $0.hasPrefix("    \"") }.map { $0.split(separator: "\"")[1] }
    #expect(names == ["typ", "alg", "iat", "iss", "jti", "name", "nats", "sub"], "\(text)")
  }
}
