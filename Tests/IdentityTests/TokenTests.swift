import Foundation
import Testing
import Wire

@testable import Identity

@Suite struct TokenTests {
  static let now: Int64 = 1_800_000_000
  static func token(_ name: String) throws -> String { try Vectors.text("jwt/\(name).jwt") }

  /// Tokens whose signature is wrong on purpose.
  static let forged: Set<String> = ["tampered_user", "wrong_signer_user"]

  @Test(arguments: try Vectors.names("jwt", ".jwt")) func recordedTokens(name: String) throws {
    let text = try Self.token(name)
    if Self.forged.contains(name) {
      #expect(throws: TokenError("claim failed V2 signature verification")) { try Token.decode(text) }
      return
    }
    let claims = try Token.decode(text)
    let (_, payload, _) = try Token.inspect(text)
    #expect(claims.version == (name.hasPrefix("v1_") ? 1 : 2))
    guard claims.version == 2 else { return }
    #expect(claims.standard.computedID() == claims.standard.id)
    // Some recorded accounts have their limits first; the reference encoder and ours have them after imports and exports.
    let content = payload["nats"]?.pretty(indent: 0, sorted: true)
    #expect(content == Self.rewritten(claims).pretty(indent: 0, sorted: true), "\(name)")
    let label = try #require(Vectors.keys.first { $0.value.public == claims.standard.issuer })
    let again = try Self.encode(claims, signer: KeyPair(seed: label.value.seed))
    let ordered = payload["nats"]?.encoded() == Self.rewritten(claims).encoded()
    if ordered { #expect(again == text.trimmingCharacters(in: .newlines)) }
    #expect(ordered || claims is AccountClaims)
    #expect(try Token.decode(again).standard == claims.standard)
  }

  private static func rewritten(_ claims: any Claims) -> ClaimValue {
    var members = claims.body()
    if !claims.tags.isEmpty { members.append(ClaimMember("tags", .strings(claims.tags))) }
    return .object(members + [ClaimMember("type", .string(Swift.type(of: claims).type)), ClaimMember("version", .integer(2))])
  }

  private static func encode(_ claims: some Claims, signer: KeyPair) throws -> String {
    try Token.encode(claims, signer: signer, now: claims.standard.issuedAt)
  }

  @Test(arguments: try Vectors.names("creds", ".creds")) func recordedLogins(name: String) throws {
    let credentials = try Credentials(text: Vectors.text("creds/\(name).creds"))
    let expected = try #require(Vectors.answers[name]).answer == "PONG"
    let refusal = Self.login(credentials)
    #expect((refusal == nil) == expected, "\(name): \(refusal.map { "\($0)" } ?? "admitted")")
  }

  /// Logs in as the servers of the recording did: with these accounts preloaded.
  static func login(_ credentials: Credentials, host: String = "127.0.0.1") -> LoginRefusal? {
    do throws(LoginRefusal) {
      let user = try LoginCheck.user(jwt: credentials.jwt, now: now)
      guard let jwt = preloaded[user.account] else { throw LoginRefusal("account missing") }
      let account = try LoginCheck.account(jwt: jwt, id: user.account, trusted: trusted, now: now)
      let signature = try? credentials.userKey().signNonce("PXoWU7zWAMt75FY")
      let attempt = LoginCheck.Attempt(nonce: "PXoWU7zWAMt75FY", signature: signature, host: host)
      _ = try LoginCheck.admit(user, to: account, strict: false, attempt: attempt, now: now)
      return nil
    } catch { return error }
  }

  static let trusted: Set<String> = {
    let token = (try? Self.token("operator")).flatMap { try? Token.decode($0, as: OperatorClaims.self) }
    return Set(token?.trustedKeys ?? [])
  }()
  static let preloaded: [String: String] = {
    var accounts: [String: String] = [:]
    let names = [
      "sys", "app", "strict", "limited", "expired_account", "foreign_account", "v1_account", "exporter", "importer", "importer_stolen",
      "importer_revoked", "importer_expired", "importer_notoken",
    ]
    for name in names { if let key = Vectors.keys[name], let text = try? Self.token(name) { accounts[key.public] = text } }
    return accounts
  }()

  @Test func refusalTexts() throws {
    let user = try Self.token("user").trimmingCharacters(in: .newlines)
    let cases: [(String, String)] = [
      ("", "expected 3 chunks"), ("a.b", "expected 3 chunks"), ("eyJ.foo.bar", "unexpected end of JSON input"),
      (user + "A", "claim failed V2 signature verification"), (String(user.dropLast(4)), "claim failed V2 signature verification"),
      (String(repeating: "x", count: Token.limit + 1), "token size 1048577 exceeds maximum of 1048576 bytes: token too large"),
    ]
    for (text, expected) in cases {
      let error = #expect(throws: (any Error).self) { try Token.decode(text) }
      #expect(error.map { "\($0)" } == expected)
    }
    #expect(throws: TokenError("not user claim")) { try Token.decode(Self.token("app"), as: UserClaims.self) }
    #expect(throws: TokenError("not account claim")) { try Token.decode(user, as: AccountClaims.self) }
    // Cut anywhere, a token is refused and nothing traps.
    for count in 0..<user.utf8.count where (try? Token.decode(String(user.prefix(count)))) != nil {
      Issue.record("accepted when cut at \(count)")
    }
  }

  /// Nothing may trap on what a stranger sends; what still decodes must survive being written and read again.
  @Test func damagedTokens() throws {
    let names = try Vectors.names("jwt", ".jwt")
    var generator = SystemRandomNumberGenerator()
    for round in 0..<4000 {
      let chunks = try Self.token(names[round % names.count]).trimmingCharacters(in: .newlines).split(separator: ".").map(String.init)
      let original = try #require(Base64.decode(chunks[1], .url))
      var payload = original
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let at = Int.random(in: payload.indices, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: payload[at] = UInt8.random(in: 0...255, using: &generator)
        case 1: payload.insert(Array("{}[],:\"\\-9.e".utf8).randomElement(using: &generator) ?? 0, at: at)
        default: payload.removeSubrange(at..<min(payload.count, at + 5))
        }
        if payload.isEmpty { payload = [0x7B] }
      }
      if payload == original { continue }
      let damaged = [chunks[0], Base64.encode(payload, .url), chunks[2]].joined(separator: ".")
      #expect(throws: (any Error).self) { try Token.decode(damaged) }
      guard let value = try? ClaimValue(json: payload) else { continue }
      #expect(try ClaimValue(json: value.encoded()) == value)
      // Signed by the right key, the damaged content itself is looked at.
      let key = KeyPair.generate(.account)
      var members: [ClaimMember] = []
      if case .object(let all) = value { members = all.filter { $0.name != "iss" } + [ClaimMember("iss", .string(key.publicKey))] }
      let signed = Token.headerV2 + "." + Base64.encode(ClaimValue.object(members).encoded(), .url)
      let token = signed + "." + Base64.encode(try key.sign(Array(signed.utf8)), .url)
      if let claims = try? Token.decode(token) { _ = claims.validate(now: Self.now) }
    }
  }

