import BrokerCore
import Testing
import Wire

@testable import BrokerOptions

@Suite struct BrokerOptionsTests {
  @Test func theSystemEventsPage() throws {
    let options = try options(
      """
      accounts: { USERS: {users: [{user: a, password: a}]}, SYS: {users: [{user: admin, password: changeit}]}, }
      system_account: SYS
      """)
    #expect(options.broker.accounts.map(\.name) == ["USERS", "SYS"])
    #expect(options.broker.accounts[1].users == [UserConfiguration(user: "admin", password: "changeit")])
    #expect(options.broker.systemAccount == "SYS")
    #expect(options.configurationDigest.hasPrefix("sha256:") && options.configurationDigest.utf8.count == 71)
    #expect(options.validate().isEmpty)
  }

  @Test func simpleOptions() throws {
    let options = try options(
      """
      listen: 127.0.0.1:-1, http: "localhost:8222", http_base_path: /nats, server_name: n1, server_tags: [A, b, a]
      max_connections: 0, max_subs: 10, max_payload: 1kb, max_pending: 1MB, max_control_line: 1024, ping_interval: "30s", ping_max: 5
      write_deadline: "2s", lame_duck_duration: "1m", lame_duck_grace_period: "5s", logtime: false, log_file: "/tmp/x", trace_verbose: true
      pid_file: p, ports_file_dir: d, server_metadata { a: b }, no_header_support: true, client_advertise: "x:1", cluster { name: C }
      leafnodes { port: -1, authorization { users [ { user: l, password: m, account: A } ] } }
      """)
    let broker = options.broker
    #expect(broker.host == "127.0.0.1" && broker.port == 0)
    #expect(options.monitoring.host == "localhost" && options.monitoring.port == 8222 && options.monitoring.basePath == "/nats")
    #expect(broker.serverName == "n1" && broker.tags == ["a", "b"] && broker.metadata == ["a": "b"])
    #expect(broker.limits.maxConnections == 0 && broker.limits.maxSubscriptions == 10 && broker.limits.maxPayload == 1024)
    #expect(broker.limits.maxPending == 1 << 20 && broker.limits.maxControlLine == 1024)
    #expect(broker.timers.pingInterval == 30 && broker.timers.pingMaximum == 5 && broker.timers.writeDeadline == 2)
    #expect(broker.timers.lameDuckDuration == 60 && broker.timers.lameDuckGracePeriod == 5)
    #expect(!options.logging.time && options.logging.file == "/tmp/x" && broker.trace.isOn && broker.trace.includesServer)
    #expect(options.pidFile == "p" && options.portsFileDirectory == "d")
    #expect(!broker.headers && broker.clientAdvertise == "x:1" && broker.clusterName == "C")
    #expect(broker.leafNodes?.port == 0 && broker.leafNodes?.authorization.users.first?.account == "A")
  }

  @Test func accountsInFull() throws {
    let options = try options(
      """
      accounts {
        A {
          users [ { user: a, pass: p, permissions { publish: { allow: ["x.>"], deny: x.y }, sub: "q.> grp", allow_responses: { max: 5, ttl: "10s" } },
                    allowed_connection_types: [standard] } ]
          default_permissions { publish: "only.this" }
          limits { max_conn: 5, max_subs: 6, max_pay: 7, max_leafs: 8 }
          mappings { "a.*": "b.$1", "c": [ { destination: d, weight: "40%" }, { dest: e, weight: 60, cluster: z } ] }
          exports [ { stream: s.> }, { service: "req.*", accounts: [B], threshold: "1s", latency: { sampling: "50%", subject: lat } },
                    { service: h, latency: { sampling: headers, subject: hl } } ]
        }
        B { imports [ { stream: { account: A, subject: s.x }, prefix: froma }, { service: { account: A, subject: "req.1" }, to: ask, share: true } ] }
      }
      mappings { m: n }
      """)
    let a = try #require(options.broker.accounts.first)
    let user = try #require(a.users.first)
    #expect(user.permissions?.publish == SubjectRules(allow: ["x.>"], deny: ["x.y"]))
    #expect(user.permissions?.subscribe == SubjectRules(allow: ["q.> grp"]))
    #expect(user.permissions?.allowResponses == ResponsePermission(maxMessages: 5, expires: 10))
    #expect(user.allowedConnectionTypes == ["STANDARD"])
    #expect(a.defaultPermissions?.publish?.allow == ["only.this"])
    #expect([a.limits.maxConnections, a.limits.maxSubscriptions, a.limits.maxPayload, a.limits.maxLeafNodes] == [5, 6, 7, 8])
    #expect(a.mappings[0] == MappingConfiguration(source: "a.*", destinations: [.init(subject: "b.$1")]))
    #expect(a.mappings[1].destinations == [.init(subject: "d", weight: 40), .init(subject: "e", weight: 60, cluster: "z")])
    #expect(a.exports.map(\.subject) == ["s.>", "req.*", "h"])
    #expect(a.exports[1].responseType == .singleton && a.exports[1].responseThreshold == 1 && a.exports[1].accounts == ["B"])
    #expect(a.exports[1].latency == ServiceLatencyConfiguration(sampling: .percent(50), subject: "lat"))
    #expect(a.exports[2].latency?.sampling == .headers)
    let b = options.broker.accounts[1]
    #expect(b.imports[0].prefix == "froma" && b.imports[1].to == "ask" && b.imports[1].share)
    #expect(options.broker.mappings == [MappingConfiguration(source: "m", destinations: [.init(subject: "n")])])
    #expect(options.validate().isEmpty)
  }

