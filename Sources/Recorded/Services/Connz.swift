import SystemAPI
import Wire

/// CONNZ: open connections.
enum Connz {
  /// Releases whose connz lists leafnode connections too; older ones only where an account was asked about.
  private static let listsLeafnodes = [ServerVersion(2, 11, 5)]

  static func answer(_ payload: RequestPayload, _ documents: RecordedDocuments, account: String? = nil) throws(Obstacle) -> [UInt8] {
    let request = try ConnzRequest(payload, account: account, documents)
    let document = Document(.connz, try documents.document(.connz))
    let isKnown = request.account.isEmpty ? true : try AccountNames.has(request.account, documents)
    guard isKnown else {
      return write(document, request, total: 0, page: nil, isUnknown: true)
    }
    guard request.state == ConnzRequest.open else { return write(document, request, total: 0, page: []) }
    let places = try document.members("total", "connections")
    let rows = try ConnzRows(request, documents, document, places[1])
    let recorded = document.integer("total") ?? rows.kept
    try checkRows(request, rows, recorded)
    var total = recorded
    if !request.account.isEmpty {
      total = rows.total
      if !documents.isSince(listsLeafnodes) {
        let leafnodes = try Leafz.count(of: request.account, documents)
        guard leafnodes == 0 || request.cid > 0 else {
          throw .notRecorded(.rows(.connz, kept: rows.total, of: rows.total + leafnodes))
        }
        total += leafnodes
      }
    }
    let first = min(request.offset, rows.rows.count)
    let page = rows.rows[first..<first + min(request.limit, rows.rows.count - first)]
    return write(document, request, total: total, page: page)
  }

  /// Rows that were not kept are those at the end of the default order.
  private static func checkRows(_ request: ConnzRequest, _ rows: ConnzRows, _ recorded: Int) throws(Obstacle) {
    guard rows.kept < recorded else { return }
    let isPlain = request.account.isEmpty && request.user.isEmpty && request.mqttClient.isEmpty
    if case .cid = request.order, isPlain, request.cid > 0 ? !rows.rows.isEmpty : request.offset + request.limit <= rows.kept {
      return
    }
    throw .notRecorded(.rows(.connz, kept: rows.kept, of: recorded))
  }

  private static func write(
    _ document: Document, _ request: ConnzRequest, total: Int, page: ArraySlice<ConnzRows.Row>?, isUnknown: Bool = false
  ) -> [UInt8] {
    let hidden = request.hidden
    let size = page?.reduce(0) { $0 + $1.range.count + 1 } ?? 0
    return document.bytes.withUnsafeBufferPointer { bytes in
      var json = JSONWriter(capacity: size + 256)
      json.copy(bytes, document.whole) { name, _, json in
        if isUnknown, JSONBytes.equals(bytes, name, "server_id") {
          json.member("server_id", "")
        } else if JSONBytes.equals(bytes, name, "num_connections") {
          json.member("num_connections", page?.count ?? 0)
        } else if JSONBytes.equals(bytes, name, "total") {
          json.member("total", total)
        } else if JSONBytes.equals(bytes, name, "offset") {
          json.member("offset", request.offset)
        } else if JSONBytes.equals(bytes, name, "limit") {
          json.member("limit", request.limit)
        } else if JSONBytes.equals(bytes, name, "connections") {
          json.key("connections")
          guard let page else {
            json.null()
            return .written
          }
          json.array { json in for row in page { json.copy(bytes, row.range, without: hidden) } }
        } else {
          return .kept
        }
        return .written
      }
      return json.bytes
    }
  }
}
