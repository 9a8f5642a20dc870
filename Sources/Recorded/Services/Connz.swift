import SystemAPI
import Wire

/// CONNZ: open connections.
enum Connz {
  static func answer(_ payload: RequestPayload, _ documents: RecordedDocuments, account: String? = nil) throws(Obstacle) -> [UInt8] {
    let request = try ConnzRequest(payload, account: account, documents)
    let isKnown = request.account.isEmpty ? true : try AccountNames.has(request.account, documents)
    let (document, leafnodes) = try document(request, documents, isKnown: isKnown)
    let rows = try ConnzRows(request, documents, document)
    guard isKnown else { return write(document, rows, request, total: 0, page: nil) }
    guard request.state == ConnzRequest.open else { return write(document, rows, request, total: 0, page: []) }
    let recorded = document.integer("total") ?? rows.kept
    try checkRows(request, rows, recorded, document.name)
    let first = min(request.offset, rows.rows.count)
    let page = rows.rows[first..<first + min(request.limit, rows.rows.count - first)]
    return write(document, rows, request, total: request.account.isEmpty ? recorded : rows.total + leafnodes, page: page)
  }

  /// The document that holds the rows, and how many leafnode connections of the account it does not hold.
  private static func document(
    _ request: ConnzRequest, _ documents: RecordedDocuments, isKnown: Bool
  ) throws(Obstacle) -> (Document, leafnodes: Int) {
    let whole = Document(.connz, try documents.document(.connz))
    guard isKnown, !request.account.isEmpty, !documents.isSince(FullDocument.listsLeafnodes) else { return (whole, 0) }
    let leafnodes = try Leafz.count(of: request.account, documents)
    // Leafnode connections are not found by their id.
    if leafnodes == 0 || request.cid > 0 { return (whole, leafnodes) }
    if let own = try documents.find(.leafconnz, account: request.account) { return (Document(.leafconnz, own), 0) }
    throw .notRecorded(.account(request.account))
  }

  /// Rows that were not kept are those at the end of the default order.
  private static func checkRows(_ request: ConnzRequest, _ rows: ConnzRows, _ recorded: Int, _ name: FullDocument.Name) throws(Obstacle) {
    guard rows.kept < recorded else { return }
    let isPlain = request.account.isEmpty && request.user.isEmpty && request.mqttClient.isEmpty
    if case .cid = request.order, isPlain, request.cid > 0 ? !rows.rows.isEmpty : request.offset + request.limit <= rows.kept {
      return
    }
    throw .notRecorded(.rows(name, kept: rows.kept, of: recorded))
  }

  /// - Parameter page: nil where the account is unknown.
  private static func write(
    _ document: Document, _ rows: ConnzRows, _ request: ConnzRequest, total: Int, page: ArraySlice<ConnzRows.Row>?
  ) -> [UInt8] {
    let hidden = request.hidden
    let size = page?.reduce(0) { $0 + $1.range.count + 1 } ?? 0
    return document.bytes.withUnsafeBufferPointer { bytes in
      var json = JSONWriter(capacity: size + 256)
      json.beginObject()
      for (name, value) in rows.members {
        if page == nil, JSONBytes.equals(bytes, name, "server_id") {
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
            continue
          }
          json.beginArray()
          for row in page { request.subscriptions.copy(bytes, row.range, without: hidden, &json) }
          json.endArray()
        } else {
          json.raw(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[name.lowerBound - 1..<value.upperBound]))
        }
      }
      json.endObject()
      return json.bytes
    }
  }
}
