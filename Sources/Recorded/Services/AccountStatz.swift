import SystemAPI
import Wire

/// STATZ of accounts: connections and traffic.
enum AccountStatz {
  /// From these releases on an account with nothing but leafnode connections counts as used.
  private static let countsLeafnodes = [ServerVersion(2, 12, 10), ServerVersion(2, 14, 2)]

  /// - Parameter account: From the subject; it overrides the option.
  static func answer(_ payload: RequestPayload, _ documents: RecordedDocuments, account: String? = nil) throws(Obstacle) -> [UInt8] {
    let document = Document(.accstatz, try documents.document(.accstatz))
    let all = document.elements(try document.members("account_statz")[0])
    var wanted = payload.strings("accounts")
    if let account { wanted = [account] }
    var rows = all
    if !wanted.isEmpty {
      let byName = Dictionary(all.map { (document.string("acc", in: $0) ?? "", $0) }) { first, _ in first }
      rows = wanted.compactMap { byName[$0] }
    }
    if !payload.bool("include_unused") {
      let leafnodes = documents.isSince(countsLeafnodes)
      rows.removeAll { row in
        document.integer("conns", in: row) ?? 0 == 0 && !(leafnodes && document.integer("leafnodes", in: row) ?? 0 != 0)
      }
      if rows.isEmpty { throw .silent }
    }
    return document.bytes.withUnsafeBufferPointer { bytes in
      var json = JSONWriter(capacity: bytes.count)
      json.copy(bytes, document.whole) { name, _, json in
        guard JSONBytes.equals(bytes, name, "account_statz") else { return .kept }
        json.key("account_statz")
        json.array { json in for row in rows { json.copy(bytes, row, without: MemberNames([])) } }
        return .written
      }
      return json.bytes
    }
  }
}
