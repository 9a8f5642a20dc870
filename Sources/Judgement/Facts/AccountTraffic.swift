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

  private static let document = MemberNames(["account_statz"])
  private static let names = MemberNames(["acc", "name", "conns", "slow_consumers", "sent", "received"])
  private static let ways = MemberNames(["msgs", "bytes", "gateways"])
  private static let gateways = MemberNames(["bytes"])

  static func all(_ replies: [DocumentReply]) -> [AccountTraffic] {
    var found: [String: AccountTraffic] = [:]
    for reply in replies {
      reply.document.bytes.withUnsafeBytes { bytes in
        var walk = DocumentWalk(bytes, reply.document.range)
        walk.members(document) { walk, _ in walk.elements { take(&$0, reply.server.name, &found) } }
      }
    }
    return found.values.sorted { $0.id < $1.id }
  }

  private static func take(_ walk: inout DocumentWalk, _ server: String, _ found: inout [String: AccountTraffic]) {
    var (id, name): (String?, String?)
    var row = AccountTraffic(id: "")
    walk.members(names) { walk, place in
      switch place {
      case 0: id = walk.string()
      case 1: name = walk.string()
      case 2: row.connections = walk.amount() ?? 0
      case 3: row.slowConsumers = walk.amount() ?? 0
      default: row.takeWay(&walk)
      }
    }
    guard let id else { return }
    found[id, default: AccountTraffic(id: id)].add(row, name ?? id, server)
  }

  private mutating func takeWay(_ walk: inout DocumentWalk) {
    walk.members(AccountTraffic.ways) { walk, place in
      switch place {
      case 0: messages += walk.amount() ?? 0
      case 1: bytes += walk.amount() ?? 0
      default: walk.members(AccountTraffic.gateways) { walk, _ in gatewayBytes += walk.amount() ?? 0 }
      }
    }
  }

  private mutating func add(_ row: AccountTraffic, _ name: String, _ server: String) {
    self.name = name
    connections += row.connections
    slowConsumers += row.slowConsumers
    messages += row.messages
    bytes += row.bytes
    gatewayBytes += row.gatewayBytes
    servers.append((server, row.connections))
  }
}
