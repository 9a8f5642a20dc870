import Foundation
import Gateway
import Synchronization
import TestSupport
import Testing

/// Which questions go to the servers, and who gets which answer: looked at from outside, at the played servers and at the
/// gateway's door.
@Suite struct TraceTests {
  /// Documents that say how many were made before them.
  private func numbered() -> ScriptedServers.Documents {
    let made = Numbers()
    return { request in request.endpoint == "VARZ" ? #"{"server_name":"\#(request.server.name)","number":\#(made.next())}"# : "{}" }
  }

  private final class Numbers: Sendable {
    private let last = Mutex(0)
    func next() -> Int {
      last.withLock { last in
        last += 1
        return last
      }
    }
  }

  private func number(_ reply: HTTPReply) throws -> Int { try reply.json()["number"] as? Int ?? 0 }

  /// Whoever asks while a question is on its way gets no answer that was made before; many who ask alike share one question.
  @Test func equalQuestionsShareAndNobodyGetsAnOldAnswer() throws {
    let stage = try Stage(Stage.servers(1), documents: numbered())
    stage.fleet.change("f0") { $0.behaviours["VARZ"] = .held }
    let first = try PendingRequest(stage.gateway, "/server/f0/varz?timeout=30s")
    try eventually("the first question is on its way") { stage.fleet.questions("VARZ").count == 1 }
    let later = try (0..<32).map { _ in try PendingRequest(stage.gateway, "/server/f0/varz?timeout=30s") }
    try eventually("another question follows") { stage.fleet.questions("VARZ").count >= 2 }
    stage.fleet.change("f0") { $0.behaviours["VARZ"] = nil }
    stage.fleet.release()
    #expect(try number(try first.reply()) == 1)
    for request in later {
      let reply = try request.reply()
      #expect(reply.status == 200)
      #expect(try number(reply) >= 2, "made after it was asked for")
    }
    #expect(stage.fleet.questions("VARZ").count < 33)
    let asked = stage.fleet.questions("VARZ").count
    #expect(try stage.gateway.get("/server/f0/varz").status == 200)
    #expect(stage.fleet.questions("VARZ").count == asked + 1, "what has ended is not joined")
  }

  /// Forms of one question share what was kept of it; an incomplete answer is not kept.
  @Test func whatIsReused() throws {
    let stage = try Stage(Stage.servers(2))
    let before = stage.fleet.questions("VARZ").count
    #expect(try stage.gateway.get("/varz?max_age=60s").headers["age"] == nil)
    for path in ["/varz?max_age=60s", "/varz?max_age=60s&require=complete", "/varz?max_age=59s&timeout=1s"] {
      let reply = try stage.gateway.get(path)
      #expect(reply.status == 200 && reply.headers["age"] != nil, "\(path)")
    }
    #expect(stage.fleet.questions("VARZ").count == before + 1)
    #expect(try stage.gateway.get("/varz").headers["age"] == nil)
    #expect(stage.fleet.questions("VARZ").count == before + 2, "without max_age it is asked anew")
    stage.fleet.change("f1") { $0.behaviour = .silent }
    try stage.untilSuspect("f1")
    let incomplete = stage.fleet.questions("VARZ").count
    for _ in 0..<2 { #expect(try stage.gateway.get("/varz?max_age=1ms").complete == "false") }
    #expect(stage.fleet.questions("VARZ").count == incomplete + 2)
  }

  /// A stream's lines leave as the replies come, long before the answer is whole.
  @Test func streamsDoNotWait() throws {
    let stage = try Stage(Stage.servers(3))
    stage.fleet.change("f2") { $0.behaviours["VARZ"] = .held }
    let stream = try PendingRequest(stage.gateway, "/varz?format=ndjson&timeout=30s")
    var seen: [String] = []
    while seen.count < 2 {
      let line = try stream.line()
      if line.hasPrefix("{\"server\":") { seen.append(line) }
    }
    #expect(seen[0].contains("\"f0\"") && seen[1].contains("\"f1\""))
    try eventually("f2 was asked") { stage.fleet.questions("VARZ").count == 1 }
    stage.fleet.release()
    var rest = ""
    while !rest.contains("summary") { rest = try stream.line() + rest }
    #expect(rest.contains("\"f2\"") && rest.contains("\"complete\":true") && rest.contains("\"responded\":3"))
  }

  /// One server gets 32 questions at once; the others wait their turn, and questions to other servers do not.
  @Test func questionsToOneServerQueue() throws {
    let stage = try Stage(Stage.servers(2))
    stage.fleet.change("f0") { $0.behaviours["CONNZ"] = .held }
    let requests = try (1...40).map { try PendingRequest(stage.gateway, "/server/f0/connz?cid=\($0)&timeout=30s") }
    try eventually("as many as may") { stage.questions("CONNZ", to: "f0").count == 32 }
    #expect(try stage.gateway.get("/server/f1/connz").status == 200)
    #expect(stage.questions("CONNZ", to: "f0").count == 32, "no more go out before one is answered")
    stage.fleet.change("f0") { $0.behaviours["CONNZ"] = nil }
    stage.fleet.release()
    for request in requests { #expect(try request.reply().status == 200) }
    #expect(stage.questions("CONNZ", to: "f0").count == 40, "each is asked once")
    #expect(Set(stage.questions("CONNZ", to: "f0").map(\.payload)).count == 40)
  }

  /// 256 questions are on their way at once, whomever they go to; the others wait, and all are answered.
  @Test func questionsQueueBehind256() throws {
    let stage = try Stage(Stage.servers(9))
    for name in 0..<9 { stage.fleet.change("f\(name)") { $0.behaviours["CONNZ"] = .held } }
    var requests: [PendingRequest] = []
    for name in 0..<9 {
      for cid in 1...30 { requests.append(try PendingRequest(stage.gateway, "/server/f\(name)/connz?cid=\(cid)&timeout=30s")) }
    }
    try eventually("as many as may") { stage.fleet.questions("CONNZ").count == 256 }
    #expect(try stage.gateway.get("/livez").status == 200)
    #expect(stage.fleet.questions("CONNZ").count == 256, "no more go out before one is answered")
    for name in 0..<9 { stage.fleet.change("f\(name)") { $0.behaviours["CONNZ"] = nil } }
    stage.fleet.release()
    for request in requests { #expect(try request.reply().status == 200) }
    #expect(stage.fleet.questions("CONNZ").count == 270)
  }

  /// The end of one caller's time is that caller's alone: others wait on, and no server's state changes.
  @Test func aShortTimeoutIsTheCallersAlone() throws {
    let stage = try Stage(Stage.servers(2))
    stage.fleet.change("f1") { $0.behaviours["VARZ"] = .held }
    let patient = try PendingRequest(stage.gateway, "/varz?timeout=30s")
    try eventually("it was asked") { stage.fleet.questions("VARZ").count == 1 }
    let hasty = try stage.gateway.get("/varz?timeout=100ms")
    #expect(hasty.complete != "true")
    #expect(try stage.gateway.state("f1") != "suspect")
    stage.fleet.change("f1") { $0.behaviours["VARZ"] = nil }
    stage.fleet.release()
    let reply = try patient.reply()
    #expect(reply.status == 200 && reply.complete == "true" && reply.responded == "2/2")
  }

  /// Several questions that wait for a silent server have it probed once.
  @Test func oneProbeForAll() throws {
    let stage = try Stage(Stage.servers(2), configure: { $0.probe = 2 })
    stage.fleet.change("f1") { $0.behaviour = .silent }
    let paths = ["/varz", "/connz", "/subsz", "/server/f1/varz", "/cluster/F/routez"]
    let requests = try paths.map { try PendingRequest(stage.gateway, "\($0)?timeout=30s") }
    for request in requests {
      let status = try request.reply().status
      #expect(status == 200 || status == 504)
    }
    #expect(try stage.gateway.state("f1") == "suspect")
    #expect(stage.questions("STATSZ", to: "f1").count == 1)
    let again = try stage.gateway.get("/varz")
    #expect(again.missing == "f1" && again.code == "suspect")
    #expect(stage.questions("STATSZ", to: "f1").count == 1, "who is suspect is asked, and not probed by it")
  }

  /// Questions that come before the servers are known wait for that, within their own time, and then go out once.
  @Test func questionsWaitForDiscovery() throws {
    let servers = [ScriptedServer(name: "f0", cluster: "F", activeServers: 9)]
    let stage = try Stage(servers, cold: true, configure: { $0.timeout = 1 })
    let requests = try (0..<4).map { _ in try PendingRequest(stage.gateway, "/varz?timeout=20s") }
    let single = try PendingRequest(stage.gateway, "/server/f0/varz?timeout=20s")
    for request in requests + [single] {
      let reply = try request.reply()
      #expect(reply.status == 200 && reply.text.contains("f0"), "\(reply.text)")
    }
    #expect(stage.fleet.questions("VARZ").count <= 5)
  }

  /// Two servers of one cluster, the gateway on the first, the played ones behind the second.
  private func twoServers() throws -> (RealCluster, ScriptedServers, TestGateway) {
    let cluster = try RealCluster(2, configuration: PlayedAccount.configuration)
    let (first, second) = (cluster[0], cluster[1])
    let account = try PlayedAccount(on: second)
    let fleet = try account.fleet(Stage.servers(2))
    // The first server's question for who is there is lost where the other has not told it yet of anybody who listens.
    let asker = try RawNATS(port: first.port, user: account.user, password: account.user)
    try eventually("they are heard beyond the route") { try asker.request("\(PlayedAccount.prefix).SERVER.PING.IDZ").headers == nil }
    let urls = [first, second].map { "nats://\(account.user):\(account.user)@127.0.0.1:\($0.port)" }.joined(separator: ",")
    let gateway = try TestGateway(urls) { $0.systemRequestPrefix = PlayedAccount.prefix }
    try gateway.untilLive(2)
    return (cluster, fleet, gateway)
  }

  /// The connection is lost under a question: it is asked again over the next one, and the caller does not notice.
  @Test func aQuestionSurvivesAFailover() throws {
    let (cluster, fleet, gateway) = try twoServers()
    fleet.change("f1") { $0.behaviours["VARZ"] = .held }
    let request = try PendingRequest(gateway, "/varz?timeout=30s")
    try eventually("it was asked") { fleet.questions("VARZ").count == 1 }
    fleet.change("f1") { $0.behaviours["VARZ"] = nil }
    cluster[0].process.killNow()
    let reply = try request.reply()
    #expect(reply.status == 200 && reply.complete == "true" && reply.responded == "2/2", "\(reply.text)")
    #expect(fleet.questions("VARZ").count == 2)
    fleet.stop()
  }

  /// What is out of a stream cannot be taken back: it ends there, and says so.
  @Test func aStreamEndsWithItsConnection() throws {
    let (cluster, fleet, gateway) = try twoServers()
    fleet.change("f1") { $0.behaviours["VARZ"] = .held }
    let stream = try PendingRequest(gateway, "/varz?format=ndjson&timeout=30s")
    while !(try stream.line()).hasPrefix("{\"server\":") {}
    cluster[0].process.killNow()
    var line = ""
    while !line.contains("summary") { line = try stream.line() }
    #expect(line.contains("\"complete\":false") && line.contains("not_connected"), "\(line)")
    #expect(fleet.questions("VARZ").count == 1, "it is not asked again")
    fleet.stop()
  }
}
