import HTTPServer
import Identity
import Logging
import Wire

/// The HTTP face: `/jwt/v1/…` and `/healthz`.
struct AccountEndpoints: Sendable {
  let server: AccountServer

  func answer(_ request: HTTPRequest, _ responder: HTTPResponder) {
    let origin = request.head.header("origin")
    let send: @Sendable (HTTPResponse) -> Void = { response in
      var response = response
      response.headers.append(HTTPHeader("Vary", "Origin"))
      if let origin, request.method != .post { response.headers.append(HTTPHeader("Access-Control-Allow-Origin", origin)) }
      responder.respond(response)
    }
    var path = request.head.rawPath
    if path == "/jwt/v1/accounts/" {
      path.removeLast()
    } else if path.hasSuffix("/"), Self.isKnown(String(path.dropLast())) {
      return send(Self.moved(to: String(path.dropLast()), request))
    }
    // Where nothing is, no method is refused: nothing is found.
    guard Self.isKnown(path) else { return send(.text("404 page not found\n", status: 404)) }
    let canPost = path.hasPrefix("/jwt/v1/accounts/") && !server.store.isReadOnly
    let allowed = canPost ? "GET, OPTIONS, POST" : "GET, OPTIONS"
    switch request.method {
    case .get: get(path, request, send)
    case .options: send(HTTPResponse(headers: [HTTPHeader("Allow", allowed)]))
    // Only browsers tell an origin, and no page has business here: JWTs are public, so any page could bring an older one back.
    case .post where canPost && origin != nil: send(Self.plain("pages may not write here\n", status: 403))
    case .post where canPost: post(String(path.dropFirst("/jwt/v1/accounts/".utf8.count)), request, send)
    default:
      var response = HTTPResponse.text("Method Not Allowed\n", status: 405)
      response.headers.append(HTTPHeader("Allow", allowed))
      send(response)
    }
  }

  private static func isKnown(_ path: String) -> Bool {
    if ["/healthz", "/jwt/v1/help", "/jwt/v1/operator", "/jwt/v1/accounts", "/jwt/v1/pack"].contains(path) { return true }
    let prefix = "/jwt/v1/accounts/"
    return path.hasPrefix(prefix) && !path.dropFirst(prefix.utf8.count).contains("/")
  }

  /// A path with a slash too many at its end: what is asked for lies at the one without.
  private static func moved(to path: String, _ request: HTTPRequest) -> HTTPResponse {
    let query = request.head.rawQuery
    let place = query.isEmpty ? path : "\(path)?\(query)"
    return HTTPResponse(status: request.method == .get ? 301 : 308, headers: [HTTPHeader("Location", place)])
  }

  private func get(_ path: String, _ request: HTTPRequest, _ send: @escaping @Sendable (HTTPResponse) -> Void) {
    switch path {
    case "/healthz": send(HTTPResponse())
    case "/jwt/v1/help": send(Self.plain(Self.help))
    case "/jwt/v1/operator": operatorToken(request, send)
    case "/jwt/v1/accounts":
      send(
        HTTPResponse(
          headers: [
            HTTPHeader("Cache-Control", "no-cache, no-store, must-revalidate"), HTTPHeader("Pragma", "no-cache"),
            HTTPHeader("Expires", "0"),
          ]))
    case "/jwt/v1/pack": pack(request, send)
    case _ where path.hasPrefix("/jwt/v1/accounts/"):
      account(String(path.dropFirst("/jwt/v1/accounts/".utf8.count)), request, send)
    default: send(.text("404 page not found\n", status: 404))
    }
  }

  /// Without a character set, as the server that people know has it: what is shown is ASCII.
  private static func plain(_ text: String, status: Int = 200) -> HTTPResponse {
    HTTPResponse(status: status, contentType: "text/plain", body: Array(text.utf8))
  }

  /// A query flag counts with the value `true` only, in either case.
  private func flag(_ name: String, _ request: HTTPRequest) -> Bool { request.head.query[name]?.lowercased() == "true" }

