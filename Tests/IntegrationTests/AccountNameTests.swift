import Foundation
import TestSupport
import Testing

/// Accounts whose names are no single token, and users who are called like accounts: everything is found under the account it belongs to.
@Suite struct AccountNameTests {
  private static let names = ["plain", "shop.eu", "a.b.c", "my acc"]
  private static let configuration =
    "accounts { "
    + names.map { "\"\($0)\" { users: [{user: \"\($0)\", password: p}] }" }.joined(separator: ", ")
    + ", SYS { users: [{user: admin, password: changeit}] } }\nsystem_account: SYS\n"

  /// In front of a nats-server, and on the broker of its own.
  private func start(_ kind: String, _ folder: TemporaryFolder) throws -> (natsight: NatsightProcess, port: UInt16, server: RealServer?) {
    guard kind == "broker" else {
      let server = try RealServer(AccountNameTests.configuration)
      let natsight = try NatsightProcess.serve(["--server", "nats://admin:changeit@127.0.0.1:\(server.port)"])
      return (natsight, server.port, server)
    }
    let file = try folder.write(AccountNameTests.configuration, to: "server.conf")
    let natsight = try NatsightProcess.serve(["--broker-config", file])
    return (natsight, try natsight.brokerPort(), nil)
  }

  private func path(_ account: String) -> String { account.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "" }

  @Test(arguments: ["nats-server", "broker"]) func eventsOfEachAccountAreFound(_ kind: String) throws {
    let folder = try TemporaryFolder()
    let (natsight, nats, server) = try start(kind, folder)
    let port = try natsight.httpPort()
    try eventually("it is ready") { try RawHTTP.get(port: port, "/readyz").status == 200 }
    for name in AccountNameTests.names {
      let client = try RawNATS(port: nats, user: name, password: "p", options: ["name": "visitor"])
      try client.flush()
      client.connection.close()
    }
    for name in AccountNameTests.names {
      try eventually("\(kind): the end of a client of \(name) is known") {
        try RawHTTP.get(port: port, "/closed?account=\(path(name))").json()["total"] as? Int == 1
      }
      // A name with a blank cannot be part of a path.
      guard !name.contains(" ") else { continue }
      #expect(try RawHTTP.get(port: port, "/account/\(path(name))/closed").json()["total"] as? Int == 1, "\(kind): \(name)")
      let reader = try RawConnection(port: port)
      try reader.send("GET /account/\(path(name))/events?type=connect,disconnect,connections&replay=50 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
      var kinds: Set<String> = []
      while kinds.count < 3 {
        let line = try reader.readLine()
        if line.hasPrefix("event: ") { kinds.insert(String(line.dropFirst(7))) }
        if line.hasPrefix("data: ") { #expect(line.contains("\"account\":\"\(name)\""), "\(kind): \(line)") }
      }
      reader.close()
    }
    #expect(!natsight.transcript.contains("unreadable"), "\(natsight.transcript)")
    #expect(try RawHTTP.get(port: port, "/account/nobody/events").status == 404)
    #expect(try RawHTTP.get(port: port, "/account/nobody/closed").status == 404)
    _ = server
  }

  /// APP has a user called LIB: nothing of it is LIB's.
  @Test(arguments: ["nats-server", "broker"]) func aUserIsNotAnAccount(_ kind: String) throws {
    let home = try NscHome()
    for line in [
      "add operator -n O --sys", "add account -n APP", "add account -n LIB", "add user -a APP -n LIB", "add user -a LIB -n lib",
      "add user -a SYS -n admin", "generate creds -a APP -n LIB -o spoof.creds", "generate creds -a LIB -n lib -o lib.creds",
      "generate creds -a SYS -n admin -o sys.creds", "generate config --mem-resolver --sys-account SYS --config-file s.conf",
    ] {
      let finished = try home.run(line)
      try #require(finished.status == 0, "nsc \(line): \(finished.output)\(finished.errors)")
    }
    func id(_ account: String) throws -> String {
      try home.run("describe account \(account) --field sub").output.trimmingCharacters(in: CharacterSet(charactersIn: "\"\n"))
    }
    let (app, lib) = (try id("APP"), try id("LIB"))
    let configuration = home.folder.read("s.conf")
    let server = try kind == "broker" ? RealServer.natsightBroker(configuration) : RealServer(configuration)
    let natsight = try NatsightProcess.serve(["--server", server.url, "--creds", home.folder.path("sys.creds")])
    let port = try natsight.httpPort()
    try eventually("it is ready: \(natsight.transcript)") { try RawHTTP.get(port: port, "/readyz").status == 200 }
    let own = try ChildProcess(NatsightProcess.binary, ["sub", "-s", server.url, "--creds", home.folder.path("lib.creds"), "zz"])
    let spoof = try ChildProcess.run(
      NatsightProcess.binary, ["pub", "-s", server.url, "--creds", home.folder.path("spoof.creds"), "x", "y"])
    try #require(spoof.status == 0, "\(spoof)")
    func total(_ path: String) throws -> Int? { try RawHTTP.get(port: port, path).json()["total"] as? Int }
    try eventually("\(kind): its end is on record") { try total("/closed?account=\(app)") == 1 }
    try eventually("\(kind): the server knows the account, whose user has connected") { try total("/account/\(lib)/closed") == 0 }
    for path in ["/account/\(lib)/closed", "/closed?account=\(lib)", "/closed?account=lib"] {
      #expect(try total(path) == 0, "\(kind): \(path)")
    }
    // By name, where the server says what accounts are called.
    let named = try RawHTTP.get(port: port, "/account/LIB/closed")
    #expect(named.status == 404 || named.text.contains("\"total\": 0"), "\(kind): \(named.text)")
    #expect(try total("/closed?account=LIB") == 0 && total("/account/\(app)/closed") == 1, "\(kind)")
    let reader = try RawConnection(port: port)
    try reader.send("GET /account/\(lib)/events?replay=50 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    var isOwn = false
    while !isOwn {
      let line = try reader.readLine()
      #expect(!line.contains(app), "\(kind): \(line)")
      isOwn = line.hasPrefix("data: ") && line.contains(lib)
    }
    reader.close()
    // Rows of connections and of accounts can be joined by the label.
    let label = try #require(
      try RawHTTP.get(port: port, "/metrics").text.split(separator: "\n").first { $0.contains(lib) }?.components(separatedBy: "account=\"")
        .last?
        .prefix { $0 != "\"" })
    let connections = try RawHTTP.get(port: port, "/metrics/connections").text
    #expect(connections.contains("account=\"\(label)\"") && !connections.contains("account=\"lib\""), "\(kind): \(label): \(connections)")
    own.stop()
  }
}
