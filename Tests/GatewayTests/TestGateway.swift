import Foundation
import Gateway
import HTTPServer
import Logging
import NATSClient
import Reactor
import TestSupport

/// A gateway with an HTTP listener of its own, in this process.
final class TestGateway: Sendable {
  let gateway: Gateway
  let server: HTTPServer
  let port: UInt16

  /// - Parameter url: The servers; tests run against the system account unless they say otherwise.
  init(_ url: String, _ change: (inout GatewayConfiguration) -> Void = { _ in }) throws {
    var configuration = GatewayConfiguration()
    configuration.client.servers = try ServerURL.list(url)
    configuration.client.longestReconnectWait = 0.2
    configuration.timeout = 10
    change(&configuration)
    let group = ShardGroup(label: "test.gateway", count: 1)
    let gateway = Gateway(configuration, shard: group.shards[0], log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    self.gateway = gateway
    server = HTTPServer(HTTPServerConfiguration { gateway.handle($0, $1) }, shards: group)
    port = try server.listen(host: "127.0.0.1", port: 0).port
    gateway.start()
  }

  deinit {
    let server = server
    gateway.stop { server.stop(within: 0) {} }
  }

  func get(_ path: String) throws -> HTTPReply { try RawHTTP.get(port: port, path) }

  func json(_ path: String) throws -> [String: Any] { try get(path).json() }

  /// Waits until so many servers are on the roster and live.
  func untilLive(_ count: Int) throws {
    try eventually("\(count) live servers") {
      let servers = try json("/servers")["servers"] as? [[String: Any]] ?? []
      return servers.count { $0["state"] as? String == "live" } == count
    }
  }

  /// The states of all servers of this name, by id.
  func states(_ name: String) throws -> [String: String] {
    let servers = try json("/servers")["servers"] as? [[String: Any]] ?? []
    let own = servers.filter { $0["name"] as? String == name }
    return Dictionary(own.map { ($0["id"] as? String ?? "", $0["state"] as? String ?? "") }) { $1 }
  }

  /// The state of the newest server of this name.
  func state(_ name: String) throws -> String {
    let servers = try json("/servers")["servers"] as? [[String: Any]] ?? []
    return servers.last { $0["name"] as? String == name }?["state"] as? String ?? "none"
  }
}

extension HTTPReply {
  var complete: String { headers["natsight-complete"] ?? "" }
  var responded: String { headers["natsight-responded"] ?? "" }
  var missing: String { headers["natsight-missing"] ?? "" }
  /// `error.reason`
  var reason: String { ((try? json())?["error"] as? [String: Any])?["reason"] as? String ?? "" }
}
