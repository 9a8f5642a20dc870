import SystemAPI
import Wire

/// SUBSZ: statistics of subscriptions. The list was not kept.
enum Subsz {
  private static let defaultLimit = Endpoint.subsz.rows?.defaultLimit ?? 1024

  static func answer(_ payload: RequestPayload, _ documents: RecordedDocuments, account: String? = nil) throws(Obstacle) -> [UInt8] {
    let test = payload.string("test")
    guard test.isEmpty || isLiteral(test) else {
      throw .refused("invalid test subject, must be valid publish subject: \(test)")
    }
    let document = Document(.subsz, try documents.document(.subsz))
    let wanted = account ?? payload.string("account")
    // The account's own services list whatever the options say.
    let lists = account != nil || payload.bool("subscriptions")
    var statistics: Document?
    if !wanted.isEmpty, try AccountNames.has(wanted, documents) {
      if lists { throw .lacking(.subsz, "subscriptions") }
      statistics = try Accountz.details(of: wanted, documents)
    } else if wanted.isEmpty, lists {
      throw .lacking(.subsz, "subscriptions")
    }
    return try write(document, payload, isWhole: wanted.isEmpty, statistics)
  }

  /// - Parameters:
  ///   - isWhole: The document's statistics are what was asked for.
  ///   - account: Those of one account; nil with `isWhole` false where nobody is counted.
  private static func write(
    _ document: Document, _ payload: RequestPayload, isWhole: Bool, _ account: Document?
  ) throws(Obstacle) -> [UInt8] {
    _ = try document.members("total")
    let limit = payload.int("limit")
    return document.bytes.withUnsafeBufferPointer { bytes in
      var json = JSONWriter(capacity: bytes.count + 64)
      json.copy(bytes, document.whole) { name, _, json in
        if JSONBytes.equals(bytes, name, "offset") {
          json.member("offset", max(0, payload.int("offset")))
        } else if JSONBytes.equals(bytes, name, "limit") {
          json.member("limit", limit > 0 ? limit : defaultLimit)
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
    !JSONBytes.equals(bytes, name, "server_id") && !JSONBytes.equals(bytes, name, "now") && !JSONBytes.equals(bytes, name, "total")
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
