import Wire

/// Blocks of series, in tables of their own: they stay when the epochs go that they were made of.
extension RecordWriter {
  /// So many hours of blocks go at once for their age.
  private static let mostAgedHours = 4

  func write(_ blocks: [SeriesBlock]) throws(RecordError) {
    // Not known where they are not written.
    let known = blockBytes
    blockBytes = nil
    var more = 0
    try database.as(path) { database throws(Database.Failure) in
      try database.transaction { () throws(Database.Failure) in
        for block in blocks { more += try insert(block, counts: known != nil) }
      }
    }
    blockBytes = known.map { $0 + more }
  }

  /// - Parameter counts: Somebody wants to know what it comes to.
  /// - Returns: By how much blocks have grown.
  private func insert(_ block: SeriesBlock, counts: Bool) throws(Database.Failure) -> Int {
    guard block.bytes.count <= SeriesBlock.largest, let frame = frames.pack(plain: block.bytes) else { return 0 }
    var replaced = 0
    if counts {
      replaced =
        try database.number(
          "SELECT length(frame) FROM blocks WHERE hour = ? AND series = (SELECT id FROM series WHERE kind = ? AND entity = ?)",
          [.int(block.key.hour), .text(block.key.kind), .text(block.key.entity)]) ?? 0
    }
    try database.query(
      "INSERT INTO series (kind, entity) VALUES (?, ?) ON CONFLICT DO NOTHING", [.text(block.key.kind), .text(block.key.entity)])
    try database.query(
      "INSERT OR REPLACE INTO blocks (series, hour, size, frame) SELECT id, ?, ?, ? FROM series WHERE kind = ? AND entity = ?",
      [.int(block.key.hour), .int(block.bytes.count), .blob(frame), .text(block.key.kind), .text(block.key.entity)])
    return frame.count - replaced
  }

  /// - Parameters: As of ``trim(before:bytes:)``, which has given up the epochs that may go.
  func trimBlocks(before: Timestamp?, bytes: Int?) throws(Database.Failure) {
    if let before {
      var left = RecordWriter.mostAgedHours
      while left > 0, let oldest = try oldestHour, oldest < before.seconds / 3600 {
        try remove(hour: oldest)
        left -= 1
      }
    }
    // Blocks make no room for a row that alone may be larger than the bound.
    while let bytes, try RecordWriter.size(of: database) > bytes, try RecordWriter.size(of: database) - bytesUnderWay > bytes,
      let oldest = try oldestHour
    { try remove(hour: oldest) }
    try removeSeriesOfNothing()
  }

  /// Things that are gone for good, once blocks have gone in whatever way.
  private func removeSeriesOfNothing() throws(Database.Failure) {
    guard haveBlocksGone else { return }
    try database.run("DELETE FROM series WHERE NOT EXISTS (SELECT 1 FROM blocks WHERE blocks.series = series.id)")
    haveBlocksGone = false
  }

  /// Gives up the oldest hour of blocks where it was over before a moment, and all of them take more than so many bytes.
  ///
  /// - Returns: Whether it did.
  func giveUpBlocks(before: Timestamp, beyond most: Int) throws(Database.Failure) -> Bool {
    guard let hour = try oldestHour, hour < before.seconds / 3600, try countedBlockBytes > most else { return false }
    try remove(hour: hour)
    return true
  }

  /// What all blocks take: they are looked through once, and reckoned from then on.
  private var countedBlockBytes: Int {
    get throws(Database.Failure) {
      if let blockBytes { return blockBytes }
      let found = try database.number("SELECT sum(length(frame)) FROM blocks") ?? 0
      blockBytes = found
      return found
    }
  }

  private var oldestHour: Int? {
    get throws(Database.Failure) { try database.number("SELECT min(hour) FROM blocks") }
  }

  private func remove(hour: Int) throws(Database.Failure) {
    haveBlocksGone = true
    let known = blockBytes
    blockBytes = nil
    let given = known == nil ? 0 : try database.number("SELECT sum(length(frame)) FROM blocks WHERE hour = ?", [.int(hour)]) ?? 0
    try database.query("DELETE FROM blocks WHERE hour = ?", [.int(hour)])
    blockBytes = known.map { $0 - given }
    try database.run("PRAGMA incremental_vacuum")
  }
}
