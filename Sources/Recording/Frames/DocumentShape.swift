/// Where the numbers of a split document stand: told by its text alone, so that whoever unpacks it finds them as whoever packed it did.
struct DocumentShape: Sendable, Equatable {
  /// For each number what stands before it in its member, as a hash.
  let contexts: [UInt32]
  /// The objects and arrays that stand in arrays: where each begins in the text, and its first number. The first is the document itself.
  let rows: [Row]

  struct Row: Sendable, Equatable {
    let offset: Int32
    let first: Int32
  }

  init(_ text: [UInt8]) {
    var contexts: [UInt32] = []
    contexts.reserveCapacity(text.count / 8)
    var rows = [Row(offset: 0, first: 0)]
    var hash: UInt32 = 0
    var before: UInt8 = 0
    text.withUnsafeBufferPointer { text in
      for (place, byte) in text.enumerated() {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
          contexts.append(hash)
          // Not the width: a fraction whose last zeros are left out stands where it stood.
          hash = hash &* 31 &+ 48
        case UInt8(ascii: ","): hash = 0
        case UInt8(ascii: "{"), UInt8(ascii: "["):
          if before == UInt8(ascii: ",") || before == UInt8(ascii: "[") {
            rows.append(Row(offset: Int32(truncatingIfNeeded: place), first: Int32(truncatingIfNeeded: contexts.count)))
          }
          hash = 0
        default: hash = hash &* 31 &+ UInt32(byte)
        }
        before = byte
      }
    }
    self.contexts = contexts
    self.rows = rows
  }

  /// The numbers of a row.
  func numbers(_ row: Int) -> Range<Int> {
    Int(rows[row].first)..<(row + 1 < rows.count ? Int(rows[row + 1].first) : contexts.count)
  }

  /// The column of a number: what stands at the same place in many rows goes together. Two places may share one.
  static let columns = 1 << 10
  static func column(_ context: UInt32) -> Int { Int((context &* 0x9E37_79B1) >> 22) }

  /// The numbers' places, column by column, within one as they stand.
  var byColumn: [Int32] {
    var starts = [Int32](repeating: 0, count: DocumentShape.columns + 1)
    for context in contexts { starts[DocumentShape.column(context) + 1] += 1 }
    for column in 0..<DocumentShape.columns { starts[column + 1] += starts[column] }
    return [Int32](unsafeUninitializedCapacity: contexts.count) { places, count in
      for (place, context) in contexts.enumerated() {
        let column = DocumentShape.column(context)
        places[Int(starts[column])] = Int32(truncatingIfNeeded: place)
        starts[column] += 1
      }
      count = contexts.count
    }
  }
}
