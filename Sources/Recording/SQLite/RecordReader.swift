import Wire

/// Reads a record file. Confined to one caller at a time.
final class RecordReader {
  private static let columns =
    "number, began, at, expected, responded, missing, critical, warning, info, documents, bytes, document_bytes"

  let path: String
  let database: Database
  let frames: DocumentFrames
  private let mostHeld: Int
  /// The names of the documents of the header that was read last: as a rule they are those of the next.
  private var lastNames = (text: "", names: [String]())

  /// - Parameters:
  ///   - mostHeld: Bytes of memory that the documents of an epoch may take that those of the next one rest on.
  ///   - isUnchanging: Nobody writes it, and nothing is made beside it.
  init(path: String, mostHeld: Int = RecordWriter.mostHeld, isUnchanging: Bool = false) throws(RecordError) {
    self.path = path
    self.mostHeld = mostHeld
    guard let frames = DocumentFrames() else { throw .failed(path: path, reason: "out of memory") }
    self.frames = frames
    do throws(Database.Failure) { database = try Database(path: path, isUnchanging ? .unchanging : .readOnly) } catch {
      throw RecordError(error, path: path)
    }
  }

  /// Opens a file that may be anything, or not be there.
  convenience init(checking path: String, isUnchanging: Bool) throws(RecordError) {
    try self.init(path: path, isUnchanging: isUnchanging)
    try RecordSchema.check(database, path: path)
  }

  func epochs(since: Timestamp?, until: Timestamp?, most: Int) throws(RecordError) -> [EpochHeader] {
    let found = try headers(
      "WHERE at >= ? AND at <= ? ORDER BY at DESC LIMIT ?",
      [.int(since.map(\.column) ?? .min), .int(until.map(\.column) ?? .max), .int(most)])
    return found.reversed()
  }

  func epoch(at moment: Timestamp) throws(RecordError) -> EpochHeader? {
    try headers("WHERE at <= ? ORDER BY at DESC LIMIT 1", [.int(moment.column)]).first
  }

  func epoch(number: Int) throws(RecordError) -> EpochHeader? { try headers("WHERE number = ?", [.int(number)]).first }

  private func headers(_ condition: String, _ values: [Statement.Value]) throws(RecordError) -> [EpochHeader] {
    try database.as(path) { database throws(Database.Failure) in
      var found: [EpochHeader] = []
      try database.query("SELECT \(RecordReader.columns) FROM epochs \(condition)", values) { row in
        let text = row.text(9)
        if text != lastNames.text { lastNames = (text, text.split(separator: " ").map(String.init)) }
        found.append(EpochHeader(row, documents: lastNames.names))
      }
      return found
    }
  }

  func beliefs(ofEpoch number: Int) throws(RecordError) -> [UInt8] {
    let found = try database.as(path) { database throws(Database.Failure) in
      var found: (frame: [UInt8], size: Int)?
      try database.query("SELECT beliefs, beliefs_size FROM epochs WHERE number = ?", [.int(number)]) { row in
        found = (row.blob(0), row.int(1))
      }
      return found
    }
    guard let found else { throw .gone(epoch: number) }
    guard let beliefs = frames.unpack(found.frame, prefix: nil, size: found.size) else {
      throw .damaged(path: path, reason: "what was believed at epoch \(number) cannot be unpacked")
    }
    return beliefs
  }

  func documents(ofEpoch number: Int, named document: String) throws(RecordError) -> [RecordedDocument] {
    // All of it as it is at one moment: what is given up meanwhile is there to the end.
    try database.as(path) { database throws(Database.Failure) in try database.run("BEGIN") }
    defer { try? database.run("COMMIT") }
    guard try epoch(number: number) != nil else { throw .gone(epoch: number) }
    return try allDocuments(ofEpoch: number, named: document)
  }

  private func allDocuments(ofEpoch number: Int, named document: String) throws(RecordError) -> [RecordedDocument] {
    let rows = try packedDocuments(ofEpoch: number, named: document)
    var found: [RecordedDocument] = []
    found.reserveCapacity(rows.count)
    for row in rows {
      let key = RecordedDocument.Key(server: row.serverID, document: document, account: row.account)
      found.append(RecordedDocument(key, bytes: try unpack(row, of: number).document, rtt: Span(nanoseconds: Int64(row.rtt))))
    }
    return found
  }

  private func packedDocuments(ofEpoch number: Int, named document: String) throws(RecordError) -> [PackedDocument] {
    try database.as(path) { database throws(Database.Failure) in
      guard let name = try database.number("SELECT id FROM names WHERE name = ?", [.text(document)]) else { return [] }
      var rows: [PackedDocument] = []
      try database.query(
        """
        SELECT d.server, d.account, d.prefix, d.size, d.rtt, d.frame, s.server FROM documents d JOIN servers s ON s.id = d.server
        WHERE d.epoch = ? AND d.name = ? ORDER BY s.server, d.account
        """, [.int(number), .int(name)]
      ) { row in rows.append(PackedDocument(row, name: name)) }
      return rows
    }
  }

