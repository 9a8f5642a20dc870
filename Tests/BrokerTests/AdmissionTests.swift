import TestSupport
import Testing

@testable import Broker
@testable import BrokerCore

/// Who is let in, on whichever port and however it names itself. Where nats-server 2.9.10, the one that can be asked here, lets in whom the
/// releases since then refuse, what is expected is theirs.
@Suite struct AdmissionTests {
  /// The account that a leaf node with these members of CONNECT joins; "-ERR …" where it is refused.
  private func leaf(_ hub: BrokerHarness, _ members: String) throws -> String {
    let connection = try RawConnection(port: hub.broker.leafPort ?? 0)
    _ = try connection.readLine()
    try connection.send("CONNECT {\(members)\"name\":\"l\",\"server_id\":\"X\",\"headers\":true}\r\n")
    while true {
      let line = try connection.readLine()
      if line.hasPrefix("-ERR") { return line }
      if let found = line.firstMatch(of: #/"remote_account":"([^"]+)"/#) { return String(found.output.1) }
    }
  }

  private static let refused = "-ERR 'Authorization Violation'"
  private static let named = #""user":"u","pass":"p","#
  private static let nkey = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"

  @Test(arguments: [
    ("authorization {users: [{user: u, password: p}]}", "", "$G"), ("authorization {user: u, password: p}", "", "$G"),
    ("accounts {A {users: [{user: u, password: p}]}}", "", "A"),
    ("accounts {A {users: [{user: u, password: p}]}}", "authorization {account: A}", "A"),
    ("accounts {A {users: [{user: u, password: p}]}}", "authorization {timeout: 1}", "A"),
  ])
  func aLeafNeedsTheCredentialsThatClientsNeed(_ clients: String, _ leafs: String, _ account: String) throws {
    let hub = try BrokerHarness(text: "\(clients)\nleafnodes {host: 127.0.0.1, port: -1 \n \(leafs)}")
    for wrong in ["", #""user":"u","pass":"x","#, #""user":"z","pass":"p","#, #""auth_token":"x","#] {
      #expect(try leaf(hub, wrong) == Self.refused, "\(wrong)")
    }
    #expect(try leaf(hub, Self.named) == account)
  }

  @Test(arguments: [
    ("authorization {token: t}", "", "-ERR 'Authorization Violation'"), ("authorization {token: t}", #""auth_token":"t","#, "$G"),
    ("authorization {token: t}", #""auth_token":"x","#, "-ERR 'Authorization Violation'"),
    ("authorization {users: [{nkey: \(nkey)}]}", "", "-ERR 'Authorization Violation'"),
    ("authorization {users: [{nkey: \(nkey)}]}", named, "-ERR 'Authorization Violation'"),
    ("", "", "$G"), ("", named, "$G"),
    ("accounts {SYS {users: [{user: admin, password: p}]}}\nsystem_account: SYS", "", "$G"),
    ("accounts {A {users: [{user: u, password: p}]}}\nno_auth_user: u", "", "A"),
    ("authorization {users: [{nkey: \(nkey)}]}\nno_auth_user: \(nkey)", "", "$G"),
    ("authorization {users: [{nkey: \(nkey)}]}\nno_auth_user: \(nkey)", named, "-ERR 'Authorization Violation'"),
    ("authorization {users: [{nkey: \(nkey)}]}\nno_auth_user: \(nkey)", #""auth_token":"x","#, "-ERR 'Authorization Violation'"),
  ])
  func aLeafWithoutAName(_ clients: String, _ members: String, _ expected: String) throws {
    let hub = try BrokerHarness(text: "\(clients)\nleafnodes {host: 127.0.0.1, port: -1}")
    #expect(try leaf(hub, members) == expected)
  }

  /// A user without a password is named by a certificate; where none is looked at, the name alone is nobody's.
  @Test(arguments: [true, false]) func whoIsNamedByACertificateIsNotNamedOtherwise(_ mapsClients: Bool) throws {
    let folder = try TemporaryFolder()
    try TLSTests.certificates(in: folder)
    let files =
      "cert_file: \"\(folder.path("server.pem"))\", key_file: \"\(folder.path("server.key"))\", ca_file: \"\(folder.path("ca.pem"))\""
    let tls = "tls {\(files), verify_and_map: true}"
    let hub = try BrokerHarness(
      text: """
        accounts {A {users: [{user: "CN=app,OU=ops,O=Acme"}]}}
        \(mapsClients ? tls : "")
        leafnodes {host: 127.0.0.1, port: -1 \n \(mapsClients ? "" : tls)}
        """)
    for password in ["", #""pass":"","#] {
      let members = #""user":"CN=app,OU=ops,O=Acme","# + password
      if mapsClients {
        #expect(try leaf(hub, members) == Self.refused)
      } else {
        let client = try RawConnection(port: hub.port)
        _ = try client.readLine()
        try client.send("CONNECT {\(members)\"verbose\":false}\r\nPING\r\n")
        #expect(try client.readLine() == Self.refused)
      }
    }
  }

  /// Whoever may do without credentials still has to say something in time.
  @Test func aSilentConnectionIsTimedOutWithNoAuthUserToo() throws {
    let hub = try BrokerHarness(
      text: "accounts {A {users: [{user: foo, password: p}]}}\nauthorization {timeout: 1}\nno_auth_user: foo")
    let silent = try RawConnection(port: hub.port)
    let speaking = try RawConnection(port: hub.port)
    try speaking.send("PING\r\n")
    _ = try speaking.readLine()
    #expect(try speaking.readLine() == "PONG")
    _ = try silent.readLine()
    #expect(try silent.readLine() == "-ERR 'Authentication Timeout'")
    try speaking.send("PING\r\n")
    while try speaking.readLine() != "PONG" {}
  }

  /// Whoever names nobody may be the user of a key, without signing anything (nats-server: since 2.11).
  @Test func noAuthUserMayBeAKey() throws {
    let text = "accounts {A {users: [{nkey: \(Self.nkey), permissions: {publish: [\"$SYS.REQ.USER.INFO\"]}}]}}\nno_auth_user: \(Self.nkey)"
    let hub = try BrokerHarness(text: text)
    let client = try RawNATS(port: hub.port)
    let known = try client.request("$SYS.REQ.USER.INFO").json["data"] as? [String: Any]
    #expect(known?["user"] as? String == Self.nkey && known?["account"] as? String == "A")
    try client.publish("other", "x")
    #expect(try client.nextError() == "-ERR 'Permissions Violation for Publish to \"other\"'")
  }

  // MARK: Denies

  private func client(_ hub: BrokerHarness, _ user: String) throws -> RawConnection {
    let connection = try RawConnection(port: hub.port)
    _ = try connection.readLine()
    try connection.send("CONNECT {\"verbose\":false,\"pedantic\":false,\"user\":\"\(user)\",\"pass\":\"p\"}\r\nPING\r\n")
    while try connection.readLine() != "PONG" {}
    return connection
  }

  /// Everything up to the next PONG.
  private func told(_ connection: RawConnection, after text: String) throws -> [String] {
    try connection.send(text + "PING\r\n")
    var lines: [String] = []
    while true {
      let line = try connection.readLine()
      if line == "PONG" { return lines }
      lines.append(line)
    }
  }

  /// What is denied, what is subscribed to, whether that is refused, and whether a message on `pay.card` arrives.
  @Test(arguments: [
    (#"["pay.card", "pay.card audit"]"#, "pay.card other", true, false),
    (#"["pay.card", "pay.card audit"]"#, "pay.card audit", true, false),
    (#"["pay.>", "pay.card audit"]"#, "pay.card other", true, false), (#"["pay.*", "pay.* audit"]"#, "pay.card other", true, false),
    (#"["pay.*", "pay.* audit"]"#, "pay.* other", true, false), (#"["pay.card", "> audit"]"#, "pay.card other", true, false),
    (#"["pay.card audit"]"#, "pay.card audit", true, false), (#"["pay.card audit"]"#, "pay.card other", false, true),
    (#"["pay.card audit"]"#, "pay.card", false, true), (#"["pay.card audit"]"#, "pay.> audit", false, false),
    (#"["pay.card audit"]"#, "pay.> other", false, true), (#"["pay.card *"]"#, "pay.* other", false, false),
    (#"["pay.card *"]"#, "pay.> audit", false, false), (#"["pay.card *"]"#, "pay.*", false, true),
    (#"["pay.card"]"#, "pay.> any", false, false),
  ])
  func aDenyHoldsForEveryGroup(_ deny: String, _ subscription: String, _ isRefused: Bool, _ arrives: Bool) throws {
    let hub = try BrokerHarness(
      text: "accounts {A {users: [{user: adm, password: p}, {user: u, password: p, permissions: {subscribe: {deny: \(deny)}}}]}}")
    let (admin, user) = (try client(hub, "adm"), try client(hub, "u"))
    let answer = try told(user, after: "SUB \(subscription) 3\r\n")
    #expect(answer.contains { $0.hasPrefix("-ERR 'Permissions Violation for Subscription to") } == isRefused, "\(answer)")
    #expect(try told(admin, after: "PUB pay.card 1\r\nx\r\n") == [])
    #expect(try told(user, after: "").contains { $0.hasPrefix("MSG pay.card 3") } == arrives)
  }

  @Test func aDenyHoldsBehindAMapping() throws {
    let hub = try BrokerHarness(
      text: """
        accounts {A {mappings: {"pub.b": "gq.x"}
          users: [{user: adm, password: p}, {user: u, password: p, permissions: {subscribe: {deny: ["gq.x grp"]}}}]}}
        """)
    let (admin, user) = (try client(hub, "adm"), try client(hub, "u"))
    #expect(try told(user, after: "SUB > grp 7\r\nSUB > 6\r\n") == [])
    #expect(try told(admin, after: "PUB pub.b 1\r\nx\r\n") == [])
    #expect(try told(user, after: "").filter { $0.hasPrefix("MSG") } == ["MSG gq.x 6 1"])
  }

  @Test(arguments: ["foo..secret", "foo.", ".foo"]) func aSubjectWithAnEmptyTokenPassesNoAllow(_ subject: String) throws {
    let hub = try BrokerHarness(
      text: "authorization {users: [{user: u, password: p, permissions: {publish: {allow: [\"foo.>\", \">\"]}}}]}")
    let answer = try told(try client(hub, "u"), after: "PUB \(subject) 1\r\nx\r\n")
    #expect(answer == ["-ERR 'Permissions Violation for Publish to \"\(subject)\"'"])
  }

  @Test func raftGroupsAreTheSystemAccounts() throws {
    let hub = try BrokerHarness(
      text: "accounts {A {users: [{user: a, password: p}]}, SYS {users: [{user: admin, password: p}]}}\nsystem_account: SYS")
    #expect(try told(try client(hub, "admin"), after: "PUB $NRG.x 0\r\n\r\n") == [])
    #expect(try told(try client(hub, "a"), after: "PUB $NRG.x 0\r\n\r\n") == ["-ERR 'Permissions Violation for Publish to \"$NRG.x\"'"])
  }

  // MARK: Certificates

  /// Users, a certificate's subject, and who it is: the whole subject first, and in the end what is left of it without its DC parts.
  @Test(arguments: [
    (["CN=localhost,OU=NATS,O=NATS,L=Los Angeles,ST=CA,C=US"], 0),
    (["CN=localhost,ST=CA,L=Los Angeles,OU=NATS,O=NATS,C=US"], nil), (["CN=localhost,OU=NATS,O=NATS,L=Los Angeles,ST=CA"], nil),
    (["CN=localhost,OU=NATS,O=NATS,L=Los Angeles,ST=CA,C=US,C=US"], nil),
    (["DC=foo3,CN=localhost,OU=NATS,O=NATS,L=Los Angeles,ST=CA,C=US"], nil),
    (["CN=localhost,OU=NATS,O=NATS,L=Los Angeles,ST=CA,C=US", "CN=localhost,DC=foo4,DC=foo3,OU=NATS,O=NATS,L=Los Angeles,ST=CA,C=US"], 1),
    (["CN=localhost,OU=NATS,O=NATS,L=Los Angeles,ST=CA,C=US", "CN=localhost,ST=CA,L=Los Angeles,OU=NATS,O=NATS,C=US"], 0),
  ])
  func aCertificateWithDomainComponents(_ users: [String], _ index: Int?) {
    let subject = "DC=foo4,DC=foo3,CN=localhost,OU=NATS,O=NATS,L=Los Angeles,ST=CA,C=US"
    #expect(CertificateMapping.user(withSubject: subject, among: Set(users)) == index.map { users[$0] })
  }

  /// A user, a certificate's subject, and whether the one is the other.
  @Test(arguments: [
    ("CN=app,OU=ops,OU=ops,OU=dev,O=Acme", "CN=app,OU=ops,OU=dev,OU=dev,O=Acme", false),
    ("CN=app,OU=ops,OU=dev,OU=dev,O=Acme", "CN=app,OU=ops,OU=ops,OU=dev,O=Acme", false),
    ("CN=app,O=Acme,DC=org,DC=org,DC=acme", "CN=app,O=Acme,DC=acme,DC=acme,DC=org", false),
    ("CN=app,OU=ops,OU=ops,OU=dev,O=Acme", "CN=app,OU=dev,OU=ops,O=Acme,OU=ops", true),
    ("CN=app,OU=ops+OU=ops,O=Acme", "CN=app,OU=ops,O=Acme", false), ("CN=app,OU=ops+L=x,O=Acme", "O=Acme,L=x+OU=ops,CN=app", true),
    ("CN=app,OU=ops,O=Acme", "CN=app,OU=ops,OU=ops,O=Acme", false),
  ])
  func eachPartNeedsAPartOfItsOwn(_ user: String, _ subject: String, _ isTheSame: Bool) throws {
    let (user, subject) = (try #require(DistinguishedName(user)), try #require(DistinguishedName(subject)))
    #expect((user == subject || user.hasSameParts(as: subject)) == isTheSame)
    #expect(subject.hasSameParts(as: user) == user.hasSameParts(as: subject))
  }

  /// A user, a certificate's subject as OpenSSL writes it, and whether nats-server 2.15-dev lets it in: an attribute that it does not know
  /// takes the subject as a whole out of the comparison, and what is left is what Go shows of it, with the last of several names.
  @Test(arguments: [
    ("CN=app,O=Acme", "emailAddress=x@y.z,CN=app,O=Acme", true),
    ("emailAddress=x@y.z,CN=app,O=Acme", "emailAddress=x@y.z,CN=app,O=Acme", false),
    ("E=x@y.z,CN=app,O=Acme", "emailAddress=x@y.z,CN=app,O=Acme", false), ("CN=app,O=Acme", "UID=u1+CN=app,O=Acme", true),
    ("UID=u1+CN=app,O=Acme", "UID=u1+CN=app,O=Acme", false), ("2.5.4.5=77,CN=app", "serialNumber=77,CN=app", false),
    ("SERIALNUMBER=77,CN=app", "serialNumber=77,CN=app", true), ("CN=app", "CN=app,CN=app", true), ("CN=app,CN=app", "CN=app,CN=app", true),
    ("CN=old", "CN=new,CN=old", false), ("CN=new", "CN=new,CN=old", true),
    (#"CN=app,O=Acme\, Inc"#, #"CN=app,O=Acme\, Inc"#, true), (#"CN=app,O="Acme, Inc""#, #"CN=app,O=Acme\, Inc"#, false),
    (##"CN=\#app"##, ##"CN=\#app"##, true), ("CN=#app", ##"CN=\#app"##, false), ("cn= app", "CN=app", true), ("CN=App", "CN=app", false),
    ("CN=app;O=Acme", "CN=app,O=Acme", false), ("CN=app,O=Acme", "1.2.3.4=#0c0178,CN=app,O=Acme", true),
  ])
  func whatNatsServerKnowsOfASubject(_ user: String, _ subject: String, _ isIn: Bool) {
    #expect((CertificateMapping.user(withSubject: subject, among: [user]) != nil) == isIn)
  }
}
