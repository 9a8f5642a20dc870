import SystemAPI
import Wire

/// The rows of a full connz, as far as a request needs them.
struct ConnzRows {
  struct Row {
    let range: Range<Int>
    let cid: UInt64
    /// What it is ordered by; the smallest first.
    let key: Int64
  }

  /// Rows of the account, before all other filters.
  private(set) var total = 0
  /// All rows that were kept.
  private(set) var kept = 0
  /// Those that the request wants, in its order.
  private(set) var rows: [Row] = []

  private let request: ConnzRequest
  /// Before 2.12.12 and 2.14.3 `user` was compared with the name of CONNECT only.
  private let isUserEffective: Bool

  init(_ request: ConnzRequest, _ documents: RecordedDocuments, _ document: Document, _ array: Range<Int>?) throws(Obstacle) {
    self.request = request
    isUserEffective = documents.isSince([ServerVersion(2, 12, 12), ServerVersion(2, 14, 3)])
    guard let array else { throw .notRecorded(.unreadable(.connz)) }
    var isSorted = true
    let isWhole = document.bytes.withUnsafeBufferPointer { bytes in
      var elements = JSONElements(bytes, array)
      while let range = elements.next() {
        kept += 1
        guard let row = row(bytes, range, document.bytes) else { continue }
        if isSorted, let last = rows.last, Self.precedes(row, last) { isSorted = false }
        rows.append(row)
      }
      return !elements.malformed || JSONBytes.isNull(bytes, array)
    }
    guard isWhole else { throw .notRecorded(.unreadable(.connz)) }
    if !isSorted { rows.sort(by: Self.precedes) }
  }

  private static func precedes(_ left: Row, _ right: Row) -> Bool {
    left.key != right.key ? left.key < right.key : left.cid < right.cid
  }

  /// nil for rows that the request does not want.
  private mutating func row(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ array: [UInt8]) -> Row? {
    var row = Members()
    row.read(bytes, range, request)
    let account = row.account.map { JSONBytes.equals(bytes, $0.lowerBound + 1..<$0.upperBound - 1, request.account) }
    // The global account's name is left out.
    guard request.account.isEmpty || (account ?? (request.account == "$G")) else {
      // A connection that is asked for by its id is given whatever account was asked about.
      return request.cid > 0 && row.cid == request.cid && isClient(bytes, row) ? Row(range: range, cid: row.cid, key: 0) : nil
    }
    total += 1
    if request.cid > 0 {
      guard row.cid == request.cid, isClient(bytes, row), fitsSubject(bytes, row) else { return nil }
    } else {
      guard fitsUser(bytes, row), fitsClient(bytes, row), fitsSubject(bytes, row) else { return nil }
    }
    return Row(range: range, cid: row.cid, key: key(bytes, row, array))
  }

  private func isClient(_ bytes: UnsafeBufferPointer<UInt8>, _ row: Members) -> Bool {
    row.kind.flatMap { JSONBytes.string(bytes, $0) } != "Leafnode"
  }

  private func fitsUser(_ bytes: UnsafeBufferPointer<UInt8>, _ row: Members) -> Bool {
    guard !request.user.isEmpty else { return true }
    guard let user = row.user.flatMap({ JSONBytes.string(bytes, $0) }), user == request.user else { return false }
    return isUserEffective || !Self.isNoName(user)
  }

  /// What is shown in place of a name: a user's public key, or that there was a token.
  private static func isNoName(_ user: String) -> Bool {
    if user == "[REDACTED]" { return true }
    return user.utf8.count == 56 && user.utf8.first == UInt8(ascii: "U")
      && user.utf8.allSatisfy { (0x41...0x5A).contains($0) || (0x32...0x37).contains($0) }
  }

  private func fitsClient(_ bytes: UnsafeBufferPointer<UInt8>, _ row: Members) -> Bool {
    request.mqttClient.isEmpty || row.mqttClient.flatMap { JSONBytes.string(bytes, $0) } == request.mqttClient
  }

  private func fitsSubject(_ bytes: UnsafeBufferPointer<UInt8>, _ row: Members) -> Bool {
    guard !request.filterSubject.isEmpty else { return true }
    guard let list = row.subscriptions else { return false }
    let wanted = Array(request.filterSubject.utf8)
    return JSONBytes.strings(bytes, list).contains { Subject.overlaps(Array($0.utf8), wanted) }
  }

  // MARK: Order

  private func key(_ bytes: UnsafeBufferPointer<UInt8>, _ row: Members, _ array: [UInt8]) -> Int64 {
    switch request.order {
    case .cid: return 0
    case .number(_, let descending): return directed(Int64(row.key.flatMap { JSONBytes.integer(bytes, $0) } ?? 0), descending)
    case .time(_, let descending): return directed(time(array, row.key), descending)
    case .duration(_, let descending):
      return directed(row.key.flatMap { JSONBytes.string(bytes, $0) }.flatMap(DurationText.parseUptime) ?? 0, descending)
    case .active: return directed(time(array, row.key) &- time(array, row.start), true)
    }
  }

  private func directed(_ value: Int64, _ descending: Bool) -> Int64 { descending ? ~value : value }

  private func time(_ bytes: [UInt8], _ range: Range<Int>?) -> Int64 {
    guard let range, range.count > 2 else { return 0 }
    return Timestamp(rfc3339: bytes[range.lowerBound + 1..<range.upperBound - 1])?.unixNanoseconds ?? 0
  }

  // MARK: Members

  /// The places of a row's members that a request looks at.
  private struct Members {
    var cid: UInt64 = 0
    var kind: Range<Int>?
    var account: Range<Int>?
    var user: Range<Int>?
    var mqttClient: Range<Int>?
    var subscriptions: Range<Int>?
    var start: Range<Int>?
    var key: Range<Int>?

    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ request: ConnzRequest) {
      let (ordered, started): (StaticString?, Bool) =
        switch request.order {
        case .cid: (nil, false)
        case .number(let name, _), .time(let name, _), .duration(let name, _): (name, false)
        case .active: ("last_activity", true)
        }
      var missing = 1
      if ordered != nil { missing += 1 }
      if started { missing += 1 }
      if !request.account.isEmpty { missing += 1 }
      if request.cid > 0 { missing += 1 }
      // Those that may be absent are looked for to the end.
      if !request.user.isEmpty || !request.mqttClient.isEmpty || !request.filterSubject.isEmpty { missing = .max }
      var members = JSONMembers(bytes, range)
      while missing > 0, let (name, value) = members.next() {
        if let ordered, JSONBytes.equals(bytes, name, ordered) {
          key = value
          missing -= 1
        }
        if JSONBytes.equals(bytes, name, "cid") {
          cid = JSONBytes.unsigned(bytes, value) ?? 0
        } else if request.cid > 0, JSONBytes.equals(bytes, name, "kind") {
          kind = value
        } else if started, JSONBytes.equals(bytes, name, "start") {
          start = value
        } else if JSONBytes.equals(bytes, name, "account") {
          account = value
          if request.account.isEmpty { continue }
        } else if JSONBytes.equals(bytes, name, "authorized_user") {
          user = value
          continue
        } else if JSONBytes.equals(bytes, name, "mqtt_client") {
          mqttClient = value
          continue
        } else if JSONBytes.equals(bytes, name, "subscriptions_list") {
          subscriptions = value
          continue
        } else {
          continue
        }
        missing -= 1
      }
    }
  }
}
