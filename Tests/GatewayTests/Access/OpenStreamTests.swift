import Foundation
import HTTPServer
import Identity
import Reactor
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Gateway

/// What a reload takes away is taken away from open streams too.
@Suite struct OpenStreamTests {
  static let policy = """
    roles {
      viewer { allow: ["/**"] }
      admin { allow: ["/**"], secrets: true }
      tenant { allow: ["/account/T/**"] }
    }
    users: [ {user: root, password: "pw", role: admin}, {user: tina, password: "\(Password.hash("s3cret", cost: 4) ?? "")", role: tenant} ]
    tokens: [ {token: one, role: viewer}, {token: two, role: viewer} ]
    """

  private struct Caller {
    let name: String
    let path: String
    var listener = 0
    var headers: [String: String] = [:]
  }

  private static let callers = [
    Caller(name: "one", path: "/open", headers: ["Authorization": "Bearer one"]),
    Caller(name: "two", path: "/open", headers: ["Authorization": "Bearer two"]),
    Caller(name: "root", path: "/open", headers: basic("root", "pw")),
    Caller(name: "tina", path: "/account/T/open", headers: basic("tina", "s3cret")),
    Caller(name: "anybody", path: "/open", listener: 1),
  ]

  private static func basic(_ user: String, _ password: String) -> [String: String] {
    ["Authorization": "Basic " + Base64.encode(Array("\(user):\(password)".utf8))]
  }

  private static func begin(_ caller: Caller, _ ports: [UInt16]) throws -> RawHTTP {
    let client = try RawHTTP(port: ports[caller.listener])
    let fields = caller.headers.map { "\($0.key): \($0.value)\r\n" }.joined()
    try client.connection.send("GET \(caller.path) HTTP/1.1\r\nHost: 127.0.0.1\r\n\(fields)\r\n")
    let status = try client.connection.readLine()
    guard status.hasSuffix("200 OK") else { throw TestFailure("\(caller.name): \(status)") }
    while try client.connection.readLine() != "begun" {}
    return client
  }

  struct Change: Sendable {
    let what: String
    /// Replacements in the access file.
    var edits: [(String, String)] = []
    var listen = OpenStreamTests.listen
    let ended: Set<String>
  }

  static let listen = ["127.0.0.1:0", "127.0.0.1:0?role=viewer"]

  @Test(arguments: [
    Change(what: "nothing", ended: []),
    Change(what: "a token goes", edits: [("{token: one, role: viewer}, ", "")], ended: ["one"]),
    Change(what: "a token moves to another role", edits: [("token: two, role: viewer", "token: two, role: tenant")], ended: ["two"]),
    Change(what: "secrets are taken", edits: [("], secrets: true", "]")], ended: ["root"]),
    Change(
      what: "secrets are given", edits: [("viewer { allow: [\"/**\"]", "viewer { allow: [\"/**\"], secrets: true")],
      ended: ["one", "two", "anybody"]),
    Change(what: "a path is taken", edits: [("/account/T/**", "/account/T/connz")], ended: ["tina"]),
    Change(
      what: "the servers are hidden", edits: [("viewer { allow: [\"/**\"]", "viewer { allow: [\"/open\"]")],
      ended: ["one", "two", "anybody"]),
    Change(what: "a password changes", edits: [("password: \"pw\"", "password: \"new\"")], ended: ["root"]),
    Change(what: "a user goes", edits: [("user: root", "user: toor")], ended: ["root"]),
    Change(what: "a listener goes", listen: [listen[0]], ended: ["anybody"]),
    Change(what: "a listener's role goes", listen: [listen[0], "127.0.0.1:0"], ended: ["anybody"]),
    Change(what: "a listener is mounted elsewhere", listen: [listen[0], "127.0.0.1:0=/merged?role=viewer"], ended: ["anybody"]),
  ])
  func areJudgedAnew(_ change: Change) throws {
    let fixture = try AccessFixture(OpenStreamTests.policy, listen: OpenStreamTests.listen)
    let open = try OpenStreamTests.callers.map { ($0.name, try OpenStreamTests.begin($0, fixture.ports)) }
    var options = fixture.options
    let text = change.edits.reduce(OpenStreamTests.policy) { $0.replacing($1.0, with: $1.1) }
    options.policy = try AccessFile.parse(Array(text.utf8))
    // The listeners are known by the addresses that they were asked for.
    try fixture.listeners.apply(try change.listen.map { try ListenAddress($0) }, options: options, tls: nil)
    for (name, client) in open where change.ended.contains(name) {
      let isEnded = (try? client.connection.readLine() == "" && client.connection.readLine() == "0") ?? false
      #expect(isEnded, "\(change.what): \(name) goes on")
    }
    // What goes on is still written to.
    for stream in fixture.held.streams.withLock({ $0 }) { stream.write("more\n") }
    for (name, client) in open where !change.ended.contains(name) {
      do {
        while try client.connection.readLine() != "more" {}
      } catch {
        Issue.record("\(change.what): \(name) reads nothing more: \(error)")
      }
    }
    #expect(fixture.held.streams.withLock { $0 }.count { $0.isClosed } == change.ended.count, "\(change.what)")
  }

