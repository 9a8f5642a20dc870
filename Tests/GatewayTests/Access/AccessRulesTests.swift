import Foundation
import HTTPServer
import Testing
import Wire

@testable import Gateway

@Suite struct AccessRulesTests {
  @Test(arguments: [
    ("/**", "/", true), ("/**", "/a/b", true), ("/varz", "/varz", true), ("/varz", "/varz/", false), ("/varz", "/", false),
    ("/varz", "/varzx", false),
    ("/server/*/varz", "/server/a1/varz", true), ("/server/*/varz", "/server/a1/connz", false), ("/server/*/varz", "/server//varz", false),
    ("/server/*", "/server/a1/varz", false), ("/account/T/**", "/account/T", true), ("/account/T/**", "/account/T/connz", true),
    ("/account/T/**", "/account/TT/connz", false), ("/account/T/**", "/account/t/connz", false), ("/account/T/**", "/account", false),
    ("/subscriptionsz", "/subsz", true), ("/subsz", "/subscriptionsz", true), ("/expvarz", "/debug/vars", true), ("/a%2Fb", "/a%2Fb", true),
    ("/a%2Fb", "/a/b", false),
    ("/account/T/**", "/account/%54/connz", true), ("/account/T/**", "/account/T%2F..%2FU/connz", false),
  ])
  func patterns(_ pattern: String, _ path: String, _ allowed: Bool) throws {
    let role = AccessRole(name: "r", allow: [try PathPattern(pattern)])
    #expect(role.allows(try HTTPTarget.segments(of: Array(path.utf8)[...])) == allowed)
  }

  @Test(arguments: ["", "varz", "/**/varz", "/a//b", "/..", "/%zz"])
  func badPatterns(_ pattern: String) {
    #expect(throws: AccessError.self) { try PathPattern(pattern) }
  }

  @Test func accessFiles() throws {
    let policy = try AccessFile.parse(
      Array(
        """
        PASSWORD: "plain"
        roles {
          admin { allow: ["/**"], secrets: true }
          tenant: { allow: "/account/T/**", requests_per_second: 2.5 }
        }
        users: [ {user: alice, password: $PASSWORD, role: admin}, {user: bob, pass: "$2a$04$7EqJtq98hPqEX7fNZaFWoOhi5d6nRk8aNZ0y5mP1JqYf0m1r2Qy3K", role: tenant} ]
        tokens: [ {token: "secret", role: tenant, name: prometheus}, {sha256: "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b", role: tenant} ]
        certificates: [ {subject: "CN=p,O=x", role: tenant} ]
        """.utf8))
    #expect(policy.roles["admin"]?.secrets == true)
    #expect(policy.roles["tenant"]?.requestsPerSecond == 2.5)
    #expect(policy.users.map(\.name) == ["alice", "bob"])
    #expect(policy.users[0].password == "plain")
    #expect(policy.tokens[0].digest == policy.tokens[1].digest)
    #expect(policy.tokens.map(\.label) == ["prometheus", "token 2"])
    #expect(policy.certificates[0].subject == "CN=p,O=x")
  }

  @Test(arguments: [
    ("users: [ {user: a, password: b, role: nobody} ]", "no role named \"nobody\""), ("rolls {}", "unknown field \"rolls\""),
    ("roles { a { alow: [] } }", "unknown field \"alow\""), ("roles { a { allow: [\"x\"] } }", "has to begin with a slash"),
    ("roles { a {} }\nusers: [ {user: a, role: a} ]", "needs a password"),
    ("roles { a {} }\nusers: [ {password: a, role: a} ]", "needs a name"),
    ("roles { a {} }\ntokens: [ {role: a} ]", "needs one of"), ("roles { a {} }\ntokens: [ {sha256: \"ab\", role: a} ]", "64 hexadecimal"),
    ("roles { a {} }\ntokens: [ {file: \"/nonexistent/x\", role: a} ]", "could not read"),
    ("roles { a {} }\nusers: [ {user: a, password: b} ]", "a role is missing"),
    ("roles {", ""),
  ])
  func badAccessFiles(_ text: String, _ words: String) {
    let error = #expect(throws: AccessError.self) { try AccessFile.parse(Array(text.utf8), file: "f.conf") }
    #expect(words.isEmpty || error?.description.contains(words) == true, "\(String(describing: error))")
  }

