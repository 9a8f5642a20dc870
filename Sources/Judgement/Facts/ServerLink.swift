import SystemAPI
import Wire

/// A connection between servers as one end tells it.
struct ServerLink: Sendable {
  var server: String
  var other: String
  var roundTrip: Span?
  var pending = 0
  var subscriptions = 0

  /// Links that a server tells of in its routez.
  static func routes(_ reply: DocumentReply) -> [ServerLink] { read(reply, routes) }

  /// In its gatewayz: those that it dialled.
  static func gateways(_ reply: DocumentReply) -> [ServerLink] { read(reply, gateways) }

  /// In its leafz.
  static func leafs(_ reply: DocumentReply) -> [ServerLink] { read(reply, leafs) }

  private static func read(_ reply: DocumentReply, _ body: (DocumentWalk, String) -> [ServerLink]) -> [ServerLink] {
    reply.document.bytes.withUnsafeBytes { body(DocumentWalk($0, reply.document.range), reply.server.name) }
  }

  private static let routez = MemberNames(["routes"])
  private static let gatewayz = MemberNames(["outbound_gateways"])
  private static let leafz = MemberNames(["leafs"])
  private static let gateway = MemberNames(["connection"])
  private static let names = MemberNames(["remote_name", "remote_id", "name", "rtt", "subscriptions", "pending_size", "pending_bytes"])

  /// Routes come in pools: of those to one server the worst counts.
  private static func routes(_ walk: DocumentWalk, _ server: String) -> [ServerLink] {
    var walk = walk
    var found: [String: ServerLink] = [:]
    walk.members(routez) { walk, _ in
      walk.elements { walk in
        let route = Row(&walk)
        let other = route.remoteName ?? route.remoteID ?? ""
        var link = found[other] ?? ServerLink(server, other, Row())
        link.roundTrip = [link.roundTrip, route.roundTrip].compactMap(\.self).max()
        link.pending = max(link.pending, route.pendingSize)
        link.subscriptions = max(link.subscriptions, route.subscriptions)
        found[other] = link
      }
    }
    return found.values.sorted { $0.other < $1.other }
  }

  private static func gateways(_ walk: DocumentWalk, _ server: String) -> [ServerLink] {
    var walk = walk
    var found: [ServerLink] = []
    walk.members(gatewayz) { walk, _ in
      walk.eachMember { walk, name in
        let other = JSONText.decode(walk.bytes, name)
        walk.members(gateway) { walk, _ in
          guard walk.isAtObject else { return walk.skip() }
          let row = Row(&walk)
          var link = ServerLink(server, other, row)
          link.pending = row.pendingBytes
          found.append(link)
        }
      }
    }
    return found.sorted { $0.other < $1.other }
  }

  private static func leafs(_ walk: DocumentWalk, _ server: String) -> [ServerLink] {
    var walk = walk
    var found: [ServerLink] = []
    walk.members(leafz) { walk, _ in
      walk.elements { walk in
        let row = Row(&walk)
        found.append(ServerLink(server, row.name ?? "", row))
      }
    }
    return found
  }

  /// What stands in one of them.
  private struct Row {
    var remoteName: String?
    var remoteID: String?
    var name: String?
    var roundTrip: Span?
    var subscriptions = 0
    var pendingSize = 0
    var pendingBytes = 0

    init() {}

    init(_ walk: inout DocumentWalk) {
      var row = Row()
      walk.members(ServerLink.names) { walk, place in
        switch place {
        case 0: row.remoteName = walk.string()
        case 1: row.remoteID = walk.string()
        case 2: row.name = walk.string()
        case 3: row.roundTrip = walk.duration()
        case 4: row.subscriptions = walk.amount() ?? 0
        case 5: row.pendingSize = walk.amount() ?? 0
        default: row.pendingBytes = walk.amount() ?? 0
        }
      }
      self = row
    }
  }

  private init(_ server: String, _ other: String, _ row: Row) {
    (self.server, self.other) = (server, other)
    (roundTrip, subscriptions) = (row.roundTrip, row.subscriptions)
  }
}
