import BrokerCore
import Foundation
import Identity
import TestSupport
import Testing
import Wire

@testable import BrokerOptions

/// Options to what they change, what a server refuses to start with, what a reload says of a change, and where texts come from.
@Suite struct OptionEffectTests {
  private static let effects: [(text: String, seen: @Sendable (BrokerOptions) -> Bool)] = [
    ("trace_headers: true", { $0.broker.trace.headersOnly && $0.broker.trace.isOn }),
    ("trace_headers: false", { !$0.broker.trace.headersOnly && !$0.broker.trace.isOn }),
    ("trace_verbose: false, trace: true", { !$0.broker.trace.includesServer && $0.broker.trace.isOn }),
    ("logfile_size_limit: 5k", { $0.logging.fileSizeLimit == 5000 }), ("logfile_max_num: 3", { $0.logging.fileMaximumCount == 3 }),
    ("logtime_utc: true", { $0.logging.timeInUTC }), ("prof_port: 0", { $0.profilingPort == 0 }),
    ("prof_block_rate: 7", { $0.blockProfileRate == 7 }), ("store_dir: d", { $0.storeDirectory == "d" }),
    ("connect_error_reports: 5", { $0.broker.connectErrorReports == 5 }),
    ("reconnect_error_reports: 6", { $0.broker.reconnectErrorReports == 6 }),
    // 0 stands for the default, as on nats-server.
    ("ping_interval: 0, ping_max: 0, write_deadline: \"0s\", lame_duck_grace_period: \"0s\"", { $0.broker.timers == BrokerTimers() }),
    ("max_control_line: 0, max_payload: 0, max_pending: 0, max_closed_clients: 0", { $0.broker.limits == BrokerLimits() }),
    ("leafnodes {reconnect: \"0s\"}", { $0.broker.leafReconnect == 1 }), ("max_payload: -1", { $0.broker.limits.maxPayload == -1 }),
    ("authorization {timeout: 0}", { $0.broker.authorization.timeout == nil }), ("write_timeout: retry", { $0 == $0 }),
    ("leafnodes {port: -1, write_timeout: close, authorization {timeout: 0}}", { $0.broker.leafNodes?.authorization.timeout == nil }),
    ("write_timeout: close", { $0 == $0 }), ("max_sub_tokens: 4", { $0.broker.limits.maxSubscriptionTokens == 4 }),
    ("max_closed_clients: 9", { $0.broker.limits.maxClosedClients == 9 }),
    ("no_sublist_cache: true", { $0.broker.disableSublistCache }), ("no_fast_producer_stall: true", { $0.broker.noFastProducerStall }),
    ("allow_non_tls: true", { $0.broker.allowNonTLS }), ("no_sys_acc: true", { $0.broker.noSystemAccount }),
    ("default_sentinel: x", { $0.operatorMode.defaultSentinel == "x" }), ("trusted: OX", { $0.operatorMode.trustedKeys == ["OX"] }),
    ("max_connections: 7", { $0.broker.limits.maxConnections == 7 }), ("max_traced_msg_len: 8", { $0.broker.trace.maximumLength == 8 }),
    ("leafnodes { port: 7422, authorization { timeout: \"3s\" } }", { $0.broker.leafNodes?.authorization.timeout == 3 }),
    (
      "resolver { type: full, dir: d, allow_delete: true, hard_delete: true, limit: 5, timeout: \"1s\" }",
      {
        if case .full(let full) = $0.operatorMode.resolver { full.hardDelete && full.directory == "d" && full.limit == 5 } else { false }
      }
    ),
  ]

  @Test func eachIsSeen() throws {
    for (text, seen) in OptionEffectTests.effects {
      let report = read(text)
      #expect(report.errors.isEmpty && seen(report.options), "\(text): \(report.errors)")
    }
  }

