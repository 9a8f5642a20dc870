import Wire

/// Writes a record file. Confined to one caller at a time.
final class RecordWriter {
  /// Every so many epochs documents are packed without a prefix: so many frames are unpacked at most for one document, and so many epochs
  /// go together when the oldest are given up.
  static let rowLength = 16
  /// So many rows of epochs go at once for their age. A clock that was wrong for a moment then costs little, and a right one keeps up.
  private static let mostAged = 2
  /// What may be held of an epoch's documents for those of the next one, in bytes of memory: 25 MB of connections. Those beyond are packed by
  /// themselves.
  static let mostHeld = 64 << 20

  let path: String
  let database: Database
  let frames: DocumentFrames
  private let packing: DocumentPacking
  /// The first epoch of the row that is being written, and how many it has.
  private var row: (first: Int, length: Int)?
  private var held: [RecordedDocument.Key: (epoch: Int, parts: SplitDocument)] = [:]
  private let mostHeld: Int
  private var servers = NumberedTexts(table: "servers", column: "server")
  private var names = NumberedTexts(table: "names", column: "name")
  /// Blocks were removed, and what they were of may still be named.
  var haveBlocksGone = false
  /// What all blocks take; nil where nobody has looked yet.
  var blockBytes: Int?

  /// - Parameter packers: Documents that are packed beside each other.
  init(path: String, mostHeld: Int = RecordWriter.mostHeld, packers: Int = 1) throws(RecordError) {
    self.path = path
    self.mostHeld = mostHeld
    guard let frames = DocumentFrames(), let packing = DocumentPacking(beside: packers) else {
      throw .failed(path: path, reason: "out of memory")
    }
    self.frames = frames
    self.packing = packing
    do throws(Database.Failure) { database = try Database(path: path, .readWrite) } catch { throw RecordError(error, path: path) }
    try RecordSchema.prepare(database, path: path)
  }

  func write(_ epoch: Epoch) throws(RecordError) -> EpochHeader? {
    let begins = row.map { $0.length >= RecordWriter.rowLength } ?? true
    let first = begins ? epoch.header.number : row?.first ?? epoch.header.number
    let before = begins ? [:] : held
    var header = epoch.header
    var isNew = true
    var next: [RecordedDocument.Key: (epoch: Int, parts: SplitDocument)] = [:]
    var bytes = 0
    var isWritten = false
    // Numbers that were given are gone with all else.
    defer { if !isWritten { (servers.known, names.known) = ([:], [:]) } }
    try database.as(path) { database throws(Database.Failure) in
      try database.transaction { () throws(Database.Failure) in
        guard try database.number("SELECT 1 FROM epochs WHERE number = ?", [.int(header.number)]) == nil else { return isNew = false }
        header.bytes = 0
        header.documentBytes = 0
        for start in stride(from: 0, to: epoch.documents.count, by: packing.portion) {
          let portion = Array(epoch.documents[start..<min(start + packing.portion, epoch.documents.count)])
          for (document, packed) in zip(portion, packing.packed(portion, after: portion.map { before[$0.key]?.parts })) {
            // One that no frame takes is left out: nothing rests on it.
            guard let frame = packed.frame else { continue }
            try insert(document, frame, after: before[document.key]?.epoch, &header)
            guard bytes + packed.parts.footprint <= mostHeld else { continue }
            bytes += packed.parts.footprint
            next[document.key] = (header.number, packed.parts)
          }
        }
        try insert(header, row: first, beliefs: epoch.beliefs)
      }
    }
    isWritten = true
    guard isNew else { return nil }
    row = (first, begins ? 1 : (row?.length ?? 0) + 1)
    held = next
    return header
  }