  func documents(
    named document: String, since: Timestamp, until: Timestamp, most: Int, _ each: (EpochHeader, RecordedDocument) -> Bool
  ) throws(RecordError) {
    try database.as(path) { database throws(Database.Failure) in try database.run("BEGIN") }
    defer { try? database.run("COMMIT") }
    // What the next epoch's documents rest on, as a rule: one epoch's documents of this name, as many as their writer holds.
    var before: [DocumentPlace: (epoch: Int, parts: SplitDocument)] = [:]
    var left = most
    for header in try headers("WHERE at >= ? AND at <= ? ORDER BY at", [.int(since.column), .int(until.column)]) {
      let rows = try packedDocuments(ofEpoch: header.number, named: document)
      guard left > 0 else { return }
      var now: [DocumentPlace: (epoch: Int, parts: SplitDocument)] = [:]
      var held = 0
      for row in rows {
        guard left > 0 else { return }
        left -= 1
        let (bytes, parts) = try unpack(row, of: header.number, after: before[row.place])
        if held + parts.footprint <= mostHeld {
          held += parts.footprint
          now[row.place] = (header.number, parts)
        }
        let key = RecordedDocument.Key(server: row.serverID, document: document, account: row.account)
        guard each(header, RecordedDocument(key, bytes: bytes, rtt: Span(nanoseconds: Int64(row.rtt)))) else { return }
      }
      before = now
    }
  }

  /// Unpacks a document after the one before it, where that is the one that it rests on; else after all that it rests on.
  private func unpack(
    _ document: PackedDocument, of epoch: Int, after known: (epoch: Int, parts: SplitDocument)?
  ) throws(RecordError) -> (document: [UInt8], parts: SplitDocument) {
    guard let known, document.prefix == known.epoch else { return try unpack(document, of: epoch) }
    return try unpack(document, of: epoch, known.parts)
  }

  private func unpack(
    _ document: PackedDocument, of epoch: Int, _ before: SplitDocument?
  ) throws(RecordError) -> (document: [UInt8], parts: SplitDocument) {
    guard let unpacked = frames.unpackParts(document.frame, after: before, size: document.size) else {
      throw unreadable(epoch)
    }
    return unpacked
  }

  private func unreadable(_ epoch: Int) -> RecordError {
    .damaged(path: path, reason: "a document of epoch \(epoch) cannot be unpacked")
  }

  /// Unpacks a document after all that it rests on.
  private func unpack(_ document: PackedDocument, of epoch: Int) throws(RecordError) -> (document: [UInt8], parts: SplitDocument) {
    var chain = [document]
    while let prefix = chain.last?.prefix {
      guard chain.count < RecordWriter.rowLength, let before = try packed(document, epoch: prefix) else {
        throw .damaged(path: path, reason: "a document of epoch \(epoch) rests on one of epoch \(prefix) that is not there")
      }
      chain.append(before)
    }
    var parts: SplitDocument?
    for step in chain.dropFirst().reversed() {
      guard let next = frames.unpackStep(step.frame, after: parts, size: step.size) else { throw unreadable(epoch) }
      parts = next
    }
    return try unpack(document, of: epoch, parts)
  }

  /// The same server's document of another epoch.
  private func packed(_ document: PackedDocument, epoch: Int) throws(RecordError) -> PackedDocument? {
    try database.as(path) { database throws(Database.Failure) in
      var found: PackedDocument?
      try database.query(
        """
        SELECT server, account, prefix, size, rtt, frame FROM documents WHERE epoch = ? AND name = ? AND server = ? AND account = ?
        """, [.int(epoch), .int(document.name), .int(document.server), .text(document.account)]
      ) { row in found = PackedDocument(row, name: document.name) }
      return found
    }
  }

  func extent() throws(RecordError) -> RecordExtent? {
    try database.as(path) { database throws(Database.Failure) in
      let bytes = try RecordWriter.size(of: database)
      var found: RecordExtent?
      try database.query("SELECT min(at), max(at), count(*) FROM epochs") { row in
        guard !row.isNull(0) else { return }
        found = RecordExtent(
          oldest: Timestamp(column: row.int(0)), newest: Timestamp(column: row.int(1)), epochs: row.int(2), bytes: bytes)
      }
      return found
    }
  }
}

/// Whose document it is, among those of one name.
private struct DocumentPlace: Hashable {
  let server: Int
  let account: String
}

/// A document as the file holds it.
private struct PackedDocument {
  let name: Int
  let server: Int
  var serverID = ""
  let account: String
  /// The epoch whose document is the prefix; nil where there is none.
  let prefix: Int?
  let size: Int
  let rtt: Int
  let frame: [UInt8]

  var place: DocumentPlace { DocumentPlace(server: server, account: account) }

  init(_ row: Statement, name: Int) {
    self.name = name
    server = row.int(0)
    account = row.text(1)
    prefix = row.optionalInt(2)
    size = row.int(3)
    rtt = row.int(4)
    frame = row.blob(5)
    serverID = row.text(6)
  }
}

extension EpochHeader {
  fileprivate init(_ row: Statement, documents: [String]) {
    self.init(
      number: row.int(0), began: Timestamp(column: row.int(1)), at: Timestamp(column: row.int(2)),
      expected: row.optionalInt(3), responded: row.int(4), missing: row.int(5),
      findings: row.isNull(6) ? nil : FindingCounts(critical: row.int(6), warning: row.int(7), info: row.int(8)),
      documents: documents)
    bytes = row.int(10)
    documentBytes = row.int(11)
  }
}
