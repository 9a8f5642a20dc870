import HTTPServer
import Reactor
import SystemAPI
import Testing
import Wire

@testable import Gateway

@Suite struct RequestPathTests {
  @Test(arguments: [
    ("/varz", "/varz"), ("/server/a1/varz", "/server/a1/varz"), ("/cluster/A/server/a1/debug/vars", "/cluster/A/server/a1/debug/vars"),
    ("/cluster/A/merged/connz", "/cluster/A/merged/connz"), ("/account/%24G/connz", "/account/$G/connz"), ("/", "/"),
    ("/merged/varz", "/merged/varz"),
    ("/server/host.example/varz", "/server/host.example/varz"),
  ])
  func canonical(_ path: String, _ expected: String) throws { #expect(try RequestPath(path).canonical == expected) }

  @Test(arguments: [
    "/server/PING/varz", "/server/a%2A/varz", "/server/a%3Eb/varz", "/cluster/%0d%0a/varz", "/server/../varz", "/server/%2e%2e/varz",
    "/server/a%20b/varz", "/account/CLAIMS/info", "/server/%zz/varz", "/server/%ff/varz", "varz", "/cluster//varz",
  ])
  func refuses(_ path: String) {
    let error = #expect(throws: Refusal.self) { try RequestPath(path) }
    #expect(error?.status == 400)
  }
}

@Suite struct PlannerTests {
  private func plan(_ path: String, _ query: String = "") throws -> RequestPlan {
    let path = try RequestPath(path)
    let planner = RequestPlanner(configuration: GatewayConfiguration(), subjects: SystemSubject())
    let endpoint = try #require(RequestPlanner.endpoint(path))
    return try planner.plan(path, endpoint, query: HTTPQuery(query), scrapeTimeout: nil)
  }

