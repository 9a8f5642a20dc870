import BrokerCore
import Testing

@testable import BrokerOptions

/// What nats-server refuses is refused, with place and reason; what it takes is taken. Where 2.9.10 does not know an option, the sentence is
/// that of newer servers' source (server/opts.go).
@Suite struct RefusalTests {
  private func errors(_ text: String) -> [String] {
    let report = BrokerOptions.parse(Array(text.utf8), file: "t.conf")
    return report.errors + (report.errors.isEmpty ? report.options.validate() : [])
  }

  private static let two = """
    accounts {A {users: [{user: a, password: p}], exports: [{service: r1}, {service: r2}]}
      Q {users: [{user: q, password: p}], exports: [{service: r1}]}
      B {users: [{user: b, password: p}], imports: [IMPORTS]}}
    """

  private static func callout(_ more: String) -> String {
    "accounts {A {}}\nauthorization {auth_callout {issuer: AC32FYP6GVWEYWT3CYKTALEVJXGGPHXNHMD7Y2SC6YMXAWZHY4FUHIRA, \(more)}}"
  }

  @Test(
    arguments: [
      (
        two.replacing("IMPORTS", with: "{service: {account: A, subject: r1}, to: local}, {service: {account: A, subject: r2}, to: local}"),
        "Duplicate service import subject \"local\", previously used in import for account \"A\", subject \"r1\""
      ),
      (
        two.replacing("IMPORTS", with: "{service: {account: A, subject: r1}}, {service: {account: A, subject: r1}}"),
        "Duplicate service import subject \"r1\", previously used in import for account \"A\", subject \"r1\""
      ),
      (
        "tls {cert_file: c, key_file: k, verify_cert_and_check_known_urls: true}",
        "verify_cert_and_check_known_urls not supported in this context"
      ),
      ("accounts {A {exports: [{stream: st, allow_trace: true}]}}", "Detected allow_trace directive on non-service"),
      (
        "accounts {A {exports: [{service: r1}]}, B {imports: [{service: {account: A, subject: r1}, allow_trace: true}]}}",
        "Detected allow_trace directive on a non-stream"
      ),
      ("cluster {name: c, authorization {user: a, password: b, zzz: 1}}", "unknown field \"zzz\""),
      ("cluster {name: c, tls {zzz: 1}}", "unknown field \"zzz\""),
      ("cluster {name: c, authorization {users: [{user: a}]}}", "Cluster authorization does not allow multiple users"),
      ("tls {cert_file: c, key_file: k, cipher_suites: [\"NONSENSE\"]}", "unrecognized cipher NONSENSE"),
      ("tls {cert_file: c, key_file: k, cipher_suites: [\"TLS_AES_128_GCM_SHA256\", \"NONSENSE\"]}", "unrecognized cipher NONSENSE"),
      ("tls {cert_file: c, key_file: k, cipher_suites: []}", "'cipher_suites' cannot be empty"),
      ("tls {cert_file: c, key_file: k, curve_preferences: [\"GARBAGE\"]}", "unrecognized curve preference GARBAGE"),
      ("accounts{A{users: []}}", "unknown field \"accounts{A{users\""),
      ("authorization{user: a, password: b}", "unknown field \"authorization{user\""),
      (callout("auth_users: [a], allowed_accounts: [A, B]"), "auth_callout allowed account \"B\" not found in configured accounts"),
      (callout("account: A"), "Authorization callouts require authorized users to be specified"),
      ("write_deadline: -10ms", "write_deadline must be positive, found -10ms"), ("ping_interval: -5s", "expected the end of the number"),
      ("ping_interval: -1.5m", "expected the end of the number after -1.5"), ("ping_interval: -5m3s", "cannot go on with more digits"),
      ("resolver: {type: full}", "dir has no value and needs to point to a directory"),
      ("resolver: {type: cache}", "dir has no value and needs to point to a directory"),
      ("lame_duck_duration: -10ms", "invalid lame_duck_duration of -10ms, minimum is 30 seconds"),
      ("resolver: {type: full, dir: d, timeout: -5ms}", "resolver: timeout must be positive, found -5ms"),
      ("port: 1\nx: 1 2", "t.conf:2:6: Parse error on line 2: 'expected the end of the value"),
      ("a = {", "t.conf:1:5: Parse error on line 1: '"),
      ("port: \"x", "Parse error on line 1: '"), ("x: [1,2", "Parse error on line 1: '"), ("x: -5s", "Parse error on line 1: '"),
      ("include nosuch.conf", "t.conf:1:1: error parsing include file"), ("port: $NO", "t.conf:1:7: variable reference for 'NO'"),
      ("port: {}", "t.conf:1:7: port"),
      (
        "tls {cert_file: c, key_file: k, cipher_suites: [TLS_RSA_WITH_AES_128_CBC_SHA]}",
        "insecure cipher suites configured without 'allow_insecure_cipher_suites' option set: TLS_RSA_WITH_AES_128_CBC_SHA"
      ),
      (
        "tls {cert_file: c, key_file: k, cipher_suites: [TLS_RSA_WITH_RC4_128_SHA], allow_insecure_cipher_suites: true}",
        "unrecognized cipher TLS_RSA_WITH_RC4_128_SHA: this server's OpenSSL has no such suite"
      ),
      ("listen: \"::1\"", "listen: could not parse address string \"::1\""), ("http: \"::1\"", "http: could not parse address string"),
      ("leafnodes {remotes: [{url: h}, {url: h}]}", "duplicate remote urls=[\"nats-leaf://h:7422\"], account=\"$G\""),
      ("leafnodes {remotes: [{url: \"u:secret@h\"}, {url: \"u:secret@h\"}]}", "duplicate remote urls=[\"nats-leaf://h:7422\"]"),
      ("default_sentinel: x", "default sentinel requires operators and accounts"),
    ] + advertised + leafSwitches)
  func isRefused(_ text: String, _ sentence: String) {
    let found = errors(text)
    #expect(found.contains { $0.contains(sentence) }, "\(found)")
  }

