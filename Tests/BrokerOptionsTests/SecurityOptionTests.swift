import BrokerCore
import Identity
import Testing
import Wire

@testable import BrokerOptions

/// Listeners, TLS, accounts and users: what each option changes, and the sentence where it cannot.
@Suite struct SecurityOptionTests {
  @Test func tlsInFull() throws {
    let pin = String(repeating: "aB", count: 32)
    let options = try options(
      """
      https: "0.0.0.0:8443"
      tls { cert_file: c, key_file: k, ca_file: a, verify_and_map: true, timeout: "3s", cipher_suites: [TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384], min_version: "1.3"
            curve_preferences: [ CurveP256, X25519 ], pinned_certs: [ "\(pin)" ], connection_rate_limit: 5, handshake_first: "150ms"
            allow_insecure_cipher_suites: true, verify_cert_and_check_known_urls: false, insecure: false }
      resolver_tls { cert_file: rc, key_file: rk, ca_file: ra, insecure: true }
      """)
    let tls = try #require(options.broker.tls)
    #expect(tls.certificateFile == "c" && tls.keyFile == "k" && tls.caFile == "a" && tls.verify && tls.verifyAndMap && tls.timeout == 3)
    #expect(
      tls.cipherSuites == ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"] && tls.minimumVersion == "1.3"
        && tls.connectionRateLimit == 5)
    #expect(tls.curvePreferences.map(\.rawValue) == ["CurveP256", "X25519"] && tls.pinnedCertificates == [pin.lowercased()])
    #expect(tls.handshakeFirst == .within(0.15))
    #expect(options.monitoring.httpsHost == "0.0.0.0" && options.monitoring.httpsPort == 8443)
    let client = try #require(options.operatorMode.resolverTLS)
    #expect(client.certificateFile == "rc" && client.keyFile == "rk" && client.caFile == "ra" && client.insecure)
  }

  @Test(arguments: [
    ("true", TLSListenerConfiguration.HandshakeFirst.always), ("false", .no), ("\"on\"", .always), ("off", .no), ("\"true\"", .always),
    ("\"false\"", .no), ("auto", .within(0.05)), ("\"2s\"", .within(2)),
  ])
  func whenTLSBegins(_ text: String, _ expected: TLSListenerConfiguration.HandshakeFirst) throws {
    #expect(try options("tls { cert_file: c, key_file: k, first: \(text) }").broker.tls?.handshakeFirst == expected)
  }

  @Test func portsAndTheirAbsence() throws {
    let none = try options("http: \"h:0\", https_port: 0, port: 0")
    #expect(none.monitoring.host == "h" && none.monitoring.port == nil && none.monitoring.httpsPort == nil && none.broker.port == 4222)
    let any = try options("monitor_port: -1, https_port: -1, listen: \":0\"")
    #expect(any.monitoring.port == 0 && any.monitoring.httpsPort == 0 && any.broker.port == 4222)
    #expect(try options("http_port: 0").monitoring.port == nil)
  }

  @Test func accountsByNameAndByKey() throws {
    #expect(try options("accounts: [ A, B ]").broker.accounts.map(\.name) == ["A", "B"])
    #expect(read("accounts: [ A, A ]").errors == ["b.conf:1:16: Duplicate Account Entry: A"])
    let key = KeyPair.generate(.account).publicKey
    let user = KeyPair.generate(.user).publicKey
    let options = try options(
      """
      accounts { A { nkey: \(key), users [ { nkey: \(user) } ], msg_trace: x } }
      feature_flags { one: true }
      """)
    #expect(options.broker.accounts.first?.nkey == key && options.broker.accounts.first?.users.first?.nkey == user)
    #expect(read("feature_flags { one: true }").warnings.contains { $0.contains("feature_flags: \"one\" has no effect here") })
  }

  @Test func theGlobalAccountsUsers() throws {
    let options = try options(
      """
      authorization { timeout: 1.5, default_permissions { publish: { deny: secret.> }, subscribe: [ a, b ] }
                      users [ { user: u, pass: p, connection_types: [ standard, leafnode ], permissions { allow_responses: true } } ] }
      """)
    let authorization = options.broker.authorization
    #expect(authorization.timeout == 1.5 && authorization.defaultPermissions?.publish?.deny == ["secret.>"])
    #expect(authorization.defaultPermissions?.subscribe?.allow == ["a", "b"])
    #expect(authorization.users.first?.allowedConnectionTypes == ["STANDARD", "LEAFNODE"])
    #expect(authorization.users.first?.permissions?.allowResponses != nil)
    let token = try SecurityOptionTests.token("authorization { token: t }")
    #expect(token == "t")
  }

  private static func token(_ text: String) throws -> String? { try options(text).broker.authorization.token }

  @Test(arguments: [
    ("tls { cert_file: c, key_file: k, min_version: \"1.1\" }", "unknown version: 1.1, expected \"1.2\" or \"1.3\""),
    ("tls { cert_file: c, key_file: k, pinned_certs: [ abc ] }", "error parsing 'pinned_certs' key abc does not look like lower case"),
    ("tls { cert_file: c, key_file: k, handshake_first: soon }", "handshake_first"),
    ("tls { key_file: k }", "missing 'cert_file' in TLS configuration"),
    ("tls { cert_file: c, key_file: k, certs: [ { cert_file: x } ] }", "this server takes one certificate"),
    ("tls { cert_file: c, key_file: k, ocsp_peer: true }", "this server does not check OCSP"),
    ("tls { cert_file: c, key_file: k, nonsense: 1 }", "error parsing tls config, unknown field \"nonsense\""),
    ("tls: 1", "tls"), ("accounts { A: 1 }", "account A"), ("accounts { A { nkey: U } }", "Not a valid public nkey for an account: \"U\""),
    ("accounts { A { jetstream: enabled } }", "this server has no JetStream: remove `jetstream` from the account"),
    ("accounts { A { users [ 1 ] } }", "a map with a user or an nkey"),
    ("accounts { A { users [ { user: u, clients: [ smoke ] } ] } }", "invalid connection types \"smoke\""),
    ("accounts { A { users [ { nkey: UX, user: u } ] } }", "Not a valid public nkey for a user"),
    ("accounts { A { users [ { user: u, proxy_required: true } ] } }", "this server does not check trusted proxies"),
    ("authorization { auth_callout { issuer: A } }", "Expected callout user to be a valid public account nkey, got \"A\""),
    ("authorization { auth_callout: x }", "Expected authorization callout to be a map/struct"),
    ("authorization { auth_callout { auth_users: [a] } }", "Authorization callouts require an issuer to be specified"),
    (
      "authorization { auth_callout { issuer: ACIC7EH46HWZEZLCV4MO3YQWZOUYXFBNFKVVJQ5GIUBKQ5VFWAKCWWCJ } }",
      "Expected callout user to be a valid public account nkey"
    ),
    ("authorization { auth_callout { auth_users: a } }", "Expected auth_users field to be an array"),
    ("authorization { auth_callout { allowed_accounts: a } }", "Expected allowed accounts field to be an array"),
    ("authorization { auth_callout { xkey: UDXU } }", "Expected callout xkey to be a valid public xkey, got \"UDXU\""),
    ("authorization { auth_callout { zzz: 1 } }", "Unknown field \"zzz\" parsing authorization callout"),
    ("authorization { users [ { password: p } ] }", "b.conf:1:25"),
  ])
  func faults(_ text: String, _ sentence: String) {
    let errors = read(text).errors
    #expect(errors.contains { $0.contains(sentence) }, "\(errors)")
  }

  @Test func aKeyTakesNoName() {
    let user = KeyPair.generate(.user).publicKey
    #expect(
      read("accounts { A { users [ { nkey: \(user), user: u } ] } }").errors.contains {
        $0.contains("Nkey users do not take usernames or passwords")
      })
  }
}
