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
  ///   - routes: the `routes` of one server's `cluster` block and more, where it is not simply all of them.
  public init(
    _ count: Int = 3, name: String = "A", prefix: String? = nil, configuration: String = testAccounts, extra: (Int) -> String = { _ in "" },
    routes given: ((_ index: Int, _ ports: [UInt16]) throws -> String)? = nil
  ) throws {
    self.name = name
    let routePorts = (0..<count).map { _ in freePort() }
    let all = "routes: [ \(routePorts.map { "nats-route://127.0.0.1:\($0)" }.joined(separator: ", ")) ]"
    servers = try (0..<count).map { index in
      let routes = try given?(index, routePorts) ?? all
      let cluster = "cluster { name: \(name), listen: \"127.0.0.1:\(routePorts[index])\", \(routes) }\n"
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
  private let relays: [String: [TCPRelay]]

  /// - Parameter relayed: b2 and leaf1 reach the others, and are reached, over relays only, so that they can be cut off.
  public init(relayed: Bool = false) throws {
    let gatewayPorts = (0..<5).map { _ in freePort() }
    let leafPorts = (0..<5).map { _ in freePort() }
    // What b2 dials, what is dialled to reach it, and what leaf1 dials.
    let towardsA = relayed ? try TCPRelay(to: gatewayPorts[0]) : nil
    let towardsB2 = relayed ? try TCPRelay(to: gatewayPorts[4]) : nil
    let towardsHub = relayed ? try TCPRelay(to: leafPorts[0]) : nil
    func joined(_ cluster: String, _ index: Int) -> String {
      let first = index == 4 ? towardsA?.port ?? gatewayPorts[0] : gatewayPorts[0]
      // What servers tell each other about themselves must not lead round the relays; port 9 leads nowhere.
      let told = index == 4 ? towardsB2?.port ?? 9 : 9
      return """
        gateway { name: \(cluster), listen: "127.0.0.1:\(gatewayPorts[index])", \(relayed ? "advertise: \"127.0.0.1:\(told)\"," : "")
          gateways: [ {name: A, url: "nats://127.0.0.1:\(first)"}, {name: B, url: "nats://127.0.0.1:\(gatewayPorts[3])"} ] }
        leafnodes { listen: "127.0.0.1:\(leafPorts[index])" \(towardsHub.map { ", advertise: \"127.0.0.1:\($0.port)\"" } ?? "") }

        """
    }
    let withStreams = testAccounts.replacingOccurrences(of: "USERS { ", with: "USERS { jetstream: enabled, ")
    a = try RealCluster(3, name: "A", configuration: withStreams) {
      joined("A", $0) + "lame_duck_grace_period: \"100ms\"\njetstream { store_dir: \"$DIR/js\", max_mem: 64M, max_file: 256M }\n"
    }
    var towardsRoute: TCPRelay?
    if relayed {
      b = try RealCluster(2, name: "B", extra: { joined("B", $0 + 3) }) { index, ports in
        let relay = try towardsRoute ?? TCPRelay(to: ports[1])
        towardsRoute = relay
        return index == 0
          ? "advertise: \"127.0.0.1:9\", routes: [ \"nats-route://127.0.0.1:\(relay.port)\" ]" : "advertise: \"127.0.0.1:\(relay.port)\""
      }
    } else {
      b = try RealCluster(2, name: "B") { joined("B", $0 + 3) }
    }
    relays = [
      "b2": [towardsA, towardsB2, towardsRoute].compactMap(\.self), "leaf1": [towardsHub].compactMap(\.self),
    ]
    let hub = towardsHub?.port ?? leafPorts[0]
    leaf = try RealServer(
      testAccounts + """
        leafnodes { remotes: [
          {url: "nats://a:a@127.0.0.1:\(hub)", account: USERS},
          {url: "nats://admin:changeit@127.0.0.1:\(hub)", account: SYS} ] }
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

  /// Stalls, cuts or mends every connection between a server and the others; b2 and leaf1 of a relayed supercluster only.
  public func network(of server: String, _ mode: TCPRelay.Mode) {
    for relay in relays[server] ?? [] { relay.change(mode) }
  }
}
