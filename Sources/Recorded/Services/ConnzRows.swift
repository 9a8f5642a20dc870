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
  /// The members of the document, in its order.
  private(set) var members: [(name: Range<Int>, value: Range<Int>)] = []

  private let request: ConnzRequest
  /// Before 2.12.12 and 2.14.3 `user` was compared with the name of CONNECT only.
  private let isUserEffective: Bool
  /// The member that rows are ordered by; nil = by id.
  private let ordered: StaticString?
  private let needsStart: Bool
  private let account: [UInt8]
  /// Not all rows are wanted.
  private let isFiltered: Bool

  init(_ request: ConnzRequest, _ documents: RecordedDocuments, _ document: Document) throws(Obstacle) {
    self.request = request
    isUserEffective = documents.isSince([ServerVersion(2, 12, 12), ServerVersion(2, 14, 3)])
    (ordered, needsStart) =
      switch request.order {
      case .cid: (nil, false)
      case .number(let name, _), .time(let name, _), .duration(let name, _): (name, false)
      case .active: ("last_activity", true)
      }
    isFiltered =
      request.cid > 0 || !request.account.isEmpty || !request.user.isEmpty || !request.mqttClient.isEmpty || !request.filterSubject.isEmpty
    account = Array(request.account.utf8)
    guard document.bytes.withUnsafeBufferPointer({ read($0, document.bytes) }) else { throw .notRecorded(.unreadable(document.name)) }
  }

  /// One pass over the whole document.
  ///
  /// - Returns: whether it is such a document.
  private mutating func read(_ bytes: UnsafeBufferPointer<UInt8>, _ array: [UInt8]) -> Bool {
    var whole = JSONMembers(bytes, 0..<bytes.count)
    var isFound = false
    while let name = whole.nextName() {
      let start = whole.position
      if !isFound, JSONBytes.equals(bytes, name, "connections") {
        guard let end = readRows(bytes, at: start, array) else { return false }
        isFound = true
        members.append((name, start..<end))
        whole.resume(at: end)
      } else {
        guard let end = JSONWalk.endOfValue(UnsafeRawBufferPointer(bytes), start, bytes.count) else { return false }
        members.append((name, start..<end))
        whole.resume(at: end)
      }
    }
    return isFound && !whole.malformed
  }

  /// - Returns: where the array ends; nil where it is none.
  private mutating func readRows(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int, _ array: [UInt8]) -> Int? {
    var walk = RowWalk(bytes, at: start)
    if walk.isMalformed {
      guard let end = JSONWalk.endOfValue(UnsafeRawBufferPointer(bytes), start, bytes.count) else { return nil }
      return JSONBytes.isNull(bytes, start..<end) ? end : nil
    }
    var isSorted = true
    while let members = walk.next() {
      kept += 1
      guard let row = row(bytes, members, &walk, array) else { continue }
      if isSorted, let last = rows.last, Self.precedes(row, last) { isSorted = false }
      rows.append(row)
    }
    guard !walk.isMalformed else { return nil }
    if !isSorted { rows.sort(by: Self.precedes) }
    return walk.end
  }

  private static func precedes(_ left: Row, _ right: Row) -> Bool {
    left.key != right.key ? left.key < right.key : left.cid < right.cid
  }

  /// nil for rows that the request does not want.
  private mutating func row(
    _ bytes: UnsafeBufferPointer<UInt8>, _ members: JSONMembers, _ walk: inout RowWalk, _ array: [UInt8]
  ) -> Row? {
    var row = Members()
    let range = walk.finish(row.read(bytes, members, ordered, needsStart: needsStart, isFiltered: isFiltered))
    guard account.isEmpty || isOfAccount(bytes, row) else {
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

  /// The global account's name is left out.
  private func isOfAccount(_ bytes: UnsafeBufferPointer<UInt8>, _ row: Members) -> Bool {
    guard let own = row.account, own.count >= 2 else { return account.elementsEqual("$G".utf8) }
    return account.withUnsafeBytes { JSONText.equals(UnsafeRawBufferPointer(bytes), own.lowerBound + 1..<own.upperBound - 1, $0) }
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
    return SubscriptionsShown.subjects(bytes, list).contains { Subject.overlaps(Array($0.utf8), wanted) }
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

    /// Reads all members.
    ///
    /// - Returns: the walk at its end.
    mutating func read(
      _ bytes: UnsafeBufferPointer<UInt8>, _ members: JSONMembers, _ ordered: StaticString?, needsStart: Bool, isFiltered: Bool
    ) -> JSONMembers {
      var members = members
      while let (name, value) = members.next() {
        if let ordered, JSONBytes.equals(bytes, name, ordered) { key = value }
        if JSONBytes.equals(bytes, name, "cid") {
          cid = JSONBytes.unsigned(bytes, value) ?? 0
        } else if needsStart, JSONBytes.equals(bytes, name, "start") {
          start = value
        } else if !isFiltered {
          continue
        } else if JSONBytes.equals(bytes, name, "kind") {
          kind = value
        } else if JSONBytes.equals(bytes, name, "account") {
          account = value
        } else if JSONBytes.equals(bytes, name, "authorized_user") {
          user = value
        } else if JSONBytes.equals(bytes, name, "mqtt_client") {
          mqttClient = value
        } else if JSONBytes.equals(bytes, name, SubscriptionsShown.listName) || JSONBytes.equals(bytes, name, SubscriptionsShown.detailName)
        {
          subscriptions = value
        }
      }
      return members
    }
  }
}