  @Test(
    arguments: [
      ("127.0.0.1:8222", "127.0.0.1", 8222, "", nil), ("0.0.0.0:1=/server/a1", "0.0.0.0", 1, "/server/a1", nil),
      (":80=/merged/", "", 80, "/merged", nil),
      ("[::1]:0=/cluster/a%20b?role=r", "::1", 0, "/cluster/a%20b", "r"), ("*:5?role=x", "", 5, "", "x"),
    ] as [(String, String, UInt16, String, String?)])
  func listenAddresses(_ text: String, _ host: String, _ port: UInt16, _ prefix: String, _ role: String?) throws {
    let address = try ListenAddress(text)
    #expect(address.host == host)
    #expect(address.port == port)
    #expect(address.mount.prefix == prefix)
    #expect(address.mount.role == role)
  }

  @Test(arguments: [
    "", "localhost", "a:b", "a:70000", "a:1=server", "a:1=/..", "a:1=//x", "a:1=/%zz", "a:1?rolle=x", "a:1?role=", "a:1?role=x&y=z",
    "a:1/server/x",
  ])
  func badListenAddresses(_ text: String) {
    #expect(throws: AccessError.self) { try ListenAddress(text) }
  }

  @Test func listeningFurtherHasToBeSaid() throws {
    let open = try ListenAddress("0.0.0.0:0")
    let local = try ListenAddress("localhost:0")
    var options = AccessOptions()
    #expect(throws: AccessError.self) { try open.check(options) }
    #expect(throws: AccessError.self) { try ListenAddress("").check(options) }
    #expect(throws: AccessError.self) { try ListenAddress("127.0.0.1:0?role=x").check(options) }
    try local.check(options)
    options.allowUnauthenticated = true
    try open.check(options)
    options.allowUnauthenticated = false
    options.policy = try AccessFile.parse(Array("roles { x { allow: [\"/**\"] } }".utf8))
    try open.check(options)
    try ListenAddress("0.0.0.0:0?role=x").check(options)
    #expect(throws: AccessError.self) { try ListenAddress("0.0.0.0:0?role=y").check(options) }
  }

