import Foundation

/// Accounts that the tests' clusters share: USERS (a/a, with JetStream where the server has it), OTHER (b/b) and the system account SYS (admin/changeit).
public let testAccounts = """
  accounts {
    USERS { users: [ {user: a, password: a} ] }
    OTHER { users: [ {user: b, password: b} ] }
    SYS { users: [ {user: admin, password: changeit} ] }
  }
  system_account: SYS

  """

/// Real servers that are routed to each other, in full mesh when the initialiser returns.
public final class RealCluster: Sendable {
  public let name: String
  public let servers: [RealServer]

  /// - Parameters:
  ///   - configuration: goes into every server's file, beside its `cluster` block.
  ///   - extra: more for one server, by its index.
  public init(
    _ count: Int = 3, name: String = "A", prefix: String? = nil, configuration: String = testAccounts, extra: (Int) -> String = { _ in "" }
  ) throws {
    self.name = name
    let routePorts = (0..<count).map { _ in freePort() }
    let routes = routePorts.map { "nats-route://127.0.0.1:\($0)" }.joined(separator: ", ")
    servers = try (0..<count).map { index in
      let cluster = "cluster { name: \(name), listen: \"127.0.0.1:\(routePorts[index])\", routes: [ \(routes) ] }\n"
      return try RealServer(configuration + cluster + extra(index), name: "\(prefix ?? name.lowercased())\(index + 1)")
    }
    for server in servers {
      try eventually("\(server.name) has \(count - 1) routes") { try server.monitor("/routez")["num_routes"] as? Int ?? 0 >= count - 1 }
    }
  }

  /// A URL with the system account's user, for each server in turn.
  public var systemURL: String { servers.map { "nats://admin:changeit@127.0.0.1:\($0.port)" }.joined(separator: ",") }

  public subscript(index: Int) -> RealServer { servers[index] }
}

/// Two clusters joined by gateways (A: three servers with JetStream; B: two), and a leaf of A that bridges the system account.
public final class Supercluster: Sendable {
  public let a: RealCluster
  public let b: RealCluster
  public let leaf: RealServer

  public init() throws {
    let gatewayPorts = (0..<5).map { _ in freePort() }
    let leafPorts = (0..<5).map { _ in freePort() }
    let remotes =
      "gateways: [ {name: A, url: \"nats://127.0.0.1:\(gatewayPorts[0])\"}, {name: B, url: \"nats://127.0.0.1:\(gatewayPorts[3])\"} ]"
    func joined(_ cluster: String, _ index: Int) -> String {
      """
      gateway { name: \(cluster), listen: "127.0.0.1:\(gatewayPorts[index])", \(remotes) }
      leafnodes { listen: "127.0.0.1:\(leafPorts[index])" }

      """
    }
    let withStreams = testAccounts.replacingOccurrences(of: "USERS { ", with: "USERS { jetstream: enabled, ")
    a = try RealCluster(3, name: "A", configuration: withStreams) {
      joined("A", $0) + "jetstream { store_dir: \"$DIR/js\", max_mem: 64M, max_file: 256M }\n"
    }
    b = try RealCluster(2, name: "B") { joined("B", $0 + 3) }
    leaf = try RealServer(
      testAccounts + """
        leafnodes { remotes: [
          {url: "nats://a:a@127.0.0.1:\(leafPorts[0])", account: USERS},
          {url: "nats://admin:changeit@127.0.0.1:\(leafPorts[0])", account: SYS} ] }
        """, name: "leaf1")
    for server in a.servers + b.servers {
      try eventually("\(server.name) has its gateway") {
        (try server.monitor("/gatewayz")["outbound_gateways"] as? [String: Any])?.isEmpty == false
      }
    }
    try eventually("leaf1 has joined") { try leaf.monitor("/leafz")["leafnodes"] as? Int ?? 0 >= 2 }
  }

  /// All six.
  public var servers: [RealServer] { a.servers + b.servers + [leaf] }

  public var systemURL: String { a.systemURL }
}
