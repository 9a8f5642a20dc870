import Judgement

/// Where a finding can be looked at: a path of the gateway.
enum FindingLink {
  /// Of servers: the endpoint that shows what the check looks at.
  private static let endpoints: [Need: String] = [
    .varz: "varz", .connz: "connz", .routez: "routez", .gatewayz: "gatewayz", .leafz: "leafz", .subsz: "subsz", .healthz: "healthz",
    .accstatz: "accstatz", .raftz: "raftz", .streams: "jsz", .consumers: "jsz",
  ]
  /// Of checks that look at one endpoint and are shown better by another, or by a page.
  private static let others: [String: String] = [
    "connections_near_limit": "connz", "subscriptions_near_limit": "subsz", "server_suspect": "varz", "server_slow": "varz",
    "server_awaited": "/servers", "server_lame_duck": "/servers", "server_gone": "/servers", "not_connected": "/readyz",
    "record_failing": "/epochs", "notify_failing": "/servers",
    "unknown_servers": "/statsz", "version_skew": "/servers", "gateway_clock_differs": "/servers", "clock_differs": "varz",
    "slow_consumers": "/closed?reason=Slow", "logins_refused": "/closed?reason=Authentication", "stale_connections": "/closed?reason=Stale",
  ]

  static func of(_ finding: Judgement.Finding, _ check: Check?) -> String {
    let subject = finding.subject
    let shown = others[finding.code] ?? check?.needs.first.flatMap { endpoints[$0] } ?? "varz"
    if shown.hasPrefix("/") { return shown.contains("?") ? "\(shown)&server=\(PathScope.encoded(name(subject)))" : shown }
    switch subject.kind {
    case .gateway, .system: return "/\(shown)"
    case .cluster: return PathScope.cluster(subject.cluster).link("/\(shown)", instead: "/\(shown)")
    case .route: return PathScope.cluster(subject.cluster).link("/routez", instead: "/routez")
    case .server, .connection, .raftGroup, .leafnode, .superclusterLink:
      return PathScope.server(name(subject), cluster: nil).link("/\(shown)", instead: "/\(shown)")
    case .metaGroup: return "/jsz"
    case .account, .user:
      let endpoint = ["connz": "connz", "accstatz": "statz", "jsz": "jsz"][shown] ?? "info"
      return PathScope.account(subject.account).link("/\(endpoint)", instead: "/accounts")
    case .stream: return PathScope.account(subject.account).link("/jsz?streams=1", instead: "/jsz?accounts=1&streams=1")
    case .consumer: return PathScope.account(subject.account).link("/jsz?consumers=1", instead: "/jsz?accounts=1&consumers=1")
    }
  }

  /// Its id; a name may be anything, and another's too.
  private static func name(_ subject: Subject) -> String { subject.serverID.isEmpty ? subject.server : subject.serverID }
}