  @Test func operatorMode() throws {
    let options = try options(
      """
      operator: /a/op.jwt
      resolver: URL("http://localhost:9090/jwt/v1/accounts/")
      resolver_pinned_accounts: AX
      """)
    #expect(options.operatorMode.operators == ["/a/op.jwt"])
    #expect(options.operatorMode.resolver == .url("http://localhost:9090/jwt/v1/accounts/"))
    #expect(try self.memory("MEMORY") == .memory)
    var full = OperatorModeOptions.FullResolver()
    full.directory = "./jwt"
    full.allowDelete = true
    full.interval = 120
    #expect(try self.memory("{ type: full, dir: './jwt', allow_delete: true, interval: \"2m\" }") == .full(full))
    #expect(read("resolver { type: full, ttl: \"1h\" }").errors == ["b.conf:1:10: full does not accept ttl"])
    #expect(read("resolver { type: cache, interval: \"1h\" }").errors == ["b.conf:1:10: cache does not accept interval"])
  }

  private func memory(_ text: String) throws -> OperatorModeOptions.Resolver? { try options("resolver: \(text)").operatorMode.resolver }

  @Test(arguments: [
    ("x = 1", "b.conf:1:1: unknown field \"x\""),
    ("\n  authorization { foo: 1 }", "b.conf:2:19: unknown field \"foo\""),
    ("port: \"x\"", "b.conf:1:7: port: expected an integer, found a string"),
    ("port: 70000", "b.conf:1:7: port must be from -1 to 65535, found 70000"),
    ("debug: \"true\"", "b.conf:1:8: debug: expected true or false, found a string"),
    ("ping_interval: \"x\"", "b.conf:1:16: error parsing ping_interval: invalid duration \"x\""),
    ("lame_duck_duration: 40", "b.conf:1:21: lame_duck_duration: expected a duration such as \"30s\", found an integer"),
    ("listen: foo", "b.conf:1:9: listen: could not parse address string \"foo\": expected host:port"),
    ("accounts { $G {} }", "b.conf:1:12: \"$G\" is a Reserved Account"),
    ("accounts { A { limits { foo: 1 } } }", "b.conf:1:25: Unknown field \"foo\" parsing account limits"),
    ("accounts { A { users [ { nkey: x } ] } }", "b.conf:1:24: Not a valid public nkey for a user"),
    ("accounts { A { users [ { user: x, permissions { publish: \"a..b\" } } ] } }", "b.conf:1:58: subject \"a..b\" is not a valid subject"),
    ("accounts { A { users [ { user: x, permissions { foo: 1 } } ] } }", "b.conf:1:49: Unknown field \"foo\" parsing permissions"),
    (
      "accounts { A { mappings { a: [ { dest: b, weight: 60 }, { dest: c, weight: 60 } ] } } }",
      "b.conf:1:27: Error adding mapping for \"a\" : total weight needs to be <= 100"
    ),
    ("authorization { user: a, pass: b, token: c }", "b.conf:1:15: Cannot have a user/pass and token"),
    ("authorization { user: a, users [ { user: b } ] }", "b.conf:1:15: Can not have a single user/pass and a users array"),
    ("authorization { token: a, users [ { user: b } ] }", "b.conf:1:15: Can not have a token and a users array"),
    ("jetstream: true", "b.conf:1:12: this server has no JetStream: remove `jetstream`, or run nats-server for it"),
    ("websocket { port: 8080 }", "b.conf:1:11: this server has no WebSocket listener: remove `websocket`, or run nats-server for it"),
    (
      "cluster { name: a, listen: 4244 }",
      "b.conf:1:20: this server has no routes to other servers: remove `listen` from `cluster`, or run nats-server for it"
    ),
    ("tls { cert_file: a }", "b.conf:1:5: missing 'key_file' in TLS configuration"),
    (
      "tls { curve_preferences: [ CurveP256, foo ] }",
      "b.conf:1:26: unrecognized curve preference foo, expected X25519, CurveP256, CurveP384, CurveP521"
    ),
    ("tls { curve_preferences: [] }", "b.conf:1:26: error parsing tls config, 'curve_preferences' cannot be empty"),
  ])
  func faults(_ text: String, _ expected: String) {
    #expect(read(text).errors == [expected])
  }

