import DequeModule
import SystemAPI
import Wire

/// One connection that has closed.
public struct ClosedConnection: Sendable {
  public var serverID = ""
  public var serverName = ""
  public var cluster = ""
  public var account = ""
  public var accountName = ""
  public var cid: UInt64 = 0
  public var client = ""
  public var user = ""
  public var host = ""
  public var kind = ""
  public var library = ""
  public var version = ""
  public var reason = ""
  /// What the reason's words mean; nil for words that are not on nats-server's list.
  public var cause: CloseReason?
  /// It is a login that was refused, whatever the words: an authorization callout has its own.
  public var isRefusedLogin = false
  public var start: Timestamp?
  public var stop: Timestamp
  /// By the gateway's clock; all other times are the server's.
  public var received: Timestamp
  public var rtt: Double?
  public var sentMessages: UInt64 = 0
  public var sentBytes: UInt64 = 0
  public var receivedMessages: UInt64 = 0
  public var receivedBytes: UInt64 = 0

  /// Reads a DISCONNECT or AUTH.ERR event; nil for anything else.
  init?(_ facts: EventFacts) {
    guard facts.kind == .disconnect || facts.kind == .authError else { return nil }
    guard let view = try? JSONView(validating: facts.body), let client = view["client"], let cid = client["id"]?.uint64 else { return nil }
    serverID = facts.serverID
    serverName = facts.serverName
    cluster = facts.cluster
    account = facts.account
    accountName = facts.accountName
    self.cid = cid
    self.client = facts.client
    user = client["user"]?.string?.bounded() ?? ""
    host = client["host"]?.string?.bounded() ?? ""
    kind = (client["client_type"]?.string ?? client["kind"]?.string ?? "").bounded()
    library = client["lang"]?.string?.bounded() ?? ""
    version = client["ver"]?.string?.bounded() ?? ""
    reason = view["reason"]?.string?.bounded() ?? ""
    cause = CloseReason(rawValue: reason)
    isRefusedLogin = facts.kind == .authError || cause?.isRefusedLogin == true
    start = client["start"]?.string.flatMap { Timestamp(rfc3339: $0) }
    received = facts.received
    stop = client["stop"]?.string.flatMap { Timestamp(rfc3339: $0) } ?? facts.received
    rtt = client["rtt"]?.double.map { Span(nanosecondCount: $0).seconds }
    sentMessages = view["sent"]?["msgs"]?.uint64 ?? 0
    sentBytes = view["sent"]?["bytes"]?.uint64 ?? 0
    receivedMessages = view["received"]?["msgs"]?.uint64 ?? 0
    receivedBytes = view["received"]?["bytes"]?.uint64 ?? 0
  }

  func write(to json: inout JSONWriter) {
    json.key("server")
    json.object { json in
      json.member("name", serverName)
      json.member("id", serverID)
      json.member("cluster", unlessEmpty: cluster)
    }
    json.member("cid", cid)
    json.member("client", unlessEmpty: client)
    json.member("account", accountName.isEmpty ? account : accountName)
    if accountName != account { json.member("account_id", unlessEmpty: account) }
    json.member("user", unlessEmpty: user)
    json.member("host", unlessEmpty: host)
    json.member("kind", unlessEmpty: kind)
    json.member("lang", unlessEmpty: library)
    json.member("version", unlessEmpty: version)
    json.member("reason", reason)
    if let start {
      json.member("start", start.rfc3339)
      json.member("stop", stop.rfc3339)
      json.member("duration_seconds", Double((stop - start).nanoseconds / 1000) / 1e6)
    } else {
      json.member("stop", stop.rfc3339)
    }
    if let rtt { json.member("rtt_seconds", rtt) }
    json.key("sent")
    json.object { json in
      json.member("msgs", sentMessages)
      json.member("bytes", sentBytes)
    }
    json.key("received")
    json.object { json in
      json.member("msgs", receivedMessages)
      json.member("bytes", receivedBytes)
    }
  }
}

/// What is asked of the record.
struct ClosedQuery: Sendable {
  /// Parts of names, in any letter case.
  var client = ""
  var reason = ""
  var host = ""
  /// Whole names or ids.
  var server = ""
  var cluster = ""
  /// An id.
  var account = ""
  var user = ""
  var cid: UInt64?
  var since: Timestamp?

  func fits(_ row: ClosedConnection) -> Bool {
    if let since, row.received < since { return false }
    if let cid, row.cid != cid { return false }
    if !server.isEmpty, row.serverName != server, row.serverID != server { return false }
    if !cluster.isEmpty, row.cluster != cluster { return false }
    if !account.isEmpty, row.account != account { return false }
    if !user.isEmpty, row.user != user { return false }
    if !client.isEmpty, !row.client.lowercased().contains(client) { return false }
    if !reason.isEmpty, !row.reason.lowercased().contains(reason) { return false }
    return host.isEmpty || row.host.contains(host)
  }
}

/// The connections that have closed while the gateway listened: it outlives the servers and their own rings.
struct ClosedRecord {
  let capacity: Int
  private(set) var rows: Deque<ClosedConnection> = []
  /// Rows that had to make room.
  private(set) var forgotten = 0

  init(capacity: Int = 20_000) { self.capacity = capacity }

  /// - Returns: False where it is known already: a refused login comes as an AUTH.ERR and, from newer servers, as a DISCONNECT too.
  @discardableResult
  mutating func append(_ row: ClosedConnection) -> Bool {
    let isKnown = rows.suffix(ClosedRecord.lookedAt).contains { $0.cid == row.cid && $0.serverID == row.serverID && $0.start == row.start }
    guard !isKnown else { return false }
    rows.append(row)
    if rows.count > capacity {
      rows.removeFirst()
      forgotten += 1
    }
    return true
  }

  /// The two events of one login follow each other closely: rows further back are others.
  private static let lookedAt = 64

  /// Whether any row is of the account of this id or name.
  func knows(account: String) -> Bool { rows.contains { $0.account == account || $0.accountName == account } }

  /// Rows that were heard within a span, its beginning left out: the first first.
  func heard(after since: Timestamp, until: Timestamp) -> [ClosedConnection] {
    Array(rows.reversed().prefix { $0.received > since }.reversed().prefix { $0.received <= until })
  }

  /// Rows that fit, the last first, and how many there are in all.
  func find(_ query: ClosedQuery, offset: Int, limit: Int) -> (rows: [ClosedConnection], total: Int) {
    var found: [ClosedConnection] = []
    var total = 0
    for row in rows.reversed() where query.fits(row) {
      total += 1
      if total > offset, found.count < limit { found.append(row) }
    }
    return (found, total)
  }
}