  @Test func wrongIssuerKind() throws {
    let user = KeyPair.generate(.user)
    #expect(throws: TokenError.self) { try Token.encode(UserClaims(subject: user.publicKey), signer: user, now: 1) }
    let account = KeyPair.generate(.account)
    #expect(throws: TokenError.self) { try Token.encode(OperatorClaims(subject: account.publicKey), signer: account, now: 1) }
  }

  @Test func activationHashes() throws {
    struct Row: Decodable { let issuer, subject, activation_subject, hash: String }
    let rows = try JSONDecoder().decode([Row].self, from: Data(Vectors.text("activation_hashes.json").utf8))
    for row in rows {
      #expect(ActivationClaims.hashID(issuer: row.issuer, subject: row.subject, importSubject: row.activation_subject) == row.hash)
    }
  }

  @Test func escapesAndOrder() throws {
    let value = ClaimValue.object([ClaimMember("b", .string("<&>\u{2028}\"\\\n\u{1}é")), ClaimMember("a", .array([.integer(-1), .null]))])
    let text = String(decoding: value.encoded(), as: UTF8.self)
    #expect(text == #"{"b":"\u003c\u0026\u003e\u2028\"\\\n\u0001é","a":[-1,null]}"#)
    #expect(try ClaimValue(json: Array(text.utf8)) == value)
    #expect(value.pretty(indent: 1, sorted: true).hasPrefix("{\n \"a\": [\n  -1,\n  null\n ],\n \"b\""))
    #expect(try ClaimValue(json: Array(#""\ud83d\ude00\ud800x""#.utf8)) == .string("😀\u{FFFD}x"))
    for bad in ["{", "[1,]", "{\"a\"}", "\"\u{1}\"", "01x", "+1", "nul", "1 2", String(repeating: "[", count: 100_000)] {
      #expect(throws: ClaimSyntaxError.self) { try ClaimValue(json: Array(bad.utf8)) }
    }
  }

  @Test func templates() throws {
    let account = KeyPair.generate(.account)
    let scoped = KeyPair.generate(.account)
    var claims = AccountClaims(subject: account.publicKey, name: "ACC")
    claims.tags = ["region:eu"]
    var scope = UserScope(key: scoped.publicKey)
    scope.template.permissions.publish.allow = ["{{name()}}.{{tag(dept)}}.{{Account-Tag(region)}}", "gone.{{tag(none)}}"]
    scope.template.permissions.subscribe.allow = ["x.{{tag(none)}}"]
    claims.signingKeys[scoped.publicKey] = scope
    var user = UserClaims(subject: KeyPair.generate(.user).publicKey, name: "bob")
    user.limits = .unset
    user.tags = ["dept:a", "dept:B", "Dept:c"]
    user.standard.issuer = scoped.publicKey
    user.issuerAccount = account.publicKey
    let limits = try ScopeTemplate.apply(scope, to: user, of: claims)
    #expect(limits.permissions.publish.allow == ["bob.a.eu", "bob.B.eu"])
    #expect(limits.permissions.subscribe == Permission(allow: [], deny: [">"]))
    scope.template.permissions.subscribe.deny = ["y.{{tag(none)}}"]
    #expect(throws: TokenError.self) { try ScopeTemplate.apply(scope, to: user, of: claims) }
    scope.template.permissions.subscribe.deny = []
    scope.template.permissions.publish.allow = ["{{unknown()}}"]
    #expect(throws: TokenError.self) { try ScopeTemplate.apply(scope, to: user, of: claims) }
    user.standard.name = "a b"
    scope.template.permissions.publish.allow = ["x.{{name()}}"]
    #expect(try ScopeTemplate.apply(scope, to: user, of: claims).permissions.publish == Permission(allow: [], deny: [">"]))
  }

