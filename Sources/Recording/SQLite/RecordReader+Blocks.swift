/// Blocks of series.
extension RecordReader {
  func blocks(
    _ kind: String, hours: ClosedRange<Int>, of entities: SeriesEntities, _ each: (SeriesBlock) -> Bool
  ) throws(RecordError) {
    switch entities {
    case .all: _ = try blocks(kind, hours, "", [], each)
    case .beginning(let prefix):
      // The last character that there is: by their bytes, which is how the file orders them, all that begins so lies between.
      let end = prefix + "\u{10FFFF}"
      _ = try blocks(kind, hours, " AND s.entity BETWEEN ? AND ?", [.text(prefix), .text(end)], each)
    case .these(let entities):
      for entity in entities { guard try blocks(kind, hours, " AND s.entity = ?", [.text(entity)], each) else { return } }
    }
  }

  /// - Returns: false where the caller wants no more.
  private func blocks(
    _ kind: String, _ hours: ClosedRange<Int>, _ condition: String, _ values: [Statement.Value], _ each: (SeriesBlock) -> Bool
  ) throws(RecordError) -> Bool {
    var wantsMore = true
    var damaged: SeriesBlock.Key?
    try database.as(path) { database throws(Database.Failure) in
      try database.query(
        """
        SELECT s.entity, b.hour, b.size, b.frame FROM series s JOIN blocks b ON b.series = s.id
        WHERE s.kind = ?\(condition) AND b.hour BETWEEN ? AND ? ORDER BY s.id, b.hour
        """, [.text(kind)] + values + [.int(hours.lowerBound), .int(hours.upperBound)]
      ) { row in
        guard wantsMore, damaged == nil else { return }
        let key = SeriesBlock.Key(hour: row.int(1), kind: kind, entity: row.text(0))
        if let bytes = frames.unpack(plain: row.blob(3), size: row.int(2)) {
          wantsMore = each(SeriesBlock(key, bytes: bytes))
        } else {
          damaged = key
        }
      }
    }
    if let damaged { throw .damaged(path: path, reason: "the \(kind) block of hour \(damaged.hour) cannot be unpacked") }
    return wantsMore
  }
}
