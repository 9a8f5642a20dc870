import Foundation
import TestSupport
import Testing

/// `serve --notify` and `--mutes`, with the packaged Alertmanager where it is installed.
@Suite struct NotifyCommandTests {
  private static let alertmanager = "/usr/bin/prometheus-alertmanager"

  /// Alerts that are active, by name.
  private func active(_ port: UInt16) throws -> [String] {
    let alerts =
      try JSONSerialization.jsonObject(with: Data(try RawHTTP.get(port: port, "/api/v2/alerts?active=true").body)) as? [[String: Any]]
    return (alerts ?? []).compactMap { ($0["labels"] as? [String: Any])?["alertname"] as? String }
  }

  @Test(
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: alertmanager), "prometheus-alertmanager is not installed: scripts/setup test"))
  func alertmanagerIsToldAndMutesAreHeeded() throws {
    let folder = try TemporaryFolder()
    let configuration = try folder.write("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n", to: "alertmanager.yml")
    let port = freePort()
    let receiver = try ChildProcess(
      Self.alertmanager,
      [
        "--config.file=\(configuration)", "--storage.path=\(folder.path("data"))", "--web.listen-address=127.0.0.1:\(port)",
        "--cluster.listen-address=",
      ])
    try eventually("Alertmanager is ready") { (try? RawHTTP.get(port: port, "/-/ready").status) == 200 }
    let mutes = try folder.write("# nothing yet\n", to: "mutes.txt")
    let secret = try folder.write("key\n", to: "secret")
    let gateway = try NatsightProcess.serve([
      "--server", "nats://127.0.0.1:\(freePort())", "--notify", "alertmanager+http://127.0.0.1:\(port)", "--notify-after", "0s",
      "--notify-secret-file", secret, "--mutes", mutes,
    ])
    let own = try gateway.httpPort()
    func findings() throws -> [String: Any] { try RawHTTP.get(port: own, "/findings").json() }
    try eventually("the alert is active") {
      _ = try findings()
      return try active(port) == ["not_connected"]
    }
    let figures = try #require(try RawHTTP.get(port: own, "/servers").json()["notifying"] as? [[String: Any]])
    #expect(figures.count == 1 && figures[0]["to"] as? String == "alertmanager+http://127.0.0.1:\(port)", "\(figures)")
    // A bad file changes nothing, and says the line.
    try folder.write("not_connected natsight\n", to: "mutes.txt")
    gateway.process.send(SIGHUP)
    try eventually("the line is named") { gateway.transcript.contains("mutes.txt, line 1: expected CODE SUBJECT UNTIL REASON") }
    #expect(try (findings()["counts"] as? [String: Any])?["critical"] as? Int == 1)
    try folder.write("not_connected natsight - planned\n", to: "mutes.txt")
    gateway.process.send(SIGHUP)
    try eventually("the alert is over") {
      let told = try findings()
      return try (told["counts"] as? [String: Any])?["critical"] as? Int == 0 && told["muted"] as? Int == 1 && active(port).isEmpty
    }
    // A receiver that is gone is told of, without a secret.
    receiver.killNow()
    try folder.write("# nothing\n", to: "mutes.txt")
    gateway.process.send(SIGHUP)
    try eventually("nobody takes the news") {
      let told = try findings()["findings"] as? [[String: Any]] ?? []
      return told.contains { $0["code"] as? String == "notify_failing" }
    }
    try eventually("the log says so") { gateway.transcript.contains("news cannot be delivered") }
    #expect(
      try RawHTTP.get(port: own, "/metrics").text.contains("natsight_notify_failing{target=\"alertmanager+http://127.0.0.1:\(port)\"} 1"))
  }

  @Test func whatCannotBeUsedIsSaid() throws {
    let folder = try TemporaryFolder()
    let mutes = try folder.write("\nservr_cpu a3 - x\n", to: "mutes.txt")
    for (words, status, says) in [
      (["--notify", "mail+http://h"], 64, "--notify: expected http://"), (["--notify-secret-file", "x"], 64, "needs --notify"),
      (["--notify-after", "48h"], 64, "at most 24h"), (["--mutes", mutes], 1, "mutes.txt, line 2: no check is named \"servr_cpu\""),
      (["--mutes", folder.path("missing")], 1, "missing"),
      (["--notify", "http://h", "--notify-secret-file", folder.path("missing")], 1, "missing"),
    ] as [([String], Int32, String)] {
      let finished = try ChildProcess.run(
        NatsightProcess.binary, ["serve", "--listen", "127.0.0.1:0", "--broker-listen", "127.0.0.1:0"] + words)
      #expect(finished.status == status && finished.errors.contains(says), "\(words): \(finished)")
    }
  }
}
