import Foundation
import TestSupport
import Testing

/// The packaged Prometheus scrapes every page of metrics and evaluates the rules that ship with it.
@Suite struct PrometheusTests {
  static let deploy = "\(packageRoot)/deploy/prometheus"

  @Test func theRulesSayWhatTheyShould() throws {
    let check = try ChildProcess("promtool", ["check", "rules", "\(Self.deploy)/alerts.yml"]).waitForExit()
    #expect(check.status == 0, "\(check.output)\(check.errors)")
    let test = try ChildProcess("promtool", ["test", "rules", "\(Self.deploy)/tests/alerts_test.yml"]).waitForExit()
    #expect(test.status == 0, "\(test.output)\(test.errors)")
  }

  /// A rule that is never seen to fire may never do, and one that is never seen to be silent may always.
  @Test func everyRuleIsSeenToFireAndToBeSilent() throws {
    let rules = try String(contentsOfFile: "\(Self.deploy)/alerts.yml", encoding: .utf8)
    let tests = try String(contentsOfFile: "\(Self.deploy)/tests/alerts_test.yml", encoding: .utf8)
    let names = rules.matches(of: /- alert: (\w+)/).map { String($0.1) }
    #expect(names.count > 20)
    for name in names {
      #expect(tests.contains("alertname: \(name), exp_alerts: []"), "\(name) is never expected to be silent")
      let fires = tests.contains("alertname: \(name)\n        exp_alerts:") || tests.contains("ALERTS{alertname=\"\(name)\"")
      #expect(fires, "\(name) is never expected to fire")
    }
  }

  /// A figure that the gateway does not give would leave a panel or an alert empty for ever.
  @Test func whatShipsAsksForWhatThereIs() throws {
    let folder = "\(packageRoot)/Sources/Gateway/Metrics"
    let tables = try ["MetricTable", "MetricTable+Details"].map { try String(contentsOfFile: "\(folder)/\($0).swift", encoding: .utf8) }
      .joined()
    let known = Set(tables.matches(of: /"((?:nats|natsight)_[a-z_]+)"/).map { String($0.1) })
    for file in ["prometheus/alerts.yml", "grafana/overview.json", "grafana/accounts.json", "grafana/jetstream.json"] {
      let text = try String(contentsOfFile: "\(packageRoot)/deploy/\(file)", encoding: .utf8)
      let asked = Set(text.matches(of: /\b((?:nats|natsight)_[a-z_]+)\b/).map { String($0.1) })
      #expect(asked.count > 5 && asked.subtracting(known).isEmpty, "\(file): \(asked.subtracting(known).sorted())")
      if file.hasSuffix(".json") { #expect((try? JSONSerialization.jsonObject(with: Data(text.utf8))) is [String: Any], "\(file)") }
    }
  }

  @Test func everyPageIsScraped() throws {
    let system = try Supercluster()
    let gateway = try NatsightProcess.serve(["--server", system.systemURL])
    let port = try gateway.httpPort()
    let folder = try TemporaryFolder()
    let paths = [
      "/metrics", "/metrics/connections", "/metrics/accounts", "/metrics/streams", "/metrics/consumers", "/metrics/surveyor",
      "/metrics/exporter",
      "/cluster/A/metrics", "/server/a1/metrics", "/account/USERS/metrics",
    ]
    let jobs = paths.map {
      "  - job_name: \($0)\n    metrics_path: \($0)\n    static_configs: [{targets: ['127.0.0.1:\(port)']}]\n"
    }.joined()
    let discovery = "  - job_name: sd\n    http_sd_configs: [{url: 'http://127.0.0.1:\(port)/sd', refresh_interval: 1s}]\n"
    let configuration =
      "global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\n"
      + "rule_files: ['\(Self.deploy)/alerts.yml']\nscrape_configs:\n\(jobs)\(discovery)"
    try folder.write(configuration, to: "prometheus.yml")
    let own = freePort()
    let prometheus = try ChildProcess(
      "prometheus",
      [
        "--config.file=\(folder.path("prometheus.yml"))", "--storage.tsdb.path=\(folder.path("data"))",
        "--web.listen-address=127.0.0.1:\(own)",
        "--log.level=warn",
      ])
    defer { prometheus.stop() }
    func query(_ expression: String) throws -> [[String: Any]] {
      let encoded = expression.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
      guard let reply = try? RawHTTP.get(port: own, "/api/v1/query?query=\(encoded)"), reply.status == 200 else { return [] }
      return (try reply.json()["data"] as? [String: Any])?["result"] as? [[String: Any]] ?? []
    }
    try eventually("every target is up", timeout: 120) { try query("up == 1").count == paths.count + 6 }
    try eventually("six servers are up", timeout: 60) { try query("nats_server_up{job=\"/metrics\"} == 1").count == 6 }
    let alerts = try RawHTTP.get(port: own, "/api/v1/rules").json()
    let groups = (alerts["data"] as? [String: Any])?["groups"] as? [[String: Any]] ?? []
    let rules = try String(contentsOfFile: "\(Self.deploy)/alerts.yml", encoding: .utf8)
    #expect(groups.count == rules.matches(of: /- name:/).count)
    let written = rules.matches(of: /- alert:/).count
    try eventually("every rule was evaluated", timeout: 60) {
      let reply = try RawHTTP.get(port: own, "/api/v1/rules").json()
      let rules = ((reply["data"] as? [String: Any])?["groups"] as? [[String: Any]] ?? []).flatMap { $0["rules"] as? [[String: Any]] ?? [] }
      return rules.count == written && rules.allSatisfy { $0["health"] as? String == "ok" }
    }
    // OpenMetrics is what Prometheus asks for: the counters bring the time they began.
    #expect(try !query("nats_server_received_messages_total{job=\"/metrics\"}").isEmpty)
  }
}
