import Foundation
import Gateway
import TestSupport
import Testing

/// Somebody in the system account lies: that may make answers less complete, but never stop the gateway, fill its memory, or make it
/// load the servers.
@Suite struct HostileSystemTests {
  private func forgedHeartbeat(_ name: String, id: String, activeServers: Int = 1) -> String {
    #"{"server":{"name":"\#(name)","id":"\#(id)","cluster":"A","ver":"2.10.0"},"statsz":{"active_servers":\#(activeServers)}}"#
  }

  /// A small compressed reply that becomes a large one.
  @Test func aReplyThatGrows() throws {
    let stage = try Stage(Stage.servers(1) + [ScriptedServer(name: "bomb", cluster: "F", isQuiet: true)])
    let bomb = try Zipped.text(
      #"{"server":{"name":"bomb","id":"\#(ScriptedServer.identifier(of: "bomb"))","cluster":"F"},"data":""#, filledWith: 192 << 20,
      #""}"#)
    stage.fleet.change("bomb") { $0.behaviours["VARZ"] = .raw(bomb, headers: "Content-Encoding: gzip") }
    do {  // gateway 13.1
      let reply = try stage.gateway.get("/varz?timeout=2s")
      #expect(reply.body.count < 64 << 20)
      #expect(reply.servers.contains("f0"))
    }
    #expect(try stage.gateway.get("/readyz").status == 200)
  }

  /// What was not asked for compressed is not decoded.
  @Test func compressedWithoutBeingAsked() throws {
    let stage = try Stage(Stage.servers(2))
    let zipped = try Zipped.text(
      #"{"server":{"name":"f1","id":"\#(ScriptedServer.identifier(of: "f1"))","cluster":"F"},"data":{"unasked":""#, filledWith: 10,
      #""}}"#)
    stage.fleet.change("f1") { $0.behaviours["VARZ"] = .raw(zipped, headers: "Content-Encoding: gzip") }
    do {  // gateway 13.2
      let reply = try stage.gateway.get("/varz?timeout=1s")
      #expect(!reply.text.contains("unasked") && reply.complete == "false")
    }
  }

  /// Thousands of servers that only beat: the honest ones are still heard, and the others are not asked without end.
  @Test func forgedHeartbeats() throws {
    let stage = try Stage(Stage.servers(1), configure: { $0.probe = 1 })
    for number in 0..<3000 { stage.fleet.publish("$SYS.SERVER.NF\(number).STATSZ", forgedHeartbeat("f-\(number)", id: "NF\(number)")) }
    stage.fleet.heartbeat()
    // Not all of them: of servers that only beat, so many are taken for servers and no more.
    try eventually("many were heard") { try stage.gateway.text("/servers").contains("\"NF1990\"") }
    let reply = try stage.gateway.get("/varz?timeout=2s")
    #expect(reply.servers == ["f0"] && reply.complete == "false", "\(reply.status) \(reply.servers)")
    #expect(stage.fleet.questions("STATSZ").count < 500, "probes are few at a time")  // gateway 13.4
    #expect(try stage.gateway.get("/readyz").status == 200)
  }

  /// Replies that come too late, under made-up ids: they are hearsay, of which only so much is believed.
  @Test func lateRepliesOfStrangers() throws {
    let stage = try Stage(Stage.servers(2), configure: { $0.probe = 1 })
    stage.fleet.change("f1") { $0.behaviours["VARZ"] = .slow(1) }
    _ = try stage.gateway.get("/varz?timeout=300ms")
    let inbox = try #require(stage.fleet.lastInbox)
    for number in 0..<2_500 {
      stage.fleet.publish(inbox, #"{"server":{"name":"g-\#(number)","id":"NG\#(number)","cluster":"A","ver":"2.10.0"},"data":{}}"#)
    }
    stage.fleet.heartbeat()
    try eventually("many were heard") { try stage.gateway.text("/servers").contains("\"NG1990\"") }
    let servers = try stage.gateway.json("/servers")["servers"] as? [Any] ?? []
    #expect(servers.count <= 2_010)  // gateway 13.5
    #expect(stage.fleet.questions("STATSZ").count < 500)
    #expect(try stage.gateway.get("/connz?timeout=1s").servers == ["f0", "f1"])
  }

  /// A heartbeat or goodbye whose subject names another server than its payload is nobody's word.
  @Test func whatIsSaidUnderAnothersSubject() throws {
    let stage = try Stage(Stage.servers(2))
    let id = ScriptedServer.identifier(of: "f1")
    do {  // rooms §1: the subject has to name the server
      stage.fleet.publish("$SYS.SERVER.NOTF1.SHUTDOWN", ScriptedServer(name: "f1", cluster: "F", id: id).object(sequence: 1))
      stage.fleet.publish("$SYS.SERVER.NOTX.STATSZ", forgedHeartbeat("x", id: "NX"))
      stage.fleet.publish("$SYS.SERVER.NY.STATSZ", forgedHeartbeat("y", id: "NY"))
      try eventually("the honest one was heard") { try stage.gateway.state("y") != "none" }
      #expect(try stage.gateway.state("x") == "none")
      #expect(try stage.gateway.state("f1") == "live")
    }
  }

  /// Nonsense on every subject that the gateway listens to changes nothing.
  @Test func nonsenseOnEverySubject() throws {
    let stage = try Stage(Stage.servers(2))
    let subjects = [
      "$SYS.SERVER.X.STATSZ", "$SYS.SERVER.X.SHUTDOWN", "$SYS.SERVER.X.LAMEDUCK", "$SYS.ACCOUNT.A.CONNECT", "$SYS.ACCOUNT.A.DISCONNECT",
      "$SYS.ACCOUNT.A.SERVER.CONNS", "$SYS.SERVER.X.CLIENT.AUTH.ERR",
    ]
    let payloads = [
      "", "null", "{}", "[]", "{\"server\":", "{\"server\":null}", "{\"server\":{\"id\":\"\"}}", "{\"server\":{\"id\":7}}", "\u{0}\u{1}",
      String(repeating: "[", count: 2000), #"{"server":{"id":"N","name":"\ud800"},"statsz":{"active_servers":-1}}"#,
      #"{"server":{"id":"N"},"statsz":{"active_servers":1e99}}"#,
    ]
    for subject in subjects { for payload in payloads { stage.fleet.publish(subject, payload) } }
    stage.fleet.heartbeat()
    for _ in 0..<2 {
      let reply = try stage.gateway.get("/varz?timeout=2s")
      #expect(reply.servers.contains("f0") && reply.servers.contains("f1"))
      try reply.expectIdentity()
    }
    for path in ["/servers", "/findings", "/metrics", "/closed", "/history"] {
      #expect(try stage.gateway.get(path).status == 200, "\(path)")
    }
  }

  /// Replies that are no JSON, or JSON of another sort, cost their server its place and nobody else anything.
  @Test(arguments: ["", "null", "[]", "{}", "\u{0}", "{\"server\":{}}", "{\"data\":1}", "{\"server\":{\"id\":\"N\"}"])
  func aReplyThatSaysNothing(_ payload: String) throws {
    let stage = try Stage(Stage.servers(2))
    stage.fleet.change("f1") { $0.behaviours["VARZ"] = .raw(Array(payload.utf8)) }
    let reply = try stage.gateway.get("/varz?timeout=1s")
    #expect(reply.servers.contains("f0") && reply.complete == "false", "\(reply.text)")
    #expect(try stage.gateway.get("/connz").complete == "true")
  }
}

/// Texts compressed by `gzip` itself.
private enum Zipped {
  /// - Parameter count: so many letters between `head` and `tail`.
  static func text(_ head: String, filledWith count: Int, _ tail: String) throws -> [UInt8] {
    let folder = try TemporaryFolder()
    try folder.write(head, to: "head")
    try folder.write(tail, to: "tail")
    let script = "{ cat head; head -c \(count) /dev/zero | tr '\\0' a; cat tail; } | gzip -1 > text.gz"
    let finished = try ChildProcess.run("bash", ["-c", script], directory: folder.path)
    guard finished.status == 0 else { throw TestFailure(finished.errors) }
    return Array(try Data(contentsOf: URL(fileURLWithPath: folder.path("text.gz"))))
  }
}
