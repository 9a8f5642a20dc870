import SystemAPI
import Wire

/// SUBSZ: statistics of subscriptions, and where it was kept the list.
enum Subsz {
  private static let defaultLimit = Endpoint.subsz.rows?.defaultLimit ?? 1024
  /// From this release on `total` counts all subscriptions that were asked for; before, those on the page.
  private static let totalIsOfAll = [ServerVersion(2, 11, 6)]

  static func answer(_ payload: RequestPayload, _ documents: RecordedDocuments, account: String? = nil) throws(Obstacle) -> [UInt8] {
    let test = payload.string("test")
    guard test.isEmpty || isLiteral(test) else {
      throw .refused("invalid test subject, must be valid publish subject: \(test)")
    }
    let document = Document(.subsz, try documents.document(.subsz))
    let wanted = account ?? payload.string("account")
    let isKnown = wanted.isEmpty ? true : try AccountNames.has(wanted, documents)
    // The account's own services list whatever the options say.
    let lists = account != nil || payload.bool("subscriptions")
    guard !lists || !isKnown || documents.holds(.subsz, "subscriptions") else { throw .lacking(.subsz, "subscriptions") }
    let statistics = isKnown && !wanted.isEmpty ? try Accountz.details(of: wanted, documents) : nil
    var list = SubscriptionPage(
      offset: max(0, payload.int("offset")), limit: payload.int("limit") > 0 ? payload.int("limit") : defaultLimit)
    if lists { list.take(try document.members("subscriptions_list")[0], document, account: wanted, test: test) }
    return try write(document, list, countsAll: documents.isSince(totalIsOfAll), isWhole: wanted.isEmpty, statistics)
  }

  /// - Parameters:
  ///   - isWhole: The document's statistics are what was asked for.
  ///   - account: Those of one account; nil with `isWhole` false where nobody is counted.
  private static func write(
    _ document: Document, _ list: SubscriptionPage, countsAll: Bool, isWhole: Bool, _ account: Document?
  ) throws(Obstacle) -> [UInt8] {
    _ = try document.members("total")
    return document.bytes.withUnsafeBufferPointer { bytes in
      var json = JSONWriter(capacity: bytes.count + 64)
      json.copy(bytes, document.whole) { name, _, json in
        if JSONBytes.equals(bytes, name, "offset") {
          json.member("offset", list.offset)
        } else if JSONBytes.equals(bytes, name, "limit") {
          json.member("limit", list.limit)
        } else if JSONBytes.equals(bytes, name, "total") {
          json.member("total", countsAll ? list.count : list.rows.count)
        } else if JSONBytes.equals(bytes, name, "subscriptions_list") {
          guard !list.rows.isEmpty else { return .leftOut }
          json.key("subscriptions_list")
          json.array { json in for row in list.rows { json.copy(bytes, row, without: MemberNames([])) } }
        } else if isWhole || !isStatistic(bytes, name) {
          return .kept
        } else {
          json.key(bytes, name)
          writeStatistic(JSONBytes.unescaped(bytes, name), account, &json)
        }
        return .written
      }
      return json.bytes
    }
  }

  private static func isStatistic(_ bytes: UnsafeBufferPointer<UInt8>, _ name: Range<Int>) -> Bool {
    !JSONBytes.equals(bytes, name, "server_id") && !JSONBytes.equals(bytes, name, "now")
  }

  private static func writeStatistic(_ name: String, _ account: Document?, _ json: inout JSONWriter) {
    guard let account else { return json.integer(0) }
    account.bytes.withUnsafeBufferPointer { bytes in
      guard let statistics = JSONBytes.member("sublist_stats", bytes, account.whole) else { return json.integer(0) }
      var members = JSONMembers(bytes, statistics)
      while let (own, value) = members.next() {
        guard JSONBytes.equals(bytes, own, name) else { continue }
        return json.raw(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[value]))
      }
      json.integer(0)
    }
  }

  /// A subject that may be published to.
  private static func isLiteral(_ subject: String) -> Bool {
    let tokens = subject.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return tokens.allSatisfy { !$0.isEmpty && !$0.elementsEqual("*".utf8) && !$0.elementsEqual(">".utf8) }
  }
}

/// The subscriptions that were asked for, and those of them that are on the page.
struct SubscriptionPage {
  let offset: Int
  let limit: Int
  private(set) var count = 0
  private(set) var rows: [Range<Int>] = []

  init(offset: Int, limit: Int) {
    self.offset = offset
    self.limit = limit
  }

  /// - Parameters:
  ///   - account: Only its subscriptions; empty for all.
  ///   - test: Only those that get what is published there; empty for all.
  mutating func take(_ list: Range<Int>?, _ document: Document, account: String, test: String) {
    let published = Array(test.utf8)
    for row in document.elements(list) {
      guard account.isEmpty || document.string("account", in: row) == account else { continue }
      let subject = Array((document.string("subject", in: row) ?? "").utf8)
      guard test.isEmpty || Subject.matches(published, pattern: subject) else { continue }
      if count >= offset, rows.count < limit { rows.append(row) }
      count += 1
    }
  }
}
