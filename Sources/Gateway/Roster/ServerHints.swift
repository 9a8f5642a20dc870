import SystemAPI

/// A server that others are connected to and that has never answered the gateway.
struct HintedServer: Hashable, Sendable {
  let id: String
  /// Since 2.9.16 routes know it.
  var name = ""
  /// Where it is told: a route stays within its cluster, and gateways are listed by cluster.
  var cluster = ""
}

/// Reads what servers say about their connections to others.
struct ServerHints {
  private(set) var found: [String: HintedServer] = [:]

  private mutating func add(_ id: String, name: String, cluster: String) {
    guard !id.isEmpty else { return }
    var server = found[id] ?? HintedServer(id: id)
    if server.name.isEmpty { server.name = name }
    if server.cluster.isEmpty { server.cluster = cluster }
    found[id] = server
  }

  /// The routes of a server of `cluster`.
  mutating func readRoutes(_ bytes: UnsafeBufferPointer<UInt8>, _ data: Range<Int>, cluster: String) {
    guard let routes = JSONBytes.member("routes", bytes, data) else { return }
    var elements = JSONElements(bytes, routes)
    while let route = elements.next() {
      add(text("remote_id", bytes, route), name: text("remote_name", bytes, route), cluster: cluster)
    }
  }

  /// The gateway connections of a server: each bears the other server's id as its name.
  mutating func readGateways(_ bytes: UnsafeBufferPointer<UInt8>, _ data: Range<Int>) {
    if let outbound = JSONBytes.member("outbound_gateways", bytes, data) {
      var clusters = JSONMembers(bytes, outbound)
      while let (cluster, gateway) = clusters.next() { readGateway(bytes, gateway, JSONBytes.unescaped(bytes, cluster)) }
    }
    if let inbound = JSONBytes.member("inbound_gateways", bytes, data) {
      var clusters = JSONMembers(bytes, inbound)
      while let (cluster, list) = clusters.next() {
        var gateways = JSONElements(bytes, list)
        while let gateway = gateways.next() { readGateway(bytes, gateway, JSONBytes.unescaped(bytes, cluster)) }
      }
    }
  }

  private mutating func readGateway(_ bytes: UnsafeBufferPointer<UInt8>, _ gateway: Range<Int>, _ cluster: String) {
    guard let connection = JSONBytes.member("connection", bytes, gateway) else { return }
    add(text("name", bytes, connection), name: "", cluster: cluster)
  }

  private func text(_ name: StaticString, _ bytes: UnsafeBufferPointer<UInt8>, _ object: Range<Int>) -> String {
    JSONBytes.member(name, bytes, object).flatMap { JSONBytes.string(bytes, $0) } ?? ""
  }
}

extension Gateway {
  /// Others know more servers than the gateway does: their routes and gateway connections may name them.
  func askForHints() {
    lastHintQuestion = shard.now
    hear(planner.subjects.everyServer("ROUTEZ"), "routez") { [unowned self] routes in
      hear(planner.subjects.everyServer("GATEWAYZ"), "gatewayz") { [unowned self] gateways in
        var hints = ServerHints()
        for reply in routes.replies {
          guard let data = reply.data else { continue }
          reply.payload.withUnsafeBufferPointer { hints.readRoutes($0, data, cluster: reply.server.cluster) }
        }
        for reply in gateways.replies {
          guard let data = reply.data else { continue }
          reply.payload.withUnsafeBufferPointer { hints.readGateways($0, data) }
        }
        roster.hinted = hints.found.values.filter { roster.entry(id: $0.id) == nil }.sorted { $0.id < $1.id }
      }
    }
  }

  private func hear(_ subject: String, _ endpoint: String, completion: @escaping (GatherOutcome) -> Void) {
    let request = GatherRequest(subject: subject, payload: "", scope: ServerScope(), endpoint: endpoint)
    gatherer.ask(request, waiter: GatherWaiter(deadline: shard.now + .seconds(configuration.timeout), completion: completion))
  }
}