  @Test(arguments: [
    ("localhost", true), ("LOCALHOST", true), ("127.0.0.1", true), ("127.1.2.3", true), ("[::1]", true), ("a.localhost", true),
    ("127.0.0.1.evil.com", false),
    ("127.evil.com", false), ("localhost.evil.com", false), ("10.0.0.1", false), ("", false), ("0.0.0.0", false), ("127.0.0.256", false),
  ])
  func loopback(_ host: String, _ isLoopback: Bool) { #expect(Loopback.contains(host) == isLoopback) }

  @Test func budgets() {
    let budget = RequestBudget()
    let second = MonotonicTime.origin + .seconds(1)
    for _ in 0..<10 { #expect(budget.take("a", perSecond: 5, now: second) == nil) }
    #expect(budget.take("a", perSecond: 5, now: second) == 1)
    #expect(budget.take("b", perSecond: 5, now: second) == nil)
    #expect(budget.take("a", perSecond: 5, now: second + .milliseconds(200)) == nil)
    #expect(budget.take("a", perSecond: 5, now: second + .milliseconds(200)) == 1)
    for _ in 0..<2 { #expect(budget.take("slow", perSecond: 0.1, now: second) == nil || true) }
    #expect((budget.take("slow", perSecond: 0.1, now: second) ?? 0) > 5)
  }

  @Test func basePaths() {
    #expect(ListenerMount.normalized("mon/v1/") == "/mon/v1")
    #expect(ListenerMount.normalized("//a/./b/../c//") == "/a/c")
    #expect(ListenerMount.normalized("/") == "")
  }
}

@Suite struct RedactionTests {
  private static func token(_ payload: String) -> String {
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ." + Base64.encode(Array(payload.utf8), .url) + "."
      + Base64.encode([UInt8](repeating: 7, count: 64), .url)
  }
  static let user = token(#"{"sub":"UABC","nats":{"type":"user","bearer_token":true}}"#)
  static let account = token(#"{"sub":"AABC","nats":{"type":"account"}}"#)
  static let seed = "SUAOY3EMAGRRJZJFX7RBUDRUCMZEKIDOXQMLWBRSYAGUTPYZVXKHHC7MTY"

  @Test(
    arguments: [
      ("nothing to hide: eyJ, http://host/path, SUBJECT", nil), (#"{"jwt":"\#(user)","x":1}"#, #"{"jwt":"[REDACTED]","x":1}"#),
      ("a \(user) b \(user)", "a [REDACTED] b [REDACTED]"),
      (#"{"jwt":"\#(account)"}"#, nil), ("eyJhbGciOiJIUzI1NiJ9.bm90IGpzb24.c2ln", "[REDACTED]"),
      (#"{"jwt":"plain \"password","user":"j"}"#, #"{"jwt":"[REDACTED]","user":"j"}"#), (#"{"jwt":"","x":"jwt"}"#, nil),
      (#"{"jwt" : "eyJ"}"#, #"{"jwt" : "[REDACTED]"}"#), (#"{"jwt":5}"#, nil), (#"{"jwt":"abc"#, #"{"jwt":"[REDACTED]"#),
      (#""nats://u:p@h:4222""#, #""nats://u:[REDACTED]@h:4222""#),
      ("nats://token@h:4222/x", "nats://[REDACTED]@h:4222/x"), ("nats://u:p:q@x@h", "nats://u:[REDACTED]@h"),
      (#""tls://u:a\"b\u0026c@h""#, #""tls://u:[REDACTED]@h""#),
      ("http://h/a@b", nil), ("http://h:80/?q=u:p@h", nil), ("nats://u:p@a,nats://u:p@b", "nats://u:[REDACTED]@a,nats://u:[REDACTED]@b"),
      ("nats://@h", nil),
      ("seed \(seed)!", "seed [REDACTED]!"), ("X\(seed)", nil), ("NCS\(String(repeating: "A", count: 53))", nil), ("nats://", nil),
      ("eyJ", nil), ("S", nil),
    ] as [(String, String?)])
  func finds(_ text: String, _ expected: String?) {
    #expect(Redaction.redact(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) } == expected)
  }

  @Test func commandLines() {
    let text =
      #"{"servers":[{"data":{"cmdline":["nats-server","--user","u","--pass","p\"q","--auth=tok","-p","4222","-c","x"],"memstats":{}}},{"data":{"cmdline":[]}}]}"#
    let expected =
      #"{"servers":[{"data":{"cmdline":["nats-server","--user","u","--pass","[REDACTED]","--auth=[REDACTED]","-p","4222","-c","x"],"memstats":{}}},{"data":{"cmdline":[]}}]}"#
    #expect(Redaction.redact(Array(text.utf8), commandLines: true).map { String(decoding: $0, as: UTF8.self) } == expected)
    #expect(Redaction.redact(Array(#"{"cmdline":["--pass","#.utf8), commandLines: true) == nil)
    // Whether it is JSON, and whole, is not the question.
    for (text, expected) in [
      (#"{"cmdline":["a\x","--pass","p"]}"#, #"{"cmdline":["a\x","--pass","[REDACTED]"]}"#),
      (
        #"{"cmdline":[1 2,["--token","p"],{"--auth=x":1}],"y":["--pass","a"]}"#,
        #"{"cmdline":[1 2,["--token","[REDACTED]"],{"--auth=[REDACTED]":1}],"y":["--pass","a"]}"#
      ),
      (#"{"cmdline":["--\u0070ass","p"#, #"{"cmdline":["--\u0070ass","[REDACTED]"#),
    ] {
      #expect(Redaction.redact(Array(text.utf8), commandLines: true).map { String(decoding: $0, as: UTF8.self) } == expected)
    }
    #expect(Redaction.redact(Array(#"{"cmdline":5,"x":["--pass","a"]}"#.utf8), commandLines: true) == nil)
  }

  /// However a text is cut and mangled, redaction ends and changes nothing but secrets.
  @Test func survivesAnything() {
    let seed = Array(#"{"jwt":"\#(RedactionTests.user)","url":"nats://u:p@h","cmdline":["--pass","x"]}"#.utf8)
    for index in seed.indices {
      _ = Redaction.redact(Array(seed[..<index]), commandLines: true)
      _ = Redaction.redact(Array(seed[index...]), commandLines: true)
      for byte in [0, 0x22, 0x5C, 0x2F, 0x40, 0xFF] as [UInt8] {
        var mutated = seed
        mutated[index] = byte
        _ = Redaction.redact(mutated, commandLines: true)
      }
    }
  }
}
