import SystemAPI
import Wire

/// What accstatz tells of one account, over all servers.
struct AccountTraffic {
  let id: String
  var name = ""
  var connections = 0
  var slowConsumers = 0
  /// Of its clients, both ways.
  var messages = 0
  var bytes = 0
  var gatewayBytes = 0
  var servers: [(server: String, connections: Int)] = []

  private static let names: [StaticString] = ["acc", "name", "conns", "slow_consumers", "sent", "received"]
  private static let ways: [StaticString] = ["msgs", "bytes", "gateways"]

  static func all(_ replies: [DocumentReply]) -> [AccountTraffic] {
    var found: [String: AccountTraffic] = [:]
    for reply in replies {
      reply.document.bytes.withUnsafeBufferPointer { bytes in
        guard let rows = JSONBytes.member("account_statz", bytes, reply.document.range) else { return }
        var elements = JSONElements(bytes, rows)
        while let row = elements.next() { take(row, bytes, reply.server.name, &found) }
      }
    }
    return found.values.sorted { $0.id < $1.id }
  }

  private static func take(
    _ row: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>, _ server: String, _ found: inout [String: AccountTraffic]
  ) {
    let members = JSONBytes.members(names, bytes, row)
    guard let id = members[0].flatMap({ JSONBytes.string(bytes, $0) }) else { return }
    func amount(_ place: Range<Int>?) -> Int { place.flatMap { Amount.read(bytes, $0) } ?? 0 }
    let connections = amount(members[2])
    var (messages, all, gateways) = (0, 0, 0)
    for way in members[4...] {
      guard let way else { continue }
      let traffic = JSONBytes.members(ways, bytes, way)
      messages += amount(traffic[0])
      all += amount(traffic[1])
      gateways += amount(traffic[2].flatMap { JSONBytes.member("bytes", bytes, $0) })
    }
    let name = members[1].flatMap { JSONBytes.string(bytes, $0) } ?? id
    found[id, default: AccountTraffic(id: id)].add(name, connections, amount(members[3]), messages, all, gateways, server)
  }

  private mutating func add(
    _ name: String, _ connections: Int, _ slow: Int, _ messages: Int, _ bytes: Int, _ gatewayBytes: Int, _ server: String
  ) {
    self.name = name
    self.connections += connections
    slowConsumers += slow
    self.messages += messages
    self.bytes += bytes
    self.gatewayBytes += gatewayBytes
    servers.append((server, connections))
  }
}
