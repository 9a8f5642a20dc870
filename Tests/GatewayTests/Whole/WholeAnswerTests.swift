import Foundation
import TestSupport
import Testing

/// One request whose whole answer is kept.
struct WholeAnswer: Sendable, CustomTestStringConvertible {
  enum Door: String { case open, guarded }

  let name: String
  let path: String
  let door: Door
  let headers: [String: String]
  let method: String
  /// Of `PlayedSystem.listeners`.
  let listener: Int

  /// - Parameter note: what the name of the file says beside the path.
  init(
    _ folder: String, _ path: String, _ note: String = "", headers: [String: String] = [:], method: String = "GET", door: Door = .open,
    listener: Int = 0
  ) {
    let slug = path.dropFirst().prefix(80).map { $0.isLetter || $0.isNumber || "-_.~".contains($0) ? String($0) : "+" }.joined()
    name = folder + "/" + (slug.isEmpty ? "root" : slug) + (note.isEmpty ? "" : "~" + note.replacingOccurrences(of: " ", with: "-"))
    self.path = path
    self.headers = headers
    self.method = method
    self.door = door
    self.listener = listener
  }

  var testDescription: String { name }

  func check(_ system: PlayedSystem) throws {
    let gateway = door == .open ? system.open : system.guarded
    let reply = try RawHTTP.get(port: gateway.ports[listener], path, method: method, headers: headers)
    try Golden.check(try system.normalise.transcript("\(method) \(path)", headers, reply), name)
  }
}

/// Whole answers of a system at rest: what is asked, in which form, by whom.
@Suite struct WholeAnswerTests {
  @Test(arguments: endpoints + formats) func endpointsInEveryShape(_ answer: WholeAnswer) throws {
    try answer.check(PlayedSystem.shared.get())
  }

  @Test(arguments: pages) func pagesOfTheGateway(_ answer: WholeAnswer) throws { try answer.check(PlayedSystem.shared.get()) }

  @Test(arguments: errors) func refusals(_ answer: WholeAnswer) throws { try answer.check(PlayedSystem.shared.get()) }

  @Test(arguments: access) func whoMayReadWhat(_ answer: WholeAnswer) throws { try answer.check(PlayedSystem.shared.get()) }

  static let names = [
    "varz", "connz", "routez", "gatewayz", "leafz", "subsz", "jsz", "accountz", "accstatz", "statsz", "healthz", "ipqueuesz", "raftz",
    "expvarz", "idz",
  ]
  static let accountNames = ["connz", "leafz", "subsz", "jsz", "info", "statz"]

  static let endpoints: [WholeAnswer] =
    names.flatMap { name in
      ["", "/merged", "/cluster/c1", "/server/n1"].map { WholeAnswer("endpoints", "\($0)/\(name)") }
    }
    + accountNames.flatMap { name in ["/account/USERS", "/account/USERS/merged"].map { WholeAnswer("endpoints", "\($0)/\(name)") } }
    + [
      "/cluster/c1/merged/varz", "/cluster/c1/server/n2/varz", "/server/o1/varz", "/server/o1/healthz", "/server/n2/subscriptionsz",
      "/server/n2/debug/vars",
    ].map { WholeAnswer("endpoints", $0) }

