import SystemAPI
import Wire

/// JSZ: JetStream, and one account's part of it.
struct Jsz {
  /// From these releases on `streams` brings no other accounts where one was asked for.
  private static let keepsToAccount = [ServerVersion(2, 10, 14)]
  private static let defaultLimit = Endpoint.jsz.rows?.defaultLimit ?? 1024

  private let document: Document
  private let parts: JszParts

  static func answer(_ payload: RequestPayload, _ documents: RecordedDocuments) throws(Obstacle) -> [UInt8] {
    let jsz = try Jsz(payload, documents, impliesStreams: true)
    let isDisabled = jsz.document.isTrue("disabled")
    if payload.bool("leader_only"), isDisabled || !jsz.isLeader(documents) { throw .silent }
    if isDisabled { return jsz.document.bytes }
    return jsz.write(try jsz.accounts(payload, documents), raft: jsz.parts.raft)
  }

  /// `$SYS.REQ.ACCOUNT.<a>.JSZ`. Consumers are shown with streams only, and do not bring them along.
  static func answer(_ payload: RequestPayload, _ documents: RecordedDocuments, account: String) throws(Obstacle) -> [UInt8] {
    let jsz = try Jsz(payload, documents, impliesStreams: false)
    if jsz.document.isTrue("disabled") { throw .refused("jetstream not enabled") }
    let all = try jsz.all()
    guard let row = all.first(where: { jsz.document.string("id", in: $0) == account }) else {
      try jsz.checkWhole(all)
      let isKnown = try AccountNames.has(account, documents)
      throw .refused("account \(GoQuote.quoted(account)) not \(isKnown ? "jetstream enabled" : "found")")
    }
    return jsz.document.bytes.withUnsafeBufferPointer { bytes in
      var json = JSONWriter(capacity: row.count)
      jsz.parts.writeAccount(bytes, row, &json)
      return json.bytes
    }
  }

  private init(_ payload: RequestPayload, _ documents: RecordedDocuments, impliesStreams: Bool) throws(Obstacle) {
    document = Document(.jsz, try documents.document(.jsz))
    _ = try document.members("accounts")
    if !impliesStreams || payload.bool("accounts") || payload.bool("streams") || !payload.string("account").isEmpty {
      try documents.need(.jsz, "accounts", for: "accounts")
    }
    let consumers = payload.bool("consumer")
    if consumers, payload.bool("direct_consumer"), documents.isSince(Endpoint.jsz.parameter("direct-consumers")?.since ?? []) {
      try documents.need(.jsz, "direct_consumer", for: "direct-consumers")
    }
    parts = JszParts(
      streams: payload.bool("streams") || (consumers && impliesStreams), consumers: consumers,
      direct: payload.bool("direct_consumer"), config: payload.bool("config"), raft: payload.bool("raft"),
      ledBy: payload.bool("stream_leader_only") && documents.isSince(Endpoint.jsz.parameter("stream-leader-only")?.since ?? [])
        ? documents.description.name : nil)
  }

  /// A server whose JetStream is not clustered leads it.
  private func isLeader(_ documents: RecordedDocuments) -> Bool {
    guard let meta = try? document.members("meta_cluster")[0] else { return true }
    return document.string("leader", in: meta) == documents.description.name
  }

  // MARK: Accounts

  private func all() throws(Obstacle) -> [Range<Int>] { document.elements(try document.members("account_details")[0]) }

  /// The server counts its accounts, whether it shows them or not.
  private func checkWhole(_ rows: [Range<Int>]) throws(Obstacle) {
    let count = document.integer("accounts") ?? rows.count
    if rows.count < count { throw .notRecorded(.rows(.jsz, kept: rows.count, of: count)) }
  }

  private func accounts(_ payload: RequestPayload, _ documents: RecordedDocuments) throws(Obstacle) -> [Range<Int>] {
    let wanted = payload.string("account")
    let keepsToAccount = documents.isSince(Self.keepsToAccount)
    let shows = payload.bool("accounts") || (parts.streams && (wanted.isEmpty || !keepsToAccount))
    guard shows || !wanted.isEmpty else { return [] }
    let all = try all()
    if !wanted.isEmpty, let row = all.first(where: { document.string("id", in: $0) == wanted }) { return [row] }
    try checkWhole(all)
    guard shows else { return [] }
    return page(all, offset: payload.int("offset"), limit: payload.int("limit"))
  }

  /// By name, as newer servers do; older ones give the first page in no order.
  private func page(_ all: [Range<Int>], offset: Int, limit: Int) -> [Range<Int>] {
    guard limit >= 0 else { return all }
    let sorted = all.map { (id: Array((document.string("id", in: $0) ?? "").utf8), row: $0) }
      .sorted { $0.id.lexicographicallyPrecedes($1.id) }
    return Array(sorted.dropFirst(max(0, offset)).prefix(limit == 0 ? Self.defaultLimit : limit).map(\.row))
  }

  private func write(_ rows: [Range<Int>], raft: Bool) -> [UInt8] {
    document.bytes.withUnsafeBufferPointer { bytes in
      var json = JSONWriter(capacity: 1024 + (parts.streams ? rows.reduce(0) { $0 + $1.count } : 512 * rows.count))
      json.copy(bytes, document.whole) { name, _, json in
        if JSONBytes.equals(bytes, name, "account_details") {
          guard !rows.isEmpty else { return .leftOut }
          json.key("account_details")
          json.array { json in for row in rows { parts.writeAccount(bytes, row, &json) } }
          return .written
        }
        let counts = JSONBytes.equals(bytes, name, "streams_leader") || JSONBytes.equals(bytes, name, "consumers_leader")
        return counts && !raft ? .leftOut : .kept
      }
      return json.bytes
    }
  }
}
