import BrokerCore
import Reactor
import Wire

/// CONNZ: connections, open and closed.
final class ConnzDocument: DocumentInSlices {
  private enum Row {
    case open(ClientConnection)
    /// Its place among `closed`.
    case closed(Int)
  }

  private let monitor: Monitor
  private let request: ConnzRequest
  /// The moment that the document shows, on both clocks.
  private let now: UInt64
  private let tick: MonotonicTime
  private var closed: [ConnectionRecord] = []
  /// Before the filter by subject all that may be shown, afterwards the page.
  private var rows: [Row] = []
  private var next = 0
  private var isFiltering = false
  private var filtered: [Row] = []
  private var total = 0
  private var isWhole = false
  private var json = JSONWriter(capacity: 2048)

  var bytes: [UInt8] { json.bytes }

  /// - Throws: What is wrong with the request.
  init(_ monitor: Monitor, _ request: ConnzRequest) throws(EndpointError) {
    try request.check()
    self.monitor = monitor
    self.request = request
    now = monitor.now
    tick = MonotonicClock.now()
    if !request.account.isEmpty, monitor.server.accounts.byName[request.account] == nil {
      writeUnknownAccount()
    } else {
      select()
      if request.filterSubject.isEmpty { begin() } else { isFiltering = true }
    }
  }

  func advance() -> Bool {
    var budget = Slice.rows
    if isFiltering { filter(&budget) }
    if !isFiltering && !isWhole { write(&budget) }
    return isWhole
  }

  private func writeUnknownAccount() {
    json.object { json in
      json.member("server_id", "")
      json.member("now", WallClock.now())
      json.member("num_connections", 0)
      json.member("total", 0)
      json.member("offset", request.offset)
      json.member("limit", request.limit)
      json.key("connections")
      json.null()
    }
    isWhole = true
  }

  // MARK: Selecting

  /// The matching connections, and how many there were before all filters but account and state.
  private func select() {
    let book = monitor.server.book
    var open: [ClientConnection] = []
    if request.wantsOpen {
      if request.account.isEmpty {
        open = book.clients.values.filter { $0.kind != .system && !$0.isHidden }
      } else {
        open = monitor.server.accounts.byName[request.account].map { Array($0.clients.values) } ?? []
      }
    }
    if request.wantsClosed {
      closed = book.closed.records
      if !request.account.isEmpty { closed = closed.filter { $0.account == request.account } }
    }
    total = open.count + closed.count
    if request.cid > 0 {
      open = open.filter { $0.cid == request.cid && $0.kind == .client }
      closed = open.isEmpty ? closed.filter { $0.cid == request.cid } : []
    }
    if !request.user.isEmpty {
      open = open.filter { $0.authorizedUser == request.user }
      closed = closed.filter { $0.authorizedUser == request.user }
    }
    if !request.mqttClient.isEmpty { (open, closed) = ([], []) }
    rows = open.map { .open($0) } + closed.indices.map { .closed($0) }
  }

  /// Keeps connections with a subscription that may get what is published on the wanted subject.
  private func filter(_ budget: inout Int) {
    let wanted = Array(request.filterSubject.utf8)
    while next < rows.count, budget > 0 {
      let record = record(rows[next])
      budget -= 1 + record.subscriptions.count
      if record.subscriptions.contains(where: { Subject.overlaps(Array($0.subject.utf8), wanted) }) { filtered.append(rows[next]) }
      next += 1
    }
    guard next == rows.count else { return }
    isFiltering = false
    rows = filtered
    filtered = []
    begin()
  }

  // MARK: Order

  private struct Ordered {
    let key: UInt64
    let cid: UInt64
    let row: Row
  }

