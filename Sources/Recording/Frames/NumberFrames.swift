/// A document's numbers as bytes: for each row the one of the epoch before that it goes on from, and column by column what each number has
/// grown by. One that goes on from nothing is told by its difference to the one above it.
enum NumberFrames {
  /// How far a number is looked for in the row of before.
  private static let reach = 16

  /// The most bytes that the numbers of a text take.
  static func bound(_ shape: DocumentShape) -> Int { (shape.rows.count + shape.contexts.count) * 10 }

  static func pack(_ document: SplitDocument, after before: SplitDocument?) -> [UInt8] {
    var bytes = VariableBytes(capacity: document.shape.rows.count + document.numbers.count * 2)
    var rows: [Int] = []
    if let before {
      rows = RowMatching.rows(of: document, in: before)
      var expected = 0
      for row in rows {
        bytes.append(row - expected)
        expected = row + 1
      }
    }
    let bases = bases(document.shape, before, rows)
    document.numbers.withUnsafeBufferPointer { numbers in
      each(document.shape, bases) { place, base in
        bytes.append(Int(bitPattern: UInt(numbers[place] &- base)))
        return numbers[place]
      }
    }
    return bytes.bytes
  }

  /// - Returns: nil for bytes that are not of this text.
  static func unpack(_ bytes: [UInt8], _ shape: DocumentShape, after before: SplitDocument?) -> [UInt64]? {
    var reader = VariableReader(bytes[...])
    var rows: [Int] = []
    if before != nil {
      rows.reserveCapacity(shape.rows.count)
      var expected = 0
      for _ in shape.rows {
        guard let step = reader.next() else { return nil }
        let (row, overflow) = expected.addingReportingOverflow(step)
        guard !overflow, row >= 0, row < Int(Int32.max) else { return nil }
        rows.append(row)
        expected = row + 1
      }
    }
    let bases = bases(shape, before, rows)
    var isWhole = true
    let numbers = [UInt64](unsafeUninitializedCapacity: shape.contexts.count) { numbers, count in
      each(shape, bases) { place, base in
        let step = reader.next()
        if step == nil { isWhole = false }
        numbers[place] = base &+ UInt64(UInt(bitPattern: step ?? 0))
        return numbers[place]
      }
      count = shape.contexts.count
    }
    return isWhole && reader.isAtEnd ? numbers : nil
  }

  /// What a number goes on from: that of the epoch before, where there is one.
  private struct Base {
    var value: UInt64
    var isThere: Bool
  }

  /// Goes through the numbers column by column.
  ///
  /// - Parameter number: Given a place and what the number there goes on from; gives the number.
  private static func each(_ shape: DocumentShape, _ bases: [Base], _ number: (Int, UInt64) -> UInt64) {
    var above: UInt64 = 0
    var column = -1
    shape.contexts.withUnsafeBufferPointer { contexts in
      bases.withUnsafeBufferPointer { bases in
        for place in shape.byColumn {
          let place = Int(place)
          let its = DocumentShape.column(contexts[place])
          if its != column { (column, above) = (its, 0) }
          above = number(place, bases[place].isThere ? bases[place].value : above)
        }
      }
    }
  }

  private static func bases(_ shape: DocumentShape, _ before: SplitDocument?, _ rows: [Int]) -> [Base] {
    guard let before, before.isSplit else { return Array(repeating: Base(value: 0, isThere: false), count: shape.contexts.count) }
    return [Base](unsafeUninitializedCapacity: shape.contexts.count) { bases, count in
      shape.contexts.withUnsafeBufferPointer { contexts in
        before.shape.contexts.withUnsafeBufferPointer { known in
          before.numbers.withUnsafeBufferPointer { values in
            for (row, other) in rows.enumerated() {
              let there = other < before.shape.rows.count ? before.shape.numbers(other) : 0..<0
              var next = there.lowerBound
              for place in shape.numbers(row) {
                let end = min(there.upperBound, next + reach)
                var candidate = next
                while candidate < end, known[candidate] != contexts[place] { candidate += 1 }
                bases[place] = candidate < end ? Base(value: values[candidate], isThere: true) : Base(value: 0, isThere: false)
                if candidate < end { next = candidate + 1 }
              }
            }
          }
        }
      }
      count = shape.contexts.count
    }
  }
}