  private func operatorToken(_ request: HTTPRequest, _ send: (HTTPResponse) -> Void) {
    guard let token = server.operatorToken else { return send(.text("404 page not found\n", status: 404)) }
    if flag("text", request) { return send(Self.plain(token)) }
    if flag("decode", request) { return send(Self.plain(TokenText.decoded(token))) }
    send(HTTPResponse(contentType: "application/jwt", body: Array(token.utf8)))
  }

  private func pack(_ request: HTTPRequest, _ send: @escaping @Sendable (HTTPResponse) -> Void) {
    var limit = Int.max
    if let text = request.head.query["max"], !text.isEmpty {
      guard let number = Int(text) else { return send(Self.plain("bad max parameter \"\(text)\"\n", status: 400)) }
      // Less than none is no limit.
      if number >= 0 { limit = number }
    }
    let most = limit
    server.onStore { store in
      let lines = store.all().prefix(most).map { "\($0.id)|\($0.token)" }
      send(Self.plain(lines.joined(separator: "\n")))
    }
  }

  // MARK: Accounts

  private func account(_ id: String, _ request: HTTPRequest, _ send: @escaping @Sendable (HTTPResponse) -> Void) {
    if request.head.query["jti"]?.isEmpty == false { return send(Self.plain("lookup by jti is no longer supported\n", status: 501)) }
    let wants = (
      text: flag("text", request), decode: flag("decode", request), check: flag("check", request), notify: flag("notify", request)
    )
    let condition = request.head.header("if-none-match")
    let server = server
    server.onStore { store in
      let token: String?
      do { token = try store.load(id) } catch {
        server.log.error("error loading JWT for \(id.prefix(12)): \(error)")
        return send(Self.plain("error loading JWT\n", status: 500))
      }
      guard let token, let claims = try? Token.decode(token, as: AccountClaims.self) else {
        return send(Self.plain("no matching account JWT\n", status: 404))
      }
      if wants.check && claims.standard.expires > 0 && claims.standard.expires < server.now { return send(HTTPResponse(status: 404)) }
      if wants.notify { server.notify(id, token) }
      if wants.text { return send(Self.plain(token)) }
      if wants.decode { return send(Self.plain(TokenText.decoded(token))) }
      let etag = "\"\(claims.standard.id)\""
      let headers = [
        HTTPHeader("Etag", etag),
        HTTPHeader("Cache-Control", "max-age=\(claims.standard.expires - server.now), stale-while-revalidate=3600, stale-if-error=3600"),
      ]
      if let condition, contains(condition, etag) { return send(HTTPResponse(status: 304, headers: headers)) }
      send(HTTPResponse(contentType: "application/jwt", headers: headers, body: Array(token.utf8)))
    }
  }

  private func contains(_ list: String, _ etag: String) -> Bool {
    list.split(separator: ",").contains { item in
      var item = item.drop { $0 == " " }
      if item.hasPrefix("W/") { item = item.dropFirst(2) }
      return item.hasPrefix(etag)
    }
  }

  private func post(_ id: String, _ request: HTTPRequest, _ send: @escaping @Sendable (HTTPResponse) -> Void) {
    let token = String(decoding: request.body, as: UTF8.self).filter { !$0.isWhitespace }
    guard let claims = try? Token.decode(token, as: AccountClaims.self) else {
      return send(Self.plain("bad JWT in request\n", status: 400))
    }
    if let refusal = refusal(claims, id) { return send(Self.plain(refusal + "\n", status: 400)) }
    let issues = claims.validate(now: server.now).filter { $0.isBlocking(includingTime: true) }
    if !issues.isEmpty { return send(Self.plain(issues.map(\.description).joined(separator: "\n") + "\n", status: 400)) }
    guard claims.standard.issuer == claims.standard.subject else { return save(id, token, claims, send) }
    guard !server.options.signRequestSubject.isEmpty else { return send(Self.plain("Signing service not enabled\n", status: 400)) }
    signed(id, token, send)
  }