  /// The page in the wanted order; equal ones stay in the order of their ids.
  private func page() -> [Row] {
    let reasons = request.sort == "reason" ? ranks(closed.map { $0.reason?.rawValue ?? "" }) : [:]
    var ordered = rows.map { row in
      switch row {
      case .open(let client): Ordered(key: key(client), cid: client.cid, row: row)
      case .closed(let index): Ordered(key: key(closed[index], reasons), cid: closed[index].cid, row: row)
      }
    }
    if request.sortsUpwards {
      ordered.sort { $0.key == $1.key ? $0.cid < $1.cid : $0.key < $1.key }
    } else {
      ordered.sort { $0.key == $1.key ? $0.cid < $1.cid : $0.key > $1.key }
    }
    return ordered.dropFirst(request.offset).prefix(request.limit).map(\.row)
  }

  private func ranks(_ texts: [String]) -> [String: UInt64] {
    Dictionary(uniqueKeysWithValues: Set(texts).sorted().enumerated().map { ($1, UInt64($0)) })
  }

  private func key(_ client: ClientConnection) -> UInt64 {
    let lastActivity = now - min(now, UInt64(clamping: (tick - client.lastActivity).nanoseconds))
    switch request.sort {
    case "subs": return UInt64(client.subscriptions.count)
    case "pending": return UInt64(client.connection?.pendingBytes ?? 0)
    case "msgs_to": return client.outMessages
    case "msgs_from": return client.inMessages
    case "bytes_to": return client.outBytes
    case "bytes_from": return client.inBytes
    case "last": return lastActivity
    case "rtt": return UInt64(clamping: client.rtt.nanoseconds)
    case "idle": return now - min(now, lastActivity)
    case "uptime": return now - min(now, client.start)
    default: return 0
    }
  }

  private func key(_ record: ConnectionRecord, _ reasons: [String: UInt64]) -> UInt64 {
    switch request.sort {
    case "subs": UInt64(record.subscriptionCount)
    case "pending": UInt64(record.pendingBytes)
    case "msgs_to": record.outMessages
    case "msgs_from": record.inMessages
    case "bytes_to": record.outBytes
    case "bytes_from": record.inBytes
    case "last": record.lastActivity
    case "rtt": UInt64(clamping: record.rtt.nanoseconds)
    case "idle": record.idle(at: now)
    case "uptime": record.uptime(at: now)
    case "stop": record.stop ?? 0
    case "reason": reasons[record.reason?.rawValue ?? ""] ?? 0
    default: 0
    }
  }

  // MARK: Writing

  private func begin() {
    rows = page()
    next = 0
    json.beginObject()
    monitor.head(&json)
    json.member("num_connections", rows.count)
    json.member("total", total)
    json.member("offset", request.offset)
    json.member("limit", request.limit)
    json.key("connections")
    json.beginArray()
  }

  private func write(_ budget: inout Int) {
    while next < rows.count, budget > 0 {
      let record = record(rows[next])
      budget -= 1 + record.subscriptions.count
      monitor.writeConnection(&json, record, request, now)
      next += 1
    }
    guard next == rows.count else { return }
    json.endArray()
    json.endObject()
    rows = []
    closed = []
    isWhole = true
  }

  private func record(_ row: Row) -> ConnectionRecord {
    switch row {
    case .closed(let index): return closed[index]
    case .open(let client):
      guard client.isClosed else { return copy(client) }
      // It ended while the rows before it were written. It was open at the moment that the document shows.
      var record = monitor.server.book.closed.latest(client.cid) ?? client.record(withSubscriptions: false)
      record.stop = nil
      record.reason = nil
      return record
    }
  }

  /// A client whose round trip time is not known yet is asked for it, so that the next look shows one.
  private func copy(_ client: ClientConnection) -> ConnectionRecord {
    if client.rtt == .zero, client.pingSentAt == nil, client.isRegistered, client.kind == .client, !client.language.isEmpty {
      client.pingSentAt = MonotonicClock.now()
      client.send("PING\r\n")
    }
    return client.record(withSubscriptions: request.wantsSubscriptions || !request.filterSubject.isEmpty)
  }
}
