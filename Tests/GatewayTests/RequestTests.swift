import HTTPServer
import Reactor
import SystemAPI
import SystemModel
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
  /// What is ignored makes no other question and no other layout: whoever makes up names gets no memory for them.
  @Test func ignoredNamesMakeNoLayoutsOfTheirOwn() throws {
    for (path, query) in [("/varz", ""), ("/connz", "subs=1"), ("/merged/connz", "limit=5"), ("/server/a1/varz", "")] {
      let plain = try plan(path, query)
      for made in ["x=1", "x=2&y=3", "Limit=7", "max_age=60s&nonsense"] {
        let other = try plan(path, query.isEmpty ? made : query + "&" + made)
        #expect(other.shapeKey == plain.shapeKey && other.redactedShapeKey == plain.redactedShapeKey, "\(path)?\(made)")
        #expect(other.question == plain.question, "\(path)?\(made)")
      }
    }
    #expect(try plan("/merged/connz", "limit=5").shapeKey != plan("/merged/connz", "limit=6").shapeKey)
  }

  @Test func plansAreBoundedByNumberAndByBytes() throws {
    let varz = try plan("/varz")
    var few = PlanCache(most: 3, mostBytes: 1000)
    for target in ["/a", "/b", "/b", "/c"] { few.keep(varz, for: target) }
    #expect(few.count == 3 && few.bytes == 6 && few.plan(for: "/b") === varz)
    few.keep(varz, for: "/d")
    #expect(few.count == 1 && few.bytes == 2 && few.plan(for: "/b") == nil && few.plan(for: "/d") != nil)
    var small = PlanCache(most: 100, mostBytes: 1000)
    for number in 0..<50 {
      small.keep(varz, for: "/varz?x=\(number)" + String(repeating: "y", count: 400))
      #expect(small.bytes <= 1000 && small.count <= 2)
    }
  }

  private func plan(_ path: String, _ query: String = "") throws -> RequestPlan {
    let path = try RequestPath(path)
    let planner = RequestPlanner(settings: RequestSettings(), subjects: SystemSubject())
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
    #expect(plan.subject == subject)
    #expect(plan.question.form.payload == payload)
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
    #expect(try plan("/varz", "timeout=50ms").options.timeout == .milliseconds(50))
  }
}
