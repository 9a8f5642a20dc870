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
    if let body = given.body { #expect(answer.body == body) }
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