  /// What is filled in for each user is judged once it is; the rest of a template is judged with the account.
  @Test func templatesAreJudgedAsFarAsTheyAreWritten() throws {
    let account = KeyPair.generate(.account)
    let scoped = KeyPair.generate(.account)
    func issues(_ change: (inout UserLimits) -> Void) -> [String] {
      var claims = AccountClaims(subject: account.publicKey, name: "ACC")
      var scope = UserScope(key: scoped.publicKey)
      change(&scope.template)
      claims.signingKeys[scoped.publicKey] = scope
      return claims.validate(now: 10).map(\.description)
    }
    #expect(
      issues {
        $0.permissions.publish.allow = ["{{tag( a b )}}", "..{{name()}}", "x {{name()}}"]
        $0.permissions.subscribe.deny = ["{{tag(a)}} q..{{name()}} z"]
        $0.sources = ["{{tag(net)}}"]
        $0.times = [TimeRange(start: "{{tag(from)}}", end: "{{tag(to)}}")]
      } == [])
    #expect(
      issues {
        $0.permissions.publish.allow = ["a..b", "x y"]
        $0.permissions.subscribe.allow = ["{{name()}} .q"]
        $0.sources = ["nowhere"]
        $0.times = [TimeRange(start: "25:00", end: "")]
      } == [
        "subject \"a..b\" cannot contain consecutive `.`", "Permission Subject \"x y\" is not allowed to contain queue",
        "subject \".q\" cannot start or end with a `.`", "invalid cidr \"nowhere\" in user src limits",
        "start in time range is invalid \"25:00\"", "time ranges end must contain an end",
      ])
  }

  @Test(arguments: [
    ("10.0.0.0/8", "10.1.2.3", true), ("10.0.0.0/8", "11.0.0.1", false), ("127.0.0.0/8", "::ffff:127.0.0.1", true),
    ("::ffff:127.0.0.0/104", "127.9.9.9", true), ("::ffff:127.0.0.1/128", "::ffff:127.0.0.2", false), ("::/0", "127.0.0.1", false),
    ("::1/128", "::1", true), ("fe80::/10", "::1", false), ("0.0.0.0/0", "8.8.8.8", true),
  ]) func networks(range: String, host: String, inside: Bool) throws {
    #expect(try #require(NetworkRange(range)).contains(host) == inside)
  }

  @Test func validationTexts() throws {
    var account = AccountClaims(subject: KeyPair.generate(.account).publicKey)
    account.exports = [Export(subject: "a.>", kind: .stream), Export(subject: "a.b", kind: .stream), Export(subject: "", kind: .service)]
    account.limits.wildcardExports = false
    account.limits.exports = 1
    account.mappings["m"] = [MappingTarget(subject: "x", weight: 60), MappingTarget(subject: "y", weight: 60)]
    var item = Import(subject: "q.*", account: "", kind: .service)
    item.localSubject = "r"
    account.imports = [item]
    account.standard.expires = 5
    let texts = account.validate(now: 10).map(\.description)
    for expected in [
      "claim is expired", "stream export subject \"a.b\" already exports \"a.>\"", "subject cannot be empty",
      "the account contains more exports than allowed by the operator",
      "the account contains wildcard exports that are not allowed by the operator",
      "Mapping \"m\" exceeds 100% among all of it's weighted to mappings", "account to import from is not specified",
      "subject does not contain enough * or reference wildcards $[0-9]",
    ] { #expect(texts.contains(expected), "missing: \(expected) in \(texts)") }
    var user = UserClaims(subject: "U")
    user.limits.sources = ["127.0.0.1"]
    user.limits.permissions.publish.allow = ["a b"]
    user.limits.permissions.subscribe.allow = ["a b", "a b c"]
    user.limits.times = [TimeRange(start: "25:00:00", end: "")]
    #expect(
      user.validate(now: 1).map(\.description) == [
        "Permission Subject \"a b\" is not allowed to contain queue", "Permission Subject \"a b c\" contains too many spaces",
        "invalid cidr \"127.0.0.1\" in user src limits", "start in time range is invalid \"25:00:00\"",
        "time ranges end must contain an end",
      ])
  }
}
