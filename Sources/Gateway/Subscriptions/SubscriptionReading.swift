import SystemAPI
import Wire

/// Every subscription of a scope at one moment, and how many messages a second each is given where an earlier moment is known.
struct SubscriptionReading: RatedReading {
  struct Row: Sendable, Equatable {
    /// Its server's place among those of the reading.
    var server = 0
    var cid: UInt64 = 0
    var sid = ""
    var subject = ""
    var queue = ""
    /// The account's id, and the name that its JWT gives it.
    var account = ""
    var accountName = ""
    var messages = 0

    var shownAccount: String { accountName.isEmpty ? account.isEmpty ? "$G" : account : accountName }
    /// It is no application's: servers, JetStream and replies have subjects of their own.
    var isSystems: Bool { Row.systems.contains(where: subject.hasPrefix) }

    private static let systems = ["$SYS", "_INBOX", "$JS", "$NRG", "$KV", "_R_", "$LDS", "$GNR", "_GR_", "$OBJ"]
  }

  let at: Timestamp
  let servers: [ReadingServer]
  let rows: [Row]
  /// Of each row, messages a second; nil where nothing is known: it is new, or its counter began anew.
  private(set) var rates: [Double?]
  private(set) var span: Double?

  static let mostRows = 100_000

  static func question(_ scope: PathScope) -> PageQuestion {
    PageQuestion(endpoint: scope.isAccount ? .accountSubsz : .subsz, scope: scope, query: "subs=1&limit=\(mostRows)")
  }

  var weight: Int { rows.count }

  /// Subscriptions that servers have: more than rows where one told of the first so many.
  var total: Int { servers.total }

  /// - Parameter replies: Servers' subsz.
  init(_ replies: [MetricReply], at: Timestamp) {
    var servers: [ReadingServer] = []
    var rows: [Row] = []
    for reply in replies {
      let list = reply.document["subscriptions_list"]?.elements ?? []
      servers.append(ReadingServer(reply, rows: list.count))
      rows += list.map { Row($0, server: servers.count - 1) }
    }
    self.at = at
    self.servers = servers
    self.rows = rows
    rates = Array(repeating: nil, count: rows.count)
  }

  private struct Key: Hashable {
    let server: String
    let cid: UInt64
    let sid: String
    let subject: String
    let account: String

    init(_ row: Row, of server: ReadingServer) {
      (self.server, cid, sid, subject, account) = (server.id, row.cid, row.sid, row.subject, row.account)
    }
  }

  mutating func rate(since before: SubscriptionReading) {
    let elapsed = ElapsedTimes(from: before.servers.map { ($0.id, $0.time) }, to: servers.map { ($0.id, $0.time) })
    guard let usual = elapsed.usual else { return }
    span = usual
    let counters = Dictionary(before.rows.map { (Key($0, of: before.servers[$0.server]), $0.messages) }) { first, _ in first }
    rates = rows.map { row in
      guard let seconds = elapsed.ofServers[row.server], let past = counters[Key(row, of: servers[row.server])] else { return nil }
      return ElapsedTimes.rate(row.messages, since: past, seconds: seconds)
    }
  }
}

extension SubscriptionReading.Row {
  /// - Parameter row: One of subsz' `subscriptions_list`.
  fileprivate init(_ row: JSONView, server: Int) {
    self.server = server
    row.forEachMember { take($0, $1) }
  }

  private mutating func take(_ member: String, _ value: JSONView) {
    switch member {
    case "cid": cid = value.uint64 ?? 0
    case "sid": sid = value.string ?? ""
    case "subject": subject = value.string ?? ""
    case "qgroup": queue = value.string ?? ""
    case "account": account = value.string ?? ""
    case "account_tag": accountName = value.string ?? ""
    case "msgs": messages = Tally.of(value)
    default: break
    }
  }
}

typealias SubscriptionReadings = ScopeReadings<SubscriptionReading>