  static let formats: [WholeAnswer] =
    names.map { WholeAnswer("formats", "/\($0)?format=ndjson") }
    + [
      WholeAnswer("formats", "/varz", "head", method: "HEAD"), WholeAnswer("formats", "/server/n1/varz", "head", method: "HEAD"),
      WholeAnswer("formats", "/merged/varz", "head", method: "HEAD"), WholeAnswer("formats", "/metrics", "head", method: "HEAD"),
      WholeAnswer("formats", "/varz", "gzip", headers: ["Accept-Encoding": "gzip"]),
      WholeAnswer("formats", "/server/n1/varz", "gzip", headers: ["Accept-Encoding": "gzip, br"]),
      WholeAnswer("formats", "/server/n1/healthz", "gzip", headers: ["Accept-Encoding": "gzip"]),
      WholeAnswer("formats", "/varz", "browser", headers: ["Accept": "text/html,application/xhtml+xml,*/*;q=0.8"]),
      WholeAnswer("formats", "/server/n1/varz", "browser", headers: ["Accept": "text/html"]),
      WholeAnswer("formats", "/varz?format=json", "browser", headers: ["Accept": "text/html"]),
      WholeAnswer("formats", "/varz?format=html", "any", headers: ["Accept": "*/*"]),
      WholeAnswer("formats", "/varz?format=html", "none"),
      WholeAnswer("formats", "/varz", "prefers json", headers: ["Accept": "application/json, text/html;q=0.5"]),
      WholeAnswer("formats", "/varz?bogus=1&name=n1&x"), WholeAnswer("formats", "/server/n1/varz?name=n2"),
      WholeAnswer("formats", "/merged/varz?bogus=1"), WholeAnswer("formats", "/varz?bogus=1&format=ndjson"),
      WholeAnswer("formats", "/varz?cluster=c1"), WholeAnswer("formats", "/varz?name=n&exact=1"),
      WholeAnswer("formats", "/varz?tags=az:1,env:test"), WholeAnswer("formats", "/varz?domain=hub"),
      WholeAnswer("formats", "/varz?name=nobody"), WholeAnswer("formats", "/healthz?min=2"), WholeAnswer("formats", "/healthz?min=9"),
      WholeAnswer("formats", "/accstatz?unused=1"), WholeAnswer("formats", "/merged/accstatz?unused=1"),
      WholeAnswer("formats", "/merged/connz?limit=2&sort=bytes_to"), WholeAnswer("formats", "/merged/connz?limit=2&offset=1"),
      WholeAnswer("formats", "/merged/connz?cid=4294967323"), WholeAnswer("formats", "/connz?auth=1"),
      WholeAnswer("formats", "/merged/connz?auth=1"), WholeAnswer("formats", "/varz?require=complete"),
      WholeAnswer("formats", "/", "pinned to n1", listener: 1), WholeAnswer("formats", "/varz", "pinned to n1", listener: 1),
      WholeAnswer("formats", "/varz", "pinned to merged", listener: 2), WholeAnswer("formats", "/connz", "pinned to c1", listener: 3),
      WholeAnswer("formats", "/varz", "pinned browser", headers: ["Accept": "text/html"], listener: 1),
      WholeAnswer("formats", "/nothing", "pinned", listener: 1), WholeAnswer("formats", "/", "pinned to c1", listener: 3),
    ]

  /// What is found goes by what was seen before, and with it by who has asked meanwhile: /findings has no whole answer here.
  static let pages: [WholeAnswer] =
    [
      "/", "/servers", "/cluster/c1/servers", "/server/n1/servers", "/accounts",
      "/fields", "/checks", "/sd", "/cluster/c1/sd", "/closed", "/account/USERS/closed", "/history", "/history?server=n1&field=connections",
      "/openapi.json", "/livez", "/readyz", "/metrics", "/server/n1/metrics", "/cluster/c1/metrics", "/account/USERS/metrics",
      "/metrics/connections", "/metrics/connections?top=1", "/metrics/accounts", "/metrics/streams", "/metrics/consumers",
      "/metrics/surveyor", "/metrics/exporter", "/metrics/exporter?connz=1&jsz=all", "/server/n1/", "/cluster/c1/", "/account/USERS/",
      "/servers?bogus=1", "/topology", "/cluster/c1/topology", "/server/g1/topology",
    ].map { WholeAnswer("pages", $0) }
    + [
      WholeAnswer("pages", "/", "browser", headers: ["Accept": "text/html"]),
      WholeAnswer("pages", "/servers", "browser", headers: ["Accept": "text/html"]),
      WholeAnswer("pages", "/metrics", "browser", headers: ["Accept": "text/html"]),
      WholeAnswer("pages", "/metrics", "openmetrics", headers: ["Accept": "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"]),
      WholeAnswer("pages", "/events", "head", method: "HEAD"), WholeAnswer("pages", "/assets/app.js"),
      WholeAnswer("pages", "/assets/none.js"), WholeAnswer("pages", "/servers", "head", method: "HEAD"),
    ]