  @Test(arguments: [
    ("write_timeout: later", "write_timeout: expected \"default\", \"close\" or \"retry\", found \"later\""),
    ("max_payload: -2", "max_payload must be from -1"), ("max_control_line: -1", "max_control_line must be from 0"),
    ("max_pending: -1", "max_pending must be from 0"), ("max_closed_clients: -1", "max_closed_clients must be from 0"),
    ("max_subscriptions: -5", "max_subscriptions must be from -1"), ("ping_interval: 1.5", "ping_interval: expected a duration such as"),
    ("leafnodes {reconnect: 1.5}", "reconnect: expected a duration such as"),
    ("leafnodes {write_deadline: 1.5}", "write_deadline: expected a duration such as"),
    ("resolver_preload { AX: nonsense }", "b.conf:1:24: invalid account JWT"), ("prof_port: x", "expected an integer"),
    (
      "accounts { A { users [ { user: u, permissions { publish: { permit: x } } } ] } }",
      "Unknown field name \"permit\" parsing subject permissions, only 'allow' or 'deny' are permitted"
    ),
    ("leafnodes { authorization { proxy_required: true } }", "this server does not check trusted proxies: remove proxy_required"),
  ])
  func whatCannotBeRead(_ text: String, _ sentence: String) {
    let errors = read(text).errors
    #expect(errors.count == 1 && errors[0].contains(sentence), "\(errors)")
  }

  @Test func accountsThatAreLoadedBeforehand() throws {
    let (signer, account) = (KeyPair.generate(.operator), KeyPair.generate(.account))
    let token = try Token.encode(AccountClaims(subject: account.publicKey, name: "A"), signer: signer, now: 1)
    let options = try options("resolver_preload { \(account.publicKey): \(token) }")
    #expect(options.operatorMode.preload.map(\.0) == [account.publicKey] && options.operatorMode.preload.map(\.1) == [token])
  }

  /// What a server does not start with, though each option can be read.
  @Test(arguments: [
    ("ping_interval: \"-1s\"", "ping_interval must be positive, found -1s"),
    ("write_deadline: \"-1s\"", "write_deadline must be positive, found -1s"),
    ("leafnodes {reconnect: -10ms}", "leafnodes reconnect must be positive, found -10ms"),
    ("accounts {A {exports: [{service: \"a.*\", latency: a.b}]}}", "on subject \"a.b\": invalid publish subject"),
    ("no_auth_user: u, trusted_keys: KEY, resolver: MEMORY", "no_auth_user not compatible with Trusted Operator"),
    ("trusted_keys: KEY, operator: x, resolver: MEMORY", "conflicting options for 'TrustedKeys' and 'TrustedOperators'"),
    ("trusted_keys: KEY, resolver: MEMORY, accounts { A {} }", "operators do not allow Accounts to be configured directly"),
    (
      "trusted_keys: KEY, resolver: MEMORY, authorization { users [ {user: u} ] }", "operators do not allow users to be configured directly"
    ),
    ("resolver_preload { ACCOUNT: TOKEN }, resolver: URL(\"http://x/\")", "resolver preloads only available for writeable resolver types"),
    ("accounts { A { users [ {nkey: USER} ] }, B { users [ {nkey: USER} ] } }", "Duplicate nkey \"USER\" detected"),
    ("https_port: 8443", "TLS cert and key required for HTTPS"), ("tls { cert_file: /none.pem, key_file: /none.key }", "/none"),
  ])
  func whatIsNotStartedWith(_ text: String, _ sentence: String) throws {
    let (signer, account, user) = (KeyPair.generate(.operator), KeyPair.generate(.account), KeyPair.generate(.user).publicKey)
    let token = try Token.encode(AccountClaims(subject: account.publicKey, name: "A"), signer: signer, now: 1)
    func filled(_ text: String) -> String {
      text.replacing("KEY", with: signer.publicKey).replacing("ACCOUNT", with: account.publicKey).replacing("TOKEN", with: token)
        .replacing("USER", with: user)
    }
    let options = try options(filled(text))
    let issues = options.validate()
    #expect(issues.contains { $0.contains(filled(sentence)) }, "\(issues)")
  }

