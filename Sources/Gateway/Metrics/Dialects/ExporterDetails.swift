import SystemAPI
import Wire

/// What prometheus-nats-exporter gives only where a flag asks for it; here a parameter of the same name does.
enum ExporterCollector: String, Sendable, CaseIterable {
  case accountz
  case connectionDetails = "connz_detailed"
  case healthEnabled = "healthz_js_enabled_only"
  case healthServer = "healthz_js_server_only"

  /// The endpoint and the query behind it; accounts are asked for one by one.
  func question(top: Int) -> (endpoint: Endpoint, query: String)? {
    switch self {
    case .accountz: nil
    case .connectionDetails: (.connz, "auth=1&limit=\(top)")
    case .healthEnabled: (.healthz, "js-enabled-only=1")
    case .healthServer: (.healthz, "js-server-only=1")
    }
  }
}

/// The exporter's rows that are many: connections and accounts.
enum ExporterDetails {
  private static let connection = [
    "server_id", "cid", "kind", "type", "ip", "port", "name", "name_tag", "account", "account_id", "lang", "version", "tls_version",
    "tls_cipher_suite",
  ]

  /// Times are in milliseconds here, round trips in microseconds, as the exporter has them.
  static func connections(_ replies: [MetricReply], _ prefix: String, _ writer: inout DialectWriter) {
    for reply in replies {
      for row in reply.document["connections"]?.elements ?? [] {
        func text(_ name: String) -> String { row.member(named: name).map { $0.string ?? $0.rawText } ?? "" }
        let account = text("account")
        let labels =
          [reply.id, text("cid"), text("kind"), text("type"), text("ip"), text("port"), text("name"), text("name_tag"), account, account]
          + [text("lang"), text("version"), text("tls_version"), text("tls_cipher_suite")]
        let family = prefix + "connz_"
        for (name, isCounter) in [
          ("pending_bytes", false), ("subscriptions", false), ("in_bytes", true), ("out_bytes", true), ("in_msgs", true),
          ("out_msgs", true),
        ] {
          writer.add(family + name, isCounter, connection, labels, row.metric(name) ?? 0)
        }
        for name in ["start", "last_activity"] {
          writer.untyped(family + name, connection, labels, row.time(name).map { .integer(Int64($0 * 1000)) })
        }
        writer.untyped(family + "uptime", connection, labels, row.duration("uptime").map { .integer(Int64($0 * 1000)) })
        writer.add(family + "idle", false, connection, labels, row.duration("idle").map { .integer(Int64($0 * 1000)) })
        writer.add(family + "rtt", false, connection, labels, row.duration("rtt").map { .integer(Int64($0 * 1_000_000)) })
      }
    }
  }

  static func accounts(_ replies: [MetricReply], _ prefix: String, _ writer: inout DialectWriter) {
    let names = ["server_id", "account_id", "account_name"]
    for reply in replies {
      guard let detail = reply.document["account_detail"], let id = detail["account_name"]?.string else { continue }
      let labels = [reply.id, id, detail["name_tag"]?.string ?? ""]
      for name in [
        "client_connections", "leafnode_connections", "subscriptions", "is_system", "expired", "complete", "jetstream_enabled",
      ] {
        writer.add(prefix + "accountz_" + name, false, names, labels, detail.metric(name) ?? 0)
      }
      // Only accounts with a JWT have limits; the others' are 0, as the exporter has it.
      let limits = detail["decoded_jwt"]?["nats"]?["limits"]
      for name in ["subs", "data", "payload", "imports", "exports", "wildcards", "conn", "leaf"] {
        writer.add(prefix + "accountz_limit_" + name, false, names, labels, limits?.metric(name) ?? 0)
      }
    }
  }
}