  @Test(arguments: [
    ("/varz", "", "$SYS.REQ.SERVER.PING.VARZ", ""),
    ("/cluster/A/varz", "", "$SYS.REQ.SERVER.PING.VARZ", #"{"cluster":"A","exact_match":true}"#),
    ("/cluster/A/varz", "name=a", "$SYS.REQ.SERVER.PING.VARZ", #"{"server_name":"a","cluster":"A"}"#),
    (
      "/connz", "subs=detail&limit=-5&state=closed&tags=x,y", "$SYS.REQ.SERVER.PING.CONNZ",
      #"{"subscriptions_detail":true,"limit":0,"state":1,"tags":["x","y"]}"#
    ),
    ("/accstatz", "", "$SYS.REQ.ACCOUNT.PING.STATZ", #"{"include_unused":true}"#),
    ("/account/T/connz", "acc=OTHER", "$SYS.REQ.ACCOUNT.T.CONNZ", ""),
    ("/account/a.b/connz", "", "$SYS.REQ.SERVER.PING.CONNZ", #"{"acc":"a.b"}"#),
    ("/account/a.b/jsz", "streams=1", "$SYS.REQ.SERVER.PING.JSZ", #"{"streams":true,"account":"a.b"}"#),
    ("/account/a.b/info", "", "$SYS.REQ.SERVER.PING.ACCOUNTZ", #"{"account":"a.b"}"#),
    ("/account/a.b/statz", "", "$SYS.REQ.ACCOUNT.PING.STATZ", #"{"include_unused":true,"accounts":["a.b"]}"#),
    ("/merged/connz", "sort=subs&offset=10&limit=5", "$SYS.REQ.SERVER.PING.CONNZ", #"{"sort":"subs","limit":15}"#),
    ("/jsz", "leader-only=1&consumers=1", "$SYS.REQ.SERVER.PING.JSZ", #"{"leader_only":true,"consumer":true}"#),
  ])
  func becomesARequest(_ path: String, _ query: String, _ subject: String, _ payload: String) throws {
    let plan = try plan(path, query)
    #expect(plan.gather.subject == subject)
    #expect(plan.gather.payload == payload)
  }

  @Test(arguments: [
    ("/varz", "timeout=0s"), ("/varz", "timeout=soon"), ("/varz", "max_age=-1s"), ("/varz", "require=all"), ("/varz", "format=xml"),
    ("/varz", "exact=maybe"), ("/merged/connz", "sort=bogus"), ("/merged/connz", "limit=x"), ("/merged/connz", "offset=99999&limit=99999"),
    ("/healthz", "min=0"), ("/server/a/varz", "format=ndjson"), ("/merged/varz", "format=ndjson"), ("/merged/connz", "sort=stop"),
    ("/varz", "format=ndjson&require=complete"),
  ])
  func refuses(_ path: String, _ query: String) {
    let error = #expect(throws: Refusal.self) { try plan(path, query) }
    #expect(error?.status == 400)
  }

  @Test func whatNobodyKnowsIsNamed() throws {
    #expect(try plan("/varz", "foo=1&name=a&timeout=1s&bar").options.ignored == ["foo", "bar"])
    #expect(try plan("/server/a/varz", "name=a").options.ignored == ["name"])
  }

  @Test func timeoutsAreBounded() throws {
    #expect(try plan("/varz", "timeout=10h").options.timeout == .seconds(30))
    #expect(try plan("/varz", "timeout=50ms").options.timeout == 50_000_000)
  }
}

@Suite struct RosterTests {
  private func server(_ id: String, _ name: String, _ cluster: String = "A") -> ServerDescription {
    var server = ServerDescription()
    server.id = id
    server.name = name
    server.cluster = cluster
    return server
  }

  private func roster(expected: [String] = [], retired: [String] = []) -> Roster {
    Roster(expected: expected, retired: retired, forgetAfter: 3600, now: 0)
  }

  @Test func ordinalsAreNeverReused() {
    let roster = roster()
    #expect(roster.heard(server("N1", "a"), now: 1).ordinal == 1)
    #expect(roster.heard(server("N2", "b"), now: 1).ordinal == 2)
    #expect(roster.heard(server("N1", "a"), now: 2).ordinal == 1)
  }

  @Test func aRestartReplacesASilentServerOnly() {
    let roster = roster()
    let old = roster.heard(server("N1", "a"), now: 1)
    roster.heard(server("N2", "a"), now: 2)
    #expect(old.state == .live)
    roster.change(old, to: .suspect, reason: "silent")
    roster.heard(server("N3", "a"), now: 3)
    #expect(old.state == .gone && old.reason == "replaced by N3")
  }

  @Test func anotherClustersServerOfTheNameDoesNotReplace() {
    let roster = roster()
    let old = roster.heard(server("N1", "a", "A"), now: 1)
    roster.change(old, to: .suspect, reason: "silent")
    roster.heard(server("N2", "a", "B"), now: 2)
    #expect(old.state == .suspect)
  }

  @Test func anySignOfLifeEndsSuspicion() {
    let roster = roster()
    let entry = roster.heard(server("N1", "a"), now: 1)
    roster.change(entry, to: .suspect, reason: "silent")
    roster.heard(server("N1", "a"), now: 2)
    #expect(entry.state == .live)
  }

  @Test func silenceIsForgottenAfterAnHour() {
    let roster = roster()
    let entry = roster.heard(server("N1", "a"), now: 1)
    roster.change(entry, to: .suspect, reason: "silent")
    roster.expire(now: .seconds(3000))
    #expect(entry.state == .suspect)
    roster.expire(now: .seconds(3700))
    #expect(entry.state == .gone)
  }

  /// Given up by inference, it shows that it lives; after its own goodbye a straggling message means nothing.
  @Test func whoWasGivenUpWronglyComesBack() {
    let roster = roster()
    let twin = roster.heard(server("N1", "a"), now: 1)
    roster.change(twin, to: .suspect, reason: "silent")
    let heir = roster.heard(server("N2", "a"), now: 2)
    #expect(twin.state == .gone && roster.heir(of: twin) === heir)
    roster.heard(server("N1", "a"), now: 3)
    #expect(twin.state == .live && roster.heir(of: twin) == nil)
    let retired = roster.heard(server("N3", "b"), now: 3)
    roster.change(retired, to: .suspect, reason: "silent")
    roster.retire(["b"])
    #expect(retired.state == .gone)
    roster.heard(server("N3", "b"), now: 4)
    #expect(retired.state == .live)
    let shut = roster.heard(server("N4", "c"), now: 4)
    roster.change(shut, to: .gone, reason: "shut down")
    roster.heard(server("N4", "c"), now: 5)
    #expect(shut.state == .gone)
  }

  @Test func aLameDuckStartedAnewIsReplaced() {
    let roster = roster()
    let old = roster.heard(server("N1", "a"), now: 1)
    roster.change(old, to: .lameDuck, reason: "in lame duck mode")
    roster.heard(server("N2", "a"), now: 2)
    #expect(old.state == .gone && old.reason == "replaced by N2")
  }

  @Test func hintsComeFromRoutesAndGateways() throws {
    var hints = ServerHints()
    for reply in try Captured.replies("2.14.5", "ROUTEZ") {
      reply.bytes.withUnsafeBufferPointer { hints.readRoutes($0, reply.data, cluster: reply.cluster) }
    }
    let routed = hints.found
    #expect(Set(routed.values.map(\.name)) == ["n1", "n2", "n3"] && routed.values.allSatisfy { $0.cluster == "c1" })
    for reply in try Captured.replies("2.14.5", "GATEWAYZ") {
      reply.bytes.withUnsafeBufferPointer { hints.readGateways($0, reply.data) }
    }
    #expect(hints.found.count == 4)
    #expect(hints.found.values.filter { $0.cluster == "c2" }.allSatisfy { routed[$0.id] == nil && $0.name.isEmpty })
    for (id, server) in routed { #expect(hints.found[id] == server) }
  }

  @Test func declaredServersWaitToBeSeen() {
    let roster = roster(expected: ["a", "b", "c"], retired: ["c"])
    #expect(roster.entries.count == 2)
    roster.heard(server("N1", "a"), now: 1)
    #expect(roster.ordered.map(\.name) == ["b", "a"])
    #expect(roster.ordered.filter { $0.state == .awaited }.map(\.name) == ["b"])
  }

  @Test func namesResolve() {
    let roster = roster()
    roster.heard(server("N1", "a", "A"), now: 1)
    roster.heard(server("N2", "a", "B"), now: 1)
    let suspect = roster.heard(server("N3", "s", "A"), now: 1)
    roster.change(suspect, to: .suspect, reason: "silent")
    if case .several(let found) = roster.resolve("a") { #expect(found.map(\.id) == ["N1", "N2"]) } else { Issue.record("not ambiguous") }
    if case .one(let found) = roster.resolve("a", cluster: "B") { #expect(found.id == "N2") } else { Issue.record("not found") }
    if case .one(let found) = roster.resolve("s") { #expect(found.id == "N3") } else { Issue.record("not found") }
    if case .one(let found) = roster.resolve("N1") { #expect(found.id == "N1") } else { Issue.record("not found") }
    roster.entry(id: "N1")?.probeSentAt = 2
    if case .one(let found) = roster.resolve("a") {
      #expect(found.id == "N2", "the other is under examination")
    } else {
      Issue.record("both")
    }
    if case .unknown = roster.resolve("zz") {} else { Issue.record("found") }
  }

  @Test func unknownServersAreCountedWithoutTheDead() {
    let roster = roster()
    let one = roster.heard(server("N1", "a"), now: .seconds(1))
    roster.heartbeat(one, statsz: Array(#"{"active_servers":3}"#.utf8), now: .seconds(1))
    #expect(roster.unknownServers(now: .seconds(1)) == 2)
    let two = roster.heard(server("N2", "b"), now: .seconds(1))
    roster.change(two, to: .gone, reason: "shut down")
    #expect(roster.unknownServers(now: .seconds(2)) == 1)
    #expect(roster.unknownServers(now: .seconds(1000)) == 2)
  }

  @Test func filtersMeanWhatTheServersMean() {
    var described = server("N1", "node-1", "east")
    described.tags = ["Az:1"]
    described.domain = "hub"
    #expect(ServerFilters(name: "node").match(described))
    #expect(!ServerFilters(name: "node", exact: true).match(described))
    #expect(ServerFilters(cluster: "ea", tags: ["az:1"]).match(described))
    #expect(!ServerFilters(tags: ["az:1", "x"]).match(described))
    #expect(!ServerFilters(domain: "hu").match(described))
  }
}