  @Test(arguments: [
    ("authorization { user: a, password: p }", "authorization { user: b, password: p }", ["Reloaded: authorization username"]),
    ("authorization { token: a }", "authorization { token: b }", ["Reloaded: authorization token"]),
    ("authorization { token: a }", "authorization { token: a, timeout: 3 }", ["Reloaded: authorization timeout = 3"]),
    ("", "authorization { timeout: 0.5 }", ["Reloaded: authorization timeout = 0.5"]),
    ("", "server_tags: [a]", ["Reloaded: tags"]), ("", "server_metadata: {a: b}", ["Reloaded: metadata"]),
    ("", "no_fast_producer_stall: true", ["Reloaded: fast producers will not be stalled"]),
    ("no_fast_producer_stall: true", "", ["Reloaded: fast producers will be stalled"]),
    ("", "cluster {name: c}", ["Cluster name updated to c", "Reloaded: cluster"]),
    ("authorization { users [ {user: a} ] }", "authorization { users [ {user: b} ] }", []),
    ("accounts { A {} }", "accounts { A { limits { max_conn: 1 } } }", []),
    ("", "tls { cert_file: c, key_file: k }", ["Reloaded: tls = enabled"]),
    ("tls { cert_file: c, key_file: k }", "", ["Reloaded: tls = disabled"]),
    ("leafnodes { port: 7422 }", "leafnodes { port: 7422, authorization { user: u, password: p } }", ["Reloaded: leafnodes"]),
    ("resolver: URL(\"http://a/\")", "resolver: URL(\"http://b/\")", ["Reloaded: account resolver"]),
    (
      "no_auth_user: a, authorization { users [ {user: a} ] }", "authorization { users [ {user: b} ] }",
      ["Reloaded: no_auth_user removed"]
    ),
    ("client_advertise: a", "client_advertise: b", ["Reload: client_advertise = b"]),
    (
      "accounts {A {users: [{nkey: UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4}]}}",
      "accounts {A {users: [{nkey: UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4}]}}", ["Reloaded: authorization nkey users"]
    ),
  ])
  func whatAReloadSays(_ old: String, _ new: String, _ lines: [String]) throws {
    // Two are said by each reload.
    let all = try options(old).changes(to: options(new)).lines
    let always = ["Reloaded: authorization users", "Reloaded: accounts"]
    #expect(all.filter { always.contains($0) } == always)
    #expect(all.filter { !always.contains($0) } == lines)
  }

  @Test(arguments: [
    ("no_auth_user: a, authorization { users [ {user: a} ] }", "authorization { users [ {user: a} ] }", "NoAuthUser: old=a, new="),
    ("leafnodes { port: 7422 }", "leafnodes { port: 7423 }", "LeafNode: old=0.0.0.0:7422, new=0.0.0.0:7423"),
    ("", "leafnodes { port: 7422 }", "LeafNode: old=off, new=0.0.0.0:7422"),
  ])
  func whatNeedsARestart(_ old: String, _ new: String, _ change: String) throws {
    let error = #expect(throws: OptionReloadError.self) { try options(old).changes(to: options(new)) }
    #expect(error?.description == "config reload not supported for " + change)
  }

  /// Files name others, and variables come from the environment.
  @Test func filesAndVariables() throws {
    let folder = try TemporaryFolder()
    try folder.write("max_payload: 2048", to: "more/limits.conf")
    let file = try folder.write("include \"more/limits.conf\"\nlog_file: $HOME\nOWN: n1\nserver_name: $OWN", to: "main.conf")
    let report = BrokerOptions.load(file: file)
    #expect(report.errors.isEmpty && report.options.broker.limits.maxPayload == 2048, "\(report.errors)")
    #expect(report.options.logging.file == ProcessInfo.processInfo.environment["HOME"] ?? "" && report.options.broker.serverName == "n1")
    let before = report.options.configurationDigest
    try folder.write("max_payload: 4096", to: "more/limits.conf")
    #expect(BrokerOptions.load(file: file).options.configurationDigest != before, "a file that is named counts too")
    let none = BrokerOptions.load(file: folder.path("none.conf"))
    #expect(none.errors.count == 1 && none.errors[0].contains("none.conf") && none.errors[0].contains("no such file or directory"))
    try folder.write("include \"nowhere.conf\"", to: "main.conf")
    #expect(BrokerOptions.load(file: file).errors.count == 1)
  }
}
