import BrokerCore
import Reactor
import SystemAPI
import Wire

/// CONNZ: connections, open and closed.
final class ConnzDocument: DocumentInSlices {
  private enum Phase { case selecting, skipping, writing, whole }

  private let monitor: Monitor
  private let request: ConnzRequest
  /// The moment that the document shows, on both clocks.
  private let now: UInt64
  private let tick: MonotonicTime
  /// Whom the document may show: rows are numbered through both.
  private var open: [ClientConnection] = []
  private var closed: [ConnectionRecord] = []
  private var next = 0
  private var phase = Phase.selecting
  private var rows: OrderedRows
  /// How many there were before all filters but account and state.
  private var total = 0
  private var hasFoundOpen = false
  private var toSkip = 0
  private var toWrite = 0
  var json: JSONWriter

  /// - Throws: What is wrong with the request.
  init(_ monitor: Monitor, _ request: ConnzRequest, in json: JSONWriter) throws(EndpointError) {
    try request.check()
    self.monitor = monitor
    self.request = request
    self.json = json
    now = monitor.now
    tick = MonotonicClock.now()
    rows = OrderedRows(isUpwards: request.sortsUpwards)
    if !request.account.isEmpty, monitor.server.accounts.byName[request.account] == nil {
      writeUnknownAccount()
    } else {
      takeAll()
    }
  }

  func advance() -> Bool {
    var slice = Slice()
    while !slice.isOver {
      switch phase {
      case .selecting: select(&slice)
      case .skipping: skip(&slice)
      case .writing: write(&slice)
      case .whole: return true
      }
    }
    return phase == .whole
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
    phase = .whole
  }

  // MARK: Selecting

  private func takeAll() {
    let book = monitor.server.book
    if request.wantsOpen {
      let account = request.account.isEmpty ? nil : monitor.server.accounts.byName[request.account]
      open = Array(account?.clients.values ?? book.clients.values)
    }
    if request.wantsClosed { closed = book.closed.records }
  }

  private func select(_ slice: inout Slice) {
    while next < open.count + closed.count, !slice.isOver {
      slice.spend(1)
      if next < open.count { select(open[next], &slice) } else { select(closed[next - open.count], &slice) }
      next += 1
    }
    guard next == open.count + closed.count else { return }
    rows.seal()
    begin()
  }

  private func select(_ client: ClientConnection, _ slice: inout Slice) {
    if request.account.isEmpty, client.kind == .system || client.isHidden { return }
    total += 1
    if request.cid > 0 {
      guard client.cid == request.cid, client.kind == .client else { return }
      hasFoundOpen = true
    }
    guard isWanted(client.authorizedUser) else { return }
    if !request.filterSubject.isEmpty, !mayGet(client.record(withSubscriptions: true), &slice) { return }
    rows.add(next, key: key(client), id: client.cid)
  }

  private func select(_ record: ConnectionRecord, _ slice: inout Slice) {
    guard request.account.isEmpty || record.account == request.account else { return }
    total += 1
    if request.cid > 0, hasFoundOpen || record.cid != request.cid { return }
    guard isWanted(record.authorizedUser), request.filterSubject.isEmpty || mayGet(record, &slice) else { return }
    rows.add(next, key: key(record), id: record.cid)
  }

  private func isWanted(_ user: String) -> Bool { request.mqttClient.isEmpty && (request.user.isEmpty || user == request.user) }

  /// Whether it has a subscription that may get what is published on the wanted subject.
  private func mayGet(_ record: ConnectionRecord, _ slice: inout Slice) -> Bool {
    let wanted = Array(request.filterSubject.utf8)
    slice.spend(Slice.subscription * record.subscriptions.count)
    return record.subscriptions.contains { Subject.overlaps(Array($0.subject.utf8), wanted) }
  }

  // MARK: Order

  private static let reasons: [CloseReason: UInt64] = Dictionary(
    uniqueKeysWithValues: CloseReason.allCases.sorted { $0.rawValue < $1.rawValue }.enumerated().map { ($1, UInt64($0) + 1) })

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

  private func key(_ record: ConnectionRecord) -> UInt64 {
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
    case "reason": record.reason.flatMap { Self.reasons[$0] } ?? 0
    default: 0
    }
  }

  // MARK: Writing

  /// What a row takes, about.
  private static let rowBytes = 384

  private func begin() {
    toSkip = min(request.offset, rows.count)
    toWrite = min(request.limit, rows.count - toSkip)
    json.beginObject()
    monitor.head(&json)
    json.member("num_connections", toWrite)
    json.member("total", total)
    json.member("offset", request.offset)
    json.member("limit", request.limit)
    json.key("connections")
    json.beginArray()
    // Room that is asked for in one piece costs nothing before it is written to.
    json.reserve(toWrite * Self.rowBytes)
    phase = .skipping
  }

  private func skip(_ slice: inout Slice) {
    while toSkip > 0, !slice.isOver {
      slice.spend(Slice.ordered)
      _ = rows.takeFirst()
      toSkip -= 1
    }
    if toSkip == 0 { phase = .writing }
  }

  private func write(_ slice: inout Slice) {
    while toWrite > 0, !slice.isOver, let row = rows.takeFirst() {
      let record = record(row)
      slice.spend(Slice.row + Slice.subscription * record.subscriptions.count)
      monitor.writeConnection(&json, record, request, now)
      toWrite -= 1
    }
    guard toWrite == 0 else { return }
    json.endArray()
    json.endObject()
    phase = .whole
  }

  private func record(_ row: Int) -> ConnectionRecord {
    guard row < open.count else { return closed[row - open.count] }
    let client = open[row]
    guard client.isClosed else { return copy(client) }
    // It ended while the rows before it were written. It was open at the moment that the document shows.
    var record = monitor.server.book.closed.latest(client.cid) ?? client.record(withSubscriptions: false)
    record.stop = nil
    record.reason = nil
    return record
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