  private static let advertised: [(String, String)] = [
    "a:b", "[::1", "::1", "fe80::1", "host:", "http://x:1", "a:1:2", "a:99999", "a:-5", ":",
  ].flatMap {
    text in
    [
      ("client_advertise: \"\(text)\"", "client_advertise: expected a host, a port behind a colon, or both, found \"\(text)\""),
      ("leafnodes {listen: \"127.0.0.1:7422\", advertise: \"\(text)\"}", "leafnodes advertise: expected a host"),
    ]
  }

  /// They do nothing here, and a slip in them is one.
  private static let leafSwitches: [(String, String)] =
    [
      ("write_timeout: zzz", "write_timeout: expected \"default\", \"close\" or \"retry\", found \"zzz\""),
      ("write_timeout: 5", "write_timeout"), ("compression: zzz", "unsupported compression mode \"zzz\""),
      ("compression: {mode: zzz}", "unsupported compression mode \"zzz\""), ("compression: {zzz: s2_fast}", "unknown field \"zzz\""),
      ("compression: {mode: s2_auto, rtt_thresholds: [x]}", "invalid duration \"x\""),
    ].flatMap { [("leafnodes {listen: \"127.0.0.1:7422\", \($0.0)}", $0.1), (remote($0.0), $0.1)] } + [
      ("leafnodes {listen: \"127.0.0.1:7422\", no_advertise: 5}", "no_advertise"),
      ("leafnodes {listen: \"127.0.0.1:7422\", isolate_leafnode_interest: x}", "isolate_leafnode_interest"),
    ]

