import SystemAPI
import Wire

/// LEAFZ: leafnode connections.
enum Leafz {
  /// From this release on no connection is `[]`, and no longer null.
  private static let hasEmptyList = [ServerVersion(2, 10, 16)]

  static func answer(_ payload: RequestPayload, _ documents: RecordedDocuments, account: String? = nil) throws(Obstacle) -> [UInt8] {
    if payload.bool("subscriptions") { try documents.need(.leafz, "subscriptions", for: "subs") }
    let document = Document(.leafz, try documents.document(.leafz))
    let account = account ?? payload.string("account")
    let hidden = MemberNames(payload.bool("subscriptions") ? [] : ["subscriptions_list"])
    let rows = try rows(of: account, document)
    return document.bytes.withUnsafeBufferPointer { bytes in
      var json = JSONWriter(capacity: bytes.count)
      json.copy(bytes, document.whole) { name, _, json in
        if JSONBytes.equals(bytes, name, "leafnodes") {
          json.member("leafnodes", rows.count)
        } else if JSONBytes.equals(bytes, name, "leafs") {
          json.key("leafs")
          if rows.isEmpty, !documents.isSince(hasEmptyList) {
            json.null()
          } else {
            json.array { json in for row in rows { json.copy(bytes, row, without: hidden) } }
          }
        } else {
          return .kept
        }
        return .written
      }
      return json.bytes
    }
  }

  /// How many an account has.
  static func count(of account: String, _ documents: RecordedDocuments) throws(Obstacle) -> Int {
    try rows(of: account, Document(.leafz, try documents.document(.leafz))).count
  }

  private static func rows(of account: String, _ document: Document) throws(Obstacle) -> [Range<Int>] {
    let rows = document.elements(try document.members("leafs")[0])
    return account.isEmpty ? rows : rows.filter { document.string("account", in: $0) == account }
  }
}