  @Test func allFaultsOfAFileAreReported() {
    #expect(read("x = 1\ny = 2\nport: no\n").errors.count == 3)
  }

  @Test func switchedOffFeaturesAreFine() throws {
    _ = try options("jetstream: false\nmqtt {}\nwebsocket {}\ngateway {}\njetstream { enabled: false }\nsyslog: false\nocsp: false")
    _ = try options("x = 5\nmax_subs = $x\n")
    #expect(read("").warnings == ["config has no values or is empty"])
    #expect(read("ping_interval: 5").warnings.count == 1)
  }

  /// It was once read as the contrary of what it means, and is easily written for that.
  @Test(arguments: [
    ("publish: []", true), ("subscribe: []", true), ("publish: {allow: []}", true), ("publish: {allow: [], deny: \">\"}", true),
    ("publish: {deny: []}", false), ("publish: {deny: \">\"}", false), ("publish: [a]", false), ("publish: a", false),
  ])
  func anEmptyListOfWhatIsAllowedIsWarnedOf(_ permissions: String, _ isWarnedOf: Bool) {
    let report = read("authorization {users: [{user: u, password: p, permissions: {\(permissions)}}]}")
    #expect(report.errors == [] && !report.hasMisuse)
    let warning = "an empty list of what is allowed allows everything; to allow nothing, write deny: \">\""
    #expect(report.warnings.map { $0.contains(warning) } == (isWarnedOf ? [true] : []), "\(report.warnings)")
  }

  @Test(arguments: [
    ("lame_duck_grace_period: \"1s\", lame_duck_duration: \"5s\"", "invalid lame_duck_duration of 5s, minimum is 30 seconds"),
    ("lame_duck_grace_period: \"3m\"", "lame duck grace period (3m0s) should be strictly lower than lame duck duration (2m0s)"),
    ("max_payload: 100, max_pending: 50", "max_payload (100) cannot be higher than max_pending (50)"),
    ("server_name: \"a b\"", "server name cannot contain spaces"),
    ("no_auth_user: zed", "no_auth_user: \"zed\" not present as user or nkey in authorization block or account configuration"),
    ("system_account: Q", "error resolving system account: account missing"),
    ("accounts { A { users [{user: a}] }, B { users [{user: a}] } }", "Duplicate user \"a\" detected"),
    ("accounts { A { imports [ { stream: { account: Z, subject: x } } ] } }", "\"Z\" account not defined for stream import"),
    (
      "accounts { A { imports [ { service: { account: B, subject: x } } ] }, B {} }",
      "Error adding service import \"x\": service import not authorized"
    ),
    ("http: 8222, https: 8333, tls {}", ""),
    ("trusted_keys: X, resolver: MEMORY", "trust key \"X\" required to be a valid public operator nkey"),
  ])
  func refusals(_ text: String, _ expected: String) {
    let report = read(text)
    if expected.isEmpty {
      #expect(!(report.errors + report.options.validate()).isEmpty)
    } else {
      #expect(report.errors + report.options.validate() == [expected])
    }
  }

  @Test func reload() throws {
    let old = try options("port: 4222, max_payload: 1024, server_name: k1, authorization { user: a, password: b }")
    let changed = try old.changes(
      to: options("port: 4222, max_payload: 2048, server_name: k1, debug: true, authorization { user: a, password: c }"))
    #expect(
      changed.lines == [
        "Reloaded: max_payload = 2048", "Reloaded: debug = true", "Reloaded: authorization password", "Reloaded: authorization users",
        "Reloaded: accounts",
      ])
    let name = #expect(throws: OptionReloadError.self) {
      try old.changes(to: options("port: 4222, max_payload: 1024, server_name: k2, authorization { user: a, password: b }"))
    }
    #expect(name?.description == "config reload not supported for ServerName: old=k1, new=k2")
    let resolver = #expect(throws: OptionReloadError.self) { try options("").changes(to: options("resolver: MEMORY")) }
    #expect(resolver?.description == "config reload does not support moving to or from an account resolver")
  }

  @Test func everyOptionIsDocumented() {
    let text = OptionReference.markdown()
    for option in BrokerOptions.table.options {
      #expect(text.contains("| `\(option.name)`"), "\(option.name)")
      #expect(!option.meaning.isEmpty && !option.type.isEmpty)
    }
    let names = BrokerOptions.table.options.flatMap(\.names)
    #expect(Set(names).count == names.count)
  }
}
