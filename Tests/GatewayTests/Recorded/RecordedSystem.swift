import Foundation
import Gateway
import TestSupport

/// Three real servers with JetStream, clients, streams and a gateway that records them every second: a system at rest.
final class RecordedSystem: Sendable {
  let cluster: RealCluster
  let gateway: TestGateway
  private let clients: [RawNATS]

  /// - Parameters:
  ///   - subject: What one client subscribes to besides.
  ///   - policy: The access file's text.
  init(subject: String? = nil, policy: String? = nil, keepsSecrets: Bool = false) throws {
    let accounts = testAccounts.replacingOccurrences(of: "USERS { ", with: "USERS { jetstream: enabled, ")
    cluster = try RealCluster(3, configuration: accounts) { _ in "jetstream { store_dir: \"$DIR/js\", max_mem: 64M, max_file: 256M }\n" }
    let ports = cluster.servers.map(\.port)
    clients = try (0..<6).map { number in
      let isOther = number % 3 == 0
      let client = try RawNATS(port: ports[number % 3], user: isOther ? "b" : "a", password: isOther ? "b" : "a")
      for subject in 0...number { try client.subscribe("orders.\(subject)", sid: "\(subject + 1)") }
      for _ in 0...number { try client.publish("orders.9", String(repeating: "x", count: 10 * number)) }
      if number == 5, let subject { try client.subscribe(subject, sid: "99") }
      try client.flush()
      return client
    }
    gateway = try TestGateway(cluster.systemURL, policy: policy) {
      $0.record.folder = "in memory"
      $0.record.every = 1
      $0.record.keepsSecrets = keepsSecrets
    }
  }

  /// Before, it is no system at rest.
  func untilReady() throws {
    try gateway.untilLive(3)
    try eventually("JetStream has one leader") {
      let servers = try gateway.json("/jsz")["servers"] as? [[String: Any]] ?? []
      let leaders = Set(servers.map { (($0["data"] as? [String: Any])?["meta_cluster"] as? [String: Any])?["leader"] as? String ?? "" })
      return servers.count == 3 && leaders.count == 1 && leaders != [""]
    }
    // Servers that are short of time say meanwhile that they are not healthy, or that they have no leader again.
    try eventually("nothing is wrong that comes and goes") {
      let findings = try gateway.json("/findings")["findings"] as? [[String: Any]] ?? []
      return !findings.contains { ["unhealthy", "meta_no_leader", "server_suspect"].contains($0["code"] as? String) }
    }
  }

  /// The number of an epoch that began after all that was done before, with so many servers missing.
  func recorded(missing: Int = 0) throws -> Int {
    let after = Date()
    var found = 0
    try eventually("an epoch is recorded") {
      let epochs = try gateway.json("/epochs")["epochs"] as? [[String: Any]] ?? []
      guard let last = epochs.last, let began = (last["began"] as? String).flatMap(RecordedSystem.date), began > after else { return false }
      found = last["epoch"] as? Int ?? 0
      return last["missing"] as? Int == missing
    }
    return found
  }

  private static func date(_ text: String) -> Date? {
    // Nanoseconds are more than it reads.
    let seconds = text.replacingOccurrences(of: #"\.\d+Z$"#, with: "Z", options: .regularExpression)
    return ISO8601DateFormatter().date(from: seconds)
  }
}