  @Test(arguments: [
    // What is empty says nothing, nor does a password alone.
    "authorization {PASS: x, users: [{user: a, password: $PASS}]}", "authorization {password: y, users: [{user: a, password: p}]}",
    "authorization {user: \"\", password: y, users: [{user: a, password: p}]}",
    "authorization {token: \"\", users: [{user: a, password: p}]}",
    "accounts {A {exports: [{service: s, accounts: []}]}, B {imports: [{service: {account: A, subject: s}, to: \"\"}]}}",
    "accounts {A {exports: [{stream: s}]}, B {imports: [{stream: {account: A, subject: s}, prefix: \"p.\"}]}}",
    // One name for the services of two accounts.
    two.replacing("IMPORTS", with: "{service: {account: A, subject: r1}, to: local}, {service: {account: Q, subject: r1}, to: local}"),
    "accounts {A {users: [{user: a, password: p}], exports: [{service: e, allow_trace: true}], imports: [{service: {account: A, subject: e}}]}}",
    "cluster {name: c, authorization {user: a, password: b, timeout: 1}}",
    "leafnodes {listen: \"127.0.0.1:7422\", compression: s2_fast, min_version: 2.8.0}", "no_system_account: true\nhttp: \"127.0.0.1:8222\"",
    callout("users: [nobody], acc: NOPE"), "server_name: -5ms # text", "leafnodes {reconnect: 10ms}",
    "leafnodes {listen: \"127.0.0.1:7422\", compression: {mode: s2_auto, rtt_thresholds: [-10ms,5ms,10ms]}}",
    "authorization {timeout: -5ms, user: a, password: b}",
    "leafnodes {listen: \"127.0.0.1:7422\", write_timeout: Retry, no_advertise: true}",
    "client_advertise: \" a : 7 \"", "client_advertise: \":4222\"", "client_advertise: \"a:-1\"", "client_advertise: \"\"",
    "client_advertise: \"[::1]\"", "client_advertise: \"[fe80::1%eth0]:4222\"", remote("write_timeout: close, compression: off"),
    callout("auth_users: [a], allowed_accounts: [A], key: XBVEEUELQFKHD6ZNL7QUPD3DB7NN5GZ2LBWH2CI3TW2IPV7TWSYW7PZW"),
  ])
  func isTaken(_ text: String) { #expect(errors(text) == []) }

  private static func remote(_ more: String) -> String { "leafnodes {remotes: [{url: \"nats-leaf://127.0.0.1:7422\", \(more)}]}" }
  private static func permissions(_ text: String) -> String {
    "authorization {users: [{user: u, password: p, permissions: {\(text)}}]}"
  }

  private static let noSubjects: [(String, String, String)] = [
    (remote("deny_imports: [\"admin.secret workers\"]"), "t.conf:1:", "subject \"admin.secret workers\" is not a valid subject"),
    (remote("deny_import: [ok, \"a..b\"]"), "t.conf:1:", "subject \"a..b\" is not a valid subject"),
    (remote("deny_exports: \"a.>.b\""), "t.conf:1:", "subject \"a.>.b\" is not a valid subject"),
    (remote("deny_export: [\"\"]"), "t.conf:1:", "subject \"\" is not a valid subject"),
    (permissions("publish: {deny: \"a b\"}"), "t.conf:1:", "subject \"a b\" is not a valid subject"),
    (permissions("subscribe: {deny: \" a\"}"), "t.conf:1:", "subject \" a\" is not a valid subject"),
    (permissions("subscribe: {deny: \"a b..c\"}"), "t.conf:1:", "queue \"b..c\" is not a valid queue"),
    (permissions("subscribe: \"a b.>.c\""), "t.conf:1:", "queue \"b.>.c\" is not a valid queue"),
    ("accounts {A {default_permissions: {subscribe: \"a..b\"}}}", "t.conf:1:", "subject \"a..b\" is not a valid subject"),
    ("accounts {A {exports: [{service: x, accounts: [NOPE]}]}}", "", "\"NOPE\" account not defined for service export"),
  ]

  /// A rule that is no subject forbids nothing: it is refused, wherever it stands.
  @Test(arguments: noSubjects)
  func whatIsNoSubject(_ text: String, _ place: String, _ sentence: String) {
    let found = errors(text)
    #expect(found.count == 1 && found[0].hasPrefix(place) && found[0].hasSuffix(sentence), "\(found)")
  }

  @Test(arguments: [
    remote("deny_imports: [\"a.*\", \"b.>\"], deny_exports: []"), permissions("subscribe: {deny: [\"a b.*\", \"a  b\"]}"),
    "leafnodes {remotes: [{url: [\"nats-leaf://127.0.0.1:7422\", \"tls://[::1]\"]}, {urls: \"nats-leaf://127.0.0.1\"}]}",
  ])
  func subjectsAndAddresses(_ text: String) { #expect(errors(text) == []) }

  private static let key = "UCNGL4W5QX66CFX6A6DCBVDH5VOHMI7B2UZZU7TXAUQQSI2JPHULCKBR"
  private static let withUsers = "accounts {A {users: [{user: u2, password: p}]}}\n"
  private static let withKeys = "accounts {A {users: [{nkey: \(key)}]}}\n"

  private static let singles: [(String, String?)] = [
    ("authorization {token: t}\n" + withUsers, "Can not have a token and accounts"),
    (withUsers + "authorization {token: t}", "Can not have a token and accounts"),
    (withKeys + "authorization {token: t}", "Can not have a token and accounts"),
    ("authorization {user: u, password: p}\n" + withUsers, "Can not have a single user/pass and accounts"),
    (withKeys + "authorization {user: u}", "Can not have a single user/pass and accounts"),
    ("authorization {token: t, users: []}", "Can not have a token and a users array"),
    ("authorization {user: u, password: p, users: []}", "Can not have a single user/pass and a users array"),
    (
      "leafnodes {listen: \"127.0.0.1:7422\", authorization {user: u, password: p, users: [{user: x, password: y}]}}",
      "can not have a single user/pass and a users array"
    ),
    (
      "leafnodes {listen: \"127.0.0.1:7422\", authorization {nkey: \(key), users: [{user: x, password: y}]}}",
      "can not have a single nkey and a users array"
    ),
    ("authorization {token: t}\naccounts {A {}}", nil), ("authorization {user: u, password: p}\naccounts: [A]", nil),
    ("authorization {token: \"\"}\n" + withUsers, nil), ("authorization {users: [{user: u, password: p}]}\n" + withUsers, nil),
  ]

  /// One token or user for everybody, and users of their own: nobody could say which account the first is in.
  @Test(arguments: singles)
  func singleCredentials(_ text: String, _ sentence: String?) {
    let found = errors(text)
    #expect(found.count == (sentence == nil ? 0 : 1) && found.allSatisfy { $0.hasSuffix(sentence ?? "") }, "\(found)")
  }

  @Test(arguments: [("0", 0), ("-1", 0), ("5", 5)]) func connectionsAtOneTime(_ text: String, _ limit: Int) {
    let report = BrokerOptions.parse(Array("max_connections: \(text)".utf8), file: "t.conf")
    #expect(report.options.broker.limits.maxConnections == limit)
  }
}