  static let errors: [WholeAnswer] =
    [
      "/nothing", "/merged", "/merged/nothing", "/server/n9/varz", "/cluster/c9/varz", "/cluster/c9/server/n1/varz",
      "/account/NOBODY/connz",
      "/cluster/c9/merged/varz", "/account/USERS/varz", "/server/n1/nothing", "/server/o1/raftz", "/server/o1/idz", "/cluster/c0/raftz",
      "/cluster/c0/merged/expvarz", "/server/PING/varz", "/server/a%20b/varz", "/server/%2A/varz", "/server/%2e%2e/varz", "/%zz",
      "/varz%00",
      "/varz?timeout=never", "/varz?timeout=0s", "/varz?max_age=x", "/varz?require=some", "/varz?format=xml", "/varz?exact=maybe",
      "/connz?limit=ten", "/connz?auth=maybe", "/connz?state=odd", "/merged/varz?format=ndjson", "/server/n1/varz?format=ndjson",
      "/merged/connz?sort=bogus", "/merged/connz?cid=1", "/merged/connz?cid=x", "/merged/connz?limit=200000", "/healthz?min=x",
      "/statsz?rate=x", "/events?type=odd", "/history?field=odd", "/closed?since=x", "/findings?near_limit=0", "/metrics/odd",
      "/metrics/connections?top=x", "/metrics/exporter?jsz=odd", "/merged/varz?name=nobody", "/cluster/c9/findings", "/cluster/c9/topology",
      "/cluster/c9/metrics",
      "/server/n9/metrics", "/server/n9/servers", "/cluster/c9/servers", "/server/n9/",
    ].map { WholeAnswer("errors", $0) }
    + ["POST", "PUT", "DELETE", "TRACE"].map { WholeAnswer("errors", "/varz", $0.lowercased(), method: $0) }
    + [
      WholeAnswer("errors", "/varz", "foreign host", headers: ["Host": "evil.example"]),
      WholeAnswer("errors", "/varz", "scrape timeout", headers: ["X-Prometheus-Scrape-Timeout-Seconds": "5"]),
      WholeAnswer("errors", "/varz", "expectation", headers: ["Expect": "the-unexpected"]),
      WholeAnswer("errors", "/varz", "transfer coding", headers: ["Transfer-Encoding": "gzip"]),
      WholeAnswer("errors", "/varz", "large header", headers: ["X-Large": String(repeating: "x", count: 70_000)]),
      WholeAnswer("errors", "/" + String(repeating: "long", count: 5_000), "target"),
    ]

  private static func bearer(_ token: String) -> [String: String] { ["Authorization": "Bearer \(token)"] }

  static let access: [WholeAnswer] =
    ["admin", "viewer", "tenant", "probe"].flatMap { role in
      [
        "/varz", "/server/n1/varz", "/merged/varz", "/connz?auth=1", "/merged/connz?auth=1", "/connz?auth=1&format=ndjson",
        "/server/n1/connz?auth=1", "/expvarz", "/server/n1/debug/vars", "/account/USERS/connz", "/account/USERS/info", "/account/SYS/connz",
        "/account/NOBODY/connz", "/server/n9/varz", "/cluster/c9/varz", "/readyz", "/servers", "/account/USERS/metrics", "/nothing",
      ].map { WholeAnswer("access", $0, role, headers: bearer(role), door: .guarded) }
    }
    + ["/varz", "/", "/livez", "/readyz", "/assets/app.js", "/metrics", "/nothing"].map {
      WholeAnswer("access", $0, "nobody", door: .guarded)
    }
    + ["/varz", "/account/USERS/connz"].map { WholeAnswer("access", $0, "wrong", headers: bearer("wrong"), door: .guarded) }
    + [
      WholeAnswer("access", "/", "browser", headers: ["Accept": "text/html"], door: .guarded),
      WholeAnswer("access", "/varz", "browser", headers: ["Accept": "text/html"], door: .guarded),
      WholeAnswer("access", "/varz", "viewer pinned", headers: bearer("viewer"), door: .guarded, listener: 1),
      WholeAnswer("access", "/varz", "tenant pinned", headers: bearer("tenant"), door: .guarded, listener: 1),
      WholeAnswer("access", "/varz", "preflight", headers: ["Origin": "https://dash.example"], method: "OPTIONS"),
      WholeAnswer("access", "/varz", "preflight guarded", headers: ["Origin": "https://dash.example"], method: "OPTIONS", door: .guarded),
      WholeAnswer("access", "/varz", "preflight foreign", headers: ["Origin": "https://evil.example"], method: "OPTIONS"),
      WholeAnswer("access", "/server/n1/healthz", "origin", headers: ["Origin": "https://dash.example"]),
      WholeAnswer("access", "/server/n1/healthz", "foreign origin", headers: ["Origin": "https://evil.example"]),
      WholeAnswer("access", "/server/n9/healthz", "origin", headers: ["Origin": "https://dash.example"]),
    ]
}
