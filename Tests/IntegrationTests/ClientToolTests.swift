import Foundation
import TestSupport
import Testing

/// `sub`, `pub` and `req`, through the links that people know, against the packaged server.
@Suite struct ClientToolTests {
  let links: TemporaryFolder

  init() throws {
    links = try TemporaryFolder()
    let made = try ChildProcess.run(NatsightProcess.binary, ["links", links.path])
    try #require(made.status == 0, "\(made.errors)")
  }

  func tool(_ name: String, _ arguments: [String], environment: [String: String] = [:], input: String? = nil) throws -> ChildProcess {
    var home = ["HOME": links.path, "XDG_CONFIG_HOME": "\(links.path)/config"]
    home.merge(environment) { $1 }
    return try ChildProcess(links.path(name), arguments, environment: home, input: input)
  }

  @Test func linksAreMadeTwiceWithoutHarm() throws {
    let again = try ChildProcess.run(NatsightProcess.binary, ["links", links.path])
    #expect(again.status == 0)
    let names = Set(try FileManager.default.contentsOfDirectory(atPath: links.path))
    #expect(names.isSuperset(of: ["nats-server", "nats-sub", "nats-pub", "nats-req", "nsc", "nats-account-server"]))
    try FileManager.default.removeItem(atPath: links.path("nsc"))
    try links.write("mine", to: "nsc")
    let refused = try ChildProcess.run(NatsightProcess.binary, ["links", links.path])
    #expect(refused.status != 0)
    #expect(links.read("nsc") == "mine")
  }

  @Test func whatOnePublishesTheOtherSees() throws {
    let server = try RealServer(testAccounts)
    let subscriber = try tool("nats-sub", ["-s", "nats://a:a@127.0.0.1:\(server.port)", "--count", "2", ">"])
    try eventually("it listens") { subscriber.output.contains("Listening on [>]") }
    let first = try tool("nats-pub", ["-s", server.url, "--user", "a", "--password", "a", "foo", "bar"]).waitForExit()
    #expect(first.status == 0, "\(first.errors)")
    #expect(first.output == "Published [foo] : 'bar'\n")
    let second = try tool("nats-pub", ["-s", "nats://a:a@127.0.0.1:\(server.port)", "-H", "A: b", "foo", "-"], input: #"{"x":[1]}"#)
      .waitForExit()
    #expect(second.status == 0, "\(second.errors)")
    let seen = try subscriber.waitForExit()
    #expect(seen.status == 0)
    #expect(
      seen.output == """
        Listening on [>]
        [#1] Received on [foo]: 'bar'
        [#2] Received on [foo]: 
          A: b
        '{
          "x": [
            1
          ]
        }'

        """)
  }

  /// Nobody goes on without the credentials that were given: the file is named, and the exit status says so.
  @Test func filesThatAreNoCreds() throws {
    let server = try RealServer()
    let (nothing, empty) = (try links.write("nothing here\n", to: "nothing.creds"), try links.write("", to: "empty.creds"))
    for file in [nothing, empty] {
      for (name, arguments) in [("nats-pub", ["zz", "x"]), ("nats-sub", ["zz"]), ("nats-req", ["zz", "x"])] {
        let ended = try tool(name, ["-s", server.url, "--creds", file] + arguments).waitForExit()
        #expect(ended.status == 1, "\(name): \(ended)")
        #expect(ended.errors.contains(file) && ended.errors.contains("there is no user JWT in it"), "\(name): \(ended.errors)")
      }
    }
    #expect(try server.monitor("/varz")["in_msgs"] as? Int == 0)
  }

