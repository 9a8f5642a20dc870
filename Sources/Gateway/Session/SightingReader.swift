import SystemAPI
import SystemModel
import Wire

/// Reads what servers say about their connections to others.
struct SightingReader {
  private(set) var found: [Sighting] = []
  private var index: [ServerID: Int] = [:]
  /// Somebody could tell.
  private(set) var isTold = false

  private mutating func add(_ id: ServerID, name: String, cluster: String) {
    guard !id.isEmpty else { return }
    guard let known = index[id] else {
      index[id] = found.count
      return found.append(Sighting(id: id, name: name, cluster: cluster))
    }
    if found[known].name.isEmpty { found[known].name = name }
    if found[known].cluster.isEmpty { found[known].cluster = cluster }
  }

  /// Routes stay within a cluster; since 2.9.16 they know the other's name.
  mutating func readRoutes(_ reply: Reply) {
    guard let data = reply.data else { return }
    isTold = true
    reply.payload.withUnsafeBufferPointer { bytes in
      guard let routes = JSONBytes.member("routes", bytes, data) else { return }
      var elements = JSONElements(bytes, routes)
      while let route = elements.next() {
        add(Self.text("remote_id", bytes, route), name: Self.text("remote_name", bytes, route), cluster: reply.server.cluster)
      }
    }
  }

  /// Gateway connections stand under the other's cluster, and each bears the other server's id as its name.
  mutating func readGateways(_ reply: Reply) {
    guard let data = reply.data else { return }
    isTold = true
    reply.payload.withUnsafeBufferPointer { bytes in
      if let outbound = JSONBytes.member("outbound_gateways", bytes, data) {
        var clusters = JSONMembers(bytes, outbound)
        while let (cluster, gateway) = clusters.next() { readGateway(bytes, gateway, JSONBytes.unescaped(bytes, cluster)) }
      }
      guard let inbound = JSONBytes.member("inbound_gateways", bytes, data) else { return }
      var clusters = JSONMembers(bytes, inbound)
      while let (cluster, list) = clusters.next() {
        var gateways = JSONElements(bytes, list)
        while let gateway = gateways.next() { readGateway(bytes, gateway, JSONBytes.unescaped(bytes, cluster)) }
      }
    }
  }

  private mutating func readGateway(_ bytes: UnsafeBufferPointer<UInt8>, _ gateway: Range<Int>, _ cluster: String) {
    guard let connection = JSONBytes.member("connection", bytes, gateway) else { return }
    add(Self.text("name", bytes, connection), name: "", cluster: cluster)
  }

  private static func text(_ name: StaticString, _ bytes: UnsafeBufferPointer<UInt8>, _ object: Range<Int>) -> String {
    JSONBytes.member(name, bytes, object).flatMap { JSONBytes.string(bytes, $0) } ?? ""
  }
}
