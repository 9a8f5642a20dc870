/// Where the numbers of a split document stand: told by its text alone, so that whoever unpacks it finds them as whoever packed it did.
struct DocumentShape: Sendable, Equatable {
  /// For each number what stands before it in its member, as a hash.
  let contexts: [UInt32]
  /// The objects and arrays that stand in arrays: where each begins in the text, and its first number. The first is the document itself.
  let rows: [Row]
  /// The numbers' places, column by column, within one as they stand.
  let byColumn: [Int32]

  /// The most of a text that is taken apart: a server's answer of the largest size has fewer.
  static let mostNumbers = 4 << 20
  static let mostRows = 1 << 20

  struct Row: Sendable, Equatable {
    let offset: Int32
    let first: Int32
  }

  /// nil for a text that has more: a few bytes of a frame may unpack to millions of brackets.
  init?(_ text: [UInt8]) {
    var contexts: [UInt32] = []
    contexts.reserveCapacity(min(text.count / 8, DocumentShape.mostNumbers))
    var rows = [Row(offset: 0, first: 0)]
    var isTooMuch = false
    var hash: UInt32 = 0
    var before: UInt8 = 0
    text.withUnsafeBufferPointer { text in
      for (place, byte) in text.enumerated() {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
          guard contexts.count < DocumentShape.mostNumbers else { return isTooMuch = true }
          contexts.append(hash)
          // Not the width: a fraction whose last zeros are left out stands where it stood.
          hash = hash &* 31 &+ 48
        case UInt8(ascii: ","): hash = 0
        case UInt8(ascii: "{"), UInt8(ascii: "["):
          if before == UInt8(ascii: ",") || before == UInt8(ascii: "[") {
            guard rows.count < DocumentShape.mostRows else { return isTooMuch = true }
            rows.append(Row(offset: Int32(truncatingIfNeeded: place), first: Int32(truncatingIfNeeded: contexts.count)))
          }
          hash = 0
        default: hash = hash &* 31 &+ UInt32(byte)
        }
        before = byte
      }
    }
    guard !isTooMuch else { return nil }
    self.contexts = contexts.fitted
    self.rows = rows.fitted
    byColumn = DocumentShape.byColumn(contexts)
  }

  private init() { (contexts, rows, byColumn) = ([], [Row(offset: 0, first: 0)], []) }

  /// That of a document that stays whole.
  static let empty = DocumentShape()

  /// The numbers of a row.
  func numbers(_ row: Int) -> Range<Int> {
    Int(rows[row].first)..<(row + 1 < rows.count ? Int(rows[row + 1].first) : contexts.count)
  }

  /// The column of a number: what stands at the same place in many rows goes together. Two places may share one.
  static let columns = 1 << 10
  static func column(_ context: UInt32) -> Int { Int((context &* 0x9E37_79B1) >> 22) }

  private static func byColumn(_ contexts: [UInt32]) -> [Int32] {
    guard !contexts.isEmpty else { return [] }
    var starts = [Int32](repeating: 0, count: columns + 1)
    return contexts.withUnsafeBufferPointer { contexts in
      starts.withUnsafeMutableBufferPointer { starts in
        for context in contexts { starts[column(context) + 1] += 1 }
        for column in 0..<columns { starts[column + 1] += starts[column] }
        return [Int32](unsafeUninitializedCapacity: contexts.count) { places, count in
          for (place, context) in contexts.enumerated() {
            let column = column(context)
            places[Int(starts[column])] = Int32(truncatingIfNeeded: place)
            starts[column] += 1
          }
          count = contexts.count
        }
      }
    }
  }
}

extension Array {
  /// Without room for more, where there is much of it: what is held for a while takes what it has.
  var fitted: [Element] { capacity > count + count / 8 ? withUnsafeBufferPointer { Array($0) } : self }
}