  /// - Parameter before: The epoch whose document it rests on.
  private func insert(
    _ document: RecordedDocument, _ frame: [UInt8], after before: Int?, _ header: inout EpochHeader
  ) throws(Database.Failure) {
    let server = try servers.number(of: document.key.server, database)
    let name = try names.number(of: document.key.document, database)
    try database.query(
      "INSERT INTO documents (epoch, name, server, account, prefix, size, rtt, frame) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      [
        .int(header.number), .int(name), .int(server), .text(document.key.account), .optional(before), .int(document.bytes.count),
        .int(Int(document.rtt.nanoseconds)), .blob(frame),
      ])
    header.bytes += frame.count
    header.documentBytes += document.bytes.count
  }

  private func insert(_ header: EpochHeader, row: Int, beliefs: [UInt8]) throws(Database.Failure) {
    let frame = frames.pack(beliefs, prefix: nil) ?? []
    try database.query(
      """
      INSERT INTO epochs (number, at, began, row, expected, responded, missing, critical, warning, info, documents, bytes, document_bytes,
        beliefs, beliefs_size) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        .int(header.number), .int(header.at.column), .int(header.began.column), .int(row), .optional(header.expected),
        .int(header.responded), .int(header.missing), .optional(header.findings?.critical), .optional(header.findings?.warning),
        .optional(header.findings?.info), .text(header.documents.joined(separator: " ")), .int(header.bytes + frame.count),
        .int(header.documentBytes), .blob(frame), .int(beliefs.count),
      ])
  }

  func trim(before: Timestamp?, bytes: Int?) throws(RecordError) {
    try database.as(path) { database throws(Database.Failure) in
      if let before { for row in try rows(before: before) { try remove(row: row) } }
      if let bytes {
        while try RecordWriter.size(of: database) > bytes, try giveUpOldest(bytes) {}
      }
      try trimBlocks(before: before, bytes: bytes)
    }
  }

  /// Gives up the oldest row of epochs, or the oldest hour of blocks where these reach further back and take more than their share.
  ///
  /// - Returns: false where only the row is left that is being written.
  private func giveUpOldest(_ bytes: Int) throws(Database.Failure) -> Bool {
    var oldest: (row: Int, at: Int)?
    try database.query("SELECT row, at FROM epochs WHERE row <> ? ORDER BY at LIMIT 1", [.int(row?.first ?? .min)]) { row in
      oldest = (row.int(0), row.int(1))
    }
    guard let oldest else { return false }
    guard try !giveUpBlocks(before: Timestamp(column: oldest.at), beyond: bytes / SeriesBlock.share) else { return true }
    try remove(row: oldest.row)
    return true
  }

  /// Rows whose last epoch is too old: others rest on their first ones. One that a clock ahead wrote into stays, and nobody waits for it.
  private func rows(before: Timestamp) throws(Database.Failure) -> [Int] {
    var found: [Int] = []
    try database.query(
      """
      SELECT row FROM epochs AS old WHERE at < ? AND row <> ?
      AND NOT EXISTS (SELECT 1 FROM epochs AS one WHERE one.row = old.row AND one.at >= ?)
      GROUP BY row ORDER BY min(at) LIMIT ?
      """, [.int(before.column), .int(row?.first ?? .min), .int(before.column), .int(RecordWriter.mostAged)]
    ) { found.append($0.int(0)) }
    return found
  }

  /// What the row takes that may not go, since it is being written.
  var bytesUnderWay: Int {
    get throws(Database.Failure) { try database.number("SELECT sum(bytes) FROM epochs WHERE row = ?", [.int(row?.first ?? .min)]) ?? 0 }
  }

  private func remove(row: Int) throws(Database.Failure) {
    try database.transaction { () throws(Database.Failure) in
      try database.query("DELETE FROM documents WHERE epoch IN (SELECT number FROM epochs WHERE row = ?)", [.int(row)])
      try database.query("DELETE FROM epochs WHERE row = ?", [.int(row)])
    }
    try database.run("PRAGMA incremental_vacuum")
  }

  func limit(pages: Int) { try? database.run("PRAGMA max_page_count = \(pages)") }

  /// What a file's contents take; the log that is not worked in yet comes on top of it.
  static func size(of database: Database) throws(Database.Failure) -> Int {
    let pages = try database.number("PRAGMA page_count") ?? 0
    let free = try database.number("PRAGMA freelist_count") ?? 0
    return (pages - free) * (try database.number("PRAGMA page_size") ?? 0)
  }
}
