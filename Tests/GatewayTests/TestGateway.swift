import Foundation
import Gateway
import HTTPServer
import Logging
import NATSClient
import Reactor
import Recording
import TestSupport

/// A gateway with HTTP listeners of its own, in this process: everything goes through the same door as in the command.
final class TestGateway: Sendable {
  let gateway: Gateway
  private let server: HTTPServer
  private let listeners: GatewayListeners
  /// Of the first listener.
  let port: UInt16
  /// Of all, in their order.
  var ports: [UInt16] { listeners.addresses.map(\.port) }

  /// - Parameters:
  ///   - url: The servers; tests run against the system account unless they say otherwise.
  ///   - listen: Addresses as `--listen` has them, on any free port.
  ///   - policy: An access file's text; nil for none, which shows no secrets.
  ///   - pages: The folder of the pages for browsers; nil for none.
  ///   - pinned: The epoch of the store that every answer is about; nil where there is a system.
  init(
    _ url: String, listen: [String] = ["127.0.0.1:0"], policy: String? = nil, options: AccessOptions = AccessOptions(),
    pages: String? = nil, store: any RecordStore = MemoryRecordStore(), pinned: Int? = nil,
    _ change: (inout GatewayConfiguration) -> Void = { _ in }
  ) throws {
    var configuration = GatewayConfiguration()
    configuration.client.servers = try ServerURL.list(url)
    configuration.client.longestReconnectWait = 0.2
    configuration.timeout = 10
    change(&configuration)
    var options = options
    if let policy { options.policy = try AccessFile.parse(Array(policy.utf8)) }
    let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let group = ShardGroup(label: "test.gateway", count: 1)
    gateway = Gateway(configuration, shard: group.shards[0], store: store, pinned: pinned, log: log)
    if let pages { gateway.serveBrowserPages(StaticFiles(directory: pages)) }
    server = HTTPServer(HTTPServerConfiguration { _, responder in responder.respond(.text("round the door")) }, shards: group)
    listeners = GatewayListeners(server: server, door: try gateway.door(options, log: log), log: log)
    try listeners.apply(try listen.map { try ListenAddress($0) }, options: options, tls: nil)
    port = listeners.addresses.first?.port ?? 0
    gateway.start()
  }

  /// In front of played servers that are alone in their account.
  convenience init(
    _ account: PlayedAccount, listen: [String] = ["127.0.0.1:0"], policy: String? = nil, options: AccessOptions = AccessOptions(),
    pages: String? = nil, store: any RecordStore = MemoryRecordStore(), _ change: (inout GatewayConfiguration) -> Void = { _ in }
  ) throws {
    try self.init(account.url, listen: listen, policy: policy, options: options, pages: pages, store: store) {
      $0.systemRequestPrefix = PlayedAccount.prefix
      change(&$0)
    }
  }

  /// On an archive, without a system.
  convenience init(archive: [UInt8], policy: String? = nil) throws {
    let opened = try OpenedArchive(bytes: archive)
    let store = MemoryRecordStore()
    _ = store.write(opened.epoch)
    // Nobody is there: whoever connected would be told.
    try self.init("nats://127.0.0.1:9", policy: policy, store: store, pinned: opened.epoch.header.number)
  }

  deinit {
    let server = server
    gateway.stop { server.stop(within: 0) {} }
  }

  func get(_ path: String, _ headers: [String: String] = [:]) throws -> HTTPReply { try RawHTTP.get(port: port, path, headers: headers) }

  func json(_ path: String) throws -> [String: Any] { try get(path).json() }

  /// Waits until so many servers are on the roster and live, and the first discovery has ended: questions wait for its end.
  func untilLive(_ count: Int) throws {
    try eventually("\(count) live servers") {
      guard try get("/readyz").status == 200 else { return false }
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