  @Test func anAccessFileEndsTheStreamsOfNobody() throws {
    let fixture = try AccessFixture(nil)
    let client = try OpenStreamTests.begin(Caller(name: "", path: "/open"), fixture.ports)
    var options = fixture.options
    try fixture.listeners.apply([try ListenAddress("127.0.0.1:0")], options: options, tls: nil)
    #expect(fixture.held.streams.withLock { $0 }.allSatisfy { !$0.isClosed })
    options.policy = try AccessFile.parse(Array(OpenStreamTests.policy.utf8))
    try fixture.listeners.apply([try ListenAddress("127.0.0.1:0")], options: options, tls: nil)
    #expect(try client.connection.readLine() == "" && client.connection.readLine() == "0")
  }

  private static let policyOfCertificates = """
    roles { r { allow: ["/**"] } }
    users: [ {user: u, password: p, role: r} ]
    certificates: [ {subject: "CN=client", role: r} ]
    """

  private static func context(_ own: TestCertificate, authority: TestCertificate) throws -> TLSContext {
    var options = TLSOptions()
    options.certificateFile = own.certificateFile
    options.keyFile = own.keyFile
    options.authorityFile = authority.certificateFile
    options.clientCertificate = .required
    return try TLSContext.server(options)
  }

  /// Asks over and over again on one connection, and reads a stream on another.
  private static let client = """
    import ssl, http.client, sys, threading, time
    port, ca, cert, key = int(sys.argv[1]), *sys.argv[2:5]
    context = ssl.create_default_context(cafile=ca)
    context.load_cert_chain(cert, key)
    def say(*words):
        # In one piece: there are two threads.
        sys.stdout.write(" ".join(map(str, words)) + "\\n")
        sys.stdout.flush()
    def stream():
        c = http.client.HTTPSConnection("localhost", port, context=context)
        c.request("GET", "/open")
        r = c.getresponse()
        say("stream", r.status)
        while r.read1(100): pass
        say("stream ended")
    threading.Thread(target=stream).start()
    c = http.client.HTTPSConnection("localhost", port, context=context)
    last = None
    while last != 401:
        c.request("GET", "/varz")
        r = c.getresponse()
        r.read()
        if r.status != last: say("status", r.status, r.getheader("Connection"))
        last = r.status
        time.sleep(0.02)
    """

  @Test func otherAuthoritiesJudgeOpenConnections() throws {
    let folder = try TemporaryFolder()
    let own = try TestCertificate(in: folder)
    let client = try TestCertificate(in: folder, name: "client")
    let fixture = try AccessFixture(OpenStreamTests.policyOfCertificates)
    let address = [try ListenAddress("127.0.0.1:\(freePort())")]
    try fixture.listeners.apply(address, options: fixture.options, tls: try OpenStreamTests.context(own, authority: client))
    let script = try folder.write(OpenStreamTests.client, to: "client.py")
    let process = try ChildProcess(
      "python3", [script, "\(fixture.ports[0])", own.certificateFile, client.certificateFile, client.keyFile])
    try eventually("it is served: \(process.transcript)") {
      process.output.contains("stream 200") && process.output.contains("status 200 None")
    }
    // The same authority, read again: nothing changes.
    try fixture.listeners.apply(address, options: fixture.options, tls: try OpenStreamTests.context(own, authority: client))
    #expect(fixture.held.streams.withLock { $0 }.allSatisfy { !$0.isClosed })
    try fixture.listeners.apply(address, options: fixture.options, tls: try OpenStreamTests.context(own, authority: own))
    let finished = try process.waitForExit()
    #expect(finished.output.contains("stream ended") && finished.output.contains("status 401 close"), "\(finished)")
  }
}