  private func refusal(_ claims: AccountClaims, _ id: String) -> String? {
    let standard = claims.standard
    if !KeyPair.isPublicKey(standard.issuer, .operator) && !KeyPair.isPublicKey(standard.issuer, .account) {
      return "bad JWT Issuer in request"
    }
    if !KeyPair.isPublicKey(standard.subject, .account) { return "bad JWT Subject in request" }
    if standard.subject != id { return "pub keys don't match" }
    if standard.issuer == standard.subject { return nil }
    guard let operatorClaims = server.operatorClaims, operatorClaims.trusts(standard.issuer) else { return "untrusted issuer in request" }
    return nil
  }

  /// The signing service's answer is the signed token, or nothing yet.
  private func signed(_ id: String, _ token: String, _ send: @escaping @Sendable (HTTPResponse) -> Void) {
    let server = server
    server.sign(token) { bytes in
      guard let bytes else { return send(Self.plain("the signing service did not answer\n", status: 500)) }
      let text = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
      guard let claims = try? Token.decode(text, as: AccountClaims.self) else { return send(HTTPResponse(status: 202)) }
      guard claims.standard.issuer != claims.standard.subject, refusal(claims, id) == nil else {
        return send(Self.plain("untrusted issuer in request\n", status: 400))
      }
      save(id, text, claims, send)
    }
  }

  private func save(_ id: String, _ token: String, _ claims: AccountClaims, _ send: @escaping @Sendable (HTTPResponse) -> Void) {
    let server = server
    server.onStore { store in
      // Whoever has an older token, which everybody may have, does not undo what came after it.
      if store.holdsNewer(than: claims) {
        return send(Self.plain("the account JWT is older than the one that is stored\n", status: 409))
      }
      do { try store.save(id, token) } catch {
        server.log.error("error saving JWT for \(id.prefix(12)): \(error)")
        return send(Self.plain("error saving JWT\n", status: 500))
      }
      server.log.notice("updated JWT for account - \(id.prefix(12)) - \(claims.standard.id)")
      server.notify(id, token)
      send(HTTPResponse())
    }
  }

  static let help = """
    The account server keeps the JWTs of NATS accounts.

    GET  /jwt/v1/help                 this text
    GET  /jwt/v1/operator             the operator's JWT; text=true, decode=true
    GET  /jwt/v1/accounts/            answers 200: the server is there
    GET  /jwt/v1/accounts/<key>       an account's JWT
           check=true                 404 when it has expired
           text=true                  as text/plain
           decode=true                readable, header and claims
           notify=true                tells the NATS servers about it
    POST /jwt/v1/accounts/<key>       stores a JWT, unless the server is read-only
    GET  /jwt/v1/pack?max=<n>         all accounts, one <key>|<jwt> a line
    GET  /healthz                     200

    Answers carry the JWT's id as ETag; If-None-Match gives 304.

    """
}

/// Tokens for people.
enum TokenText {
  /// Header, claims and signature; times have their date behind them.
  static func decoded(_ token: String) -> String {
    guard let (header, payload, signature) = try? Token.inspect(token) else { return token + "\n" }
    let lines = payload.pretty(indent: 4, sorted: true).split(separator: "\n", omittingEmptySubsequences: false).map { line -> String in
      let trimmed = line.drop { $0 == " " }
      guard ["\"iat\": ", "\"exp\": ", "\"nbf\": "].contains(where: { trimmed.hasPrefix($0) }) else { return String(line) }
      let digits = trimmed.drop { !$0.isNumber }.prefix { $0.isNumber }
      guard let seconds = Int64(digits) else { return String(line) }
      let comma = line.hasSuffix(",")
      let date = Timestamp(seconds: seconds).rfc3339.prefix(10)
      return String(comma ? line.dropLast() : line) + " (\(date))" + (comma ? "," : "")
    }
    return header.pretty(indent: 4, sorted: false) + "\n\r\n" + lines.joined(separator: "\n") + "\n\r\n" + signature
  }
}