  @Test func aRequestAndItsReply() throws {
    let server = try RealServer()
    let responder = try RawNATS(port: server.port)
    try responder.subscribe("ask")
    try responder.flush()
    let asking = try tool("nats-req", ["-s", server.url, "ask", "what"])
    let request = try responder.next()
    #expect(request.text == "what")
    try responder.publish(try #require(request.reply), "that")
    let finished = try asking.waitForExit()
    #expect(finished.status == 0)
    #expect(finished.output.hasPrefix("Published [ask] : 'what'\nReceived  [_INBOX."))
    #expect(finished.output.hasSuffix("] : 'that'\n"))
  }

  @Test func severalReplies() throws {
    let server = try RealServer()
    let responders = try (0..<3).map { _ in try RawNATS(port: server.port) }
    for responder in responders {
      try responder.subscribe("ask")
      try responder.flush()
    }
    let asking = try tool("nats-req", ["-s", server.url, "--replies", "3", "--raw", "--timeout", "30s", "ask"])
    for (index, responder) in responders.enumerated() { try responder.publish(try #require(try responder.next().reply), "\(index)") }
    let finished = try asking.waitForExit()
    #expect(finished.status == 0, "\(finished.errors)")
    #expect(finished.output.split(separator: "\n").sorted() == ["0", "1", "2"])
  }

  @Test func nobodyListensAndNobodyAnswersAreToldApart() throws {
    let server = try RealServer()
    let silent = try RawNATS(port: server.port)
    try silent.subscribe("silent")
    try silent.flush()
    let none = try tool("nats-req", ["-s", server.url, "nowhere"]).waitForExit()
    #expect(none.status != 0)
    #expect(none.errors.contains("nobody listens on nowhere"))
    let late = try tool("nats-req", ["-s", server.url, "--timeout", "200ms", "silent"]).waitForExit()
    #expect(late.status != 0)
    #expect(late.errors.contains("no reply within 200ms"))
  }

  @Test func pingEndsWithTheLastServer() throws {
    let cluster = try RealCluster(3)
    for subject in ["$SYS.REQ.SERVER.PING", "$SYS.REQ.SERVER.PING.VARZ"] {
      let finished = try tool("nats-req", ["-s", cluster.systemURL, "--timeout", "60s", subject]).waitForExit(timeout: 50)
      #expect(finished.status == 0, "\(finished.errors)")
      #expect(finished.output.components(separatedBy: "Received  [").count == 4)
      for name in ["a1", "a2", "a3"] { #expect(finished.output.contains("\"name\": \"\(name)\"")) }
    }
  }

  @Test func aFrozenServerIsMissed() throws {
    let cluster = try RealCluster(3)
    cluster[2].process.freeze()
    defer { cluster[2].process.thaw() }
    let url = "nats://admin:changeit@127.0.0.1:\(cluster[0].port)"
    let finished = try tool("nats-req", ["-s", url, "--timeout", "1s", "$SYS.REQ.SERVER.PING.VARZ"]).waitForExit()
    #expect(finished.output.components(separatedBy: "Received  [").count == 3, "\(finished.errors)")
  }

  @Test func refusalsAreSaid() throws {
    let server = try RealServer("authorization { users: [ {user: u, password: p, permissions: {publish: [ok], subscribe: [ok]}} ] }\n")
    let url = "nats://u:p@127.0.0.1:\(server.port)"
    let publishing = try tool("nats-pub", ["-s", url, "secret", "x"]).waitForExit()
    #expect(publishing.status != 0)
    #expect(publishing.errors.contains("Permissions Violation"), "\(publishing.errors)")
    let subscribing = try tool("nats-sub", ["-s", url, "secret"]).waitForExit()
    #expect(subscribing.status != 0)
    let stranger = try tool("nats-pub", ["-s", "nats://u:wrong@127.0.0.1:\(server.port)", "ok", "x"]).waitForExit()
    #expect(stranger.status != 0)
    #expect(stranger.errors.contains("Authorization Violation"), "\(stranger.errors)")
    let nowhere = try tool("nats-pub", ["-s", "nats://127.0.0.1:1", "ok", "x"]).waitForExit()
    #expect(nowhere.status != 0)
    #expect(nowhere.errors.lowercased().contains("refused"), "\(nowhere.errors)")
  }

  @Test(arguments: [
    ["sub", "a..b"], ["pub", "a.*", "x"], ["req", "", "x"], ["req", "a", "--timeout", "soon"], ["sub", "x", "--count", "0"],
  ])
  func nonsenseIsRefused(arguments: [String]) throws {
    let finished = try ChildProcess.run(NatsightProcess.binary, arguments + ["-s", "nats://127.0.0.1:1"])
    #expect(finished.status == 64, "\(finished.errors)")
  }

  @Test func contextsAndTheEnvironment() throws {
    let server = try RealServer(testAccounts)
    try links.write(#"{"url": "nats://127.0.0.1:\#(server.port)", "user": "a", "password": "a"}"#, to: "config/nats/context/here.json")
    let byContext = try tool("nats-pub", ["--context", "here", "foo", "bar"]).waitForExit()
    #expect(byContext.status == 0, "\(byContext.errors)")
    let variables = ["NATS_URL": server.url, "NATS_USER": "b", "NATS_PASSWORD": "b"]
    let byEnvironment = try tool("nats-pub", ["foo", "bar"], environment: variables).waitForExit()
    #expect(byEnvironment.status == 0, "\(byEnvironment.errors)")
    let unknown = try tool("nats-pub", ["--context", "there", "foo", "bar"]).waitForExit()
    #expect(unknown.status != 0)
    #expect(unknown.errors.contains("there"))
  }
}
