/// A document's numbers as bytes: for each row the one of the epoch before that it goes on from, and column by column what each number has
/// grown by. One that goes on from nothing is told by its difference to the one above it.
enum NumberFrames {
  /// How far a number is looked for in the row of before.
  private static let reach = 16

  /// The most bytes that the numbers of a text take.
  static func bound(_ shape: DocumentShape) -> Int { (shape.rows.count + shape.contexts.count) * VariableBytes.longest }

  static func pack(_ document: SplitDocument, after before: SplitDocument?) -> [UInt8] {
    let rows = before.map { RowMatching.rows(of: document, in: $0) } ?? []
    let bases = bases(document.shape, before, rows)
    return [UInt8](unsafeUninitializedCapacity: bound(document.shape)) { bytes, count in
      var expected = 0
      for row in rows {
        VariableBytes.write(row - expected, bytes, &count)
        expected = row + 1
      }
      document.numbers.withUnsafeBufferPointer { numbers in
        each(document.shape, bases) { place, base in
          VariableBytes.write(Int(bitPattern: UInt(numbers[place] &- base)), bytes, &count)
          return numbers[place]
        }
      }
    }
  }

  /// - Returns: nil for bytes that are not of this text.
  static func unpack(_ bytes: [UInt8], _ shape: DocumentShape, after before: SplitDocument?) -> [UInt64]? {
    let count = before == nil ? 0 : shape.rows.count
    guard let steps = VariableReader.all(bytes, count: count + shape.contexts.count) else { return nil }
    var rows: [Int] = []
    rows.reserveCapacity(count)
    var expected = 0
    for step in steps[..<count] {
      let (row, overflow) = expected.addingReportingOverflow(step)
      guard !overflow, row >= 0, row < Int(Int32.max) else { return nil }
      rows.append(row)
      expected = row + 1
    }
    let bases = bases(shape, before, rows)
    return steps[count...].withUnsafeBufferPointer { steps in
      [UInt64](unsafeUninitializedCapacity: shape.contexts.count) { numbers, written in
        var next = 0
        each(shape, bases) { place, base in
          numbers[place] = base &+ UInt64(UInt(bitPattern: steps[next]))
          next += 1
          return numbers[place]
        }
        written = shape.contexts.count
      }
    }
  }

  /// What numbers go on from: those of the epoch before, where there are some.
  private enum Bases {
    /// Each stands where it stood.
    case same([UInt64])
    case found([Base])
    case none
  }

  private struct Base {
    var value: UInt64
    var isThere: Bool
  }

  /// Goes through the numbers column by column.
  ///
  /// - Parameter number: Given a place and what the number there goes on from; gives the number.
  private static func each(_ shape: DocumentShape, _ bases: Bases, _ number: (Int, UInt64) -> UInt64) {
    shape.byColumn.withUnsafeBufferPointer { places in
      switch bases {
      case .same(let values):
        values.withUnsafeBufferPointer { values in
          for place in places { _ = number(Int(place), values[Int(place)]) }
        }
      case .found(let bases):
        bases.withUnsafeBufferPointer { bases in
          down(shape, places) { place, above in number(place, bases[place].isThere ? bases[place].value : above) }
        }
      case .none: down(shape, places, number)
      }
    }
  }

  /// - Parameter number: Given a place and the number above it in its column.
  private static func down(_ shape: DocumentShape, _ places: UnsafeBufferPointer<Int32>, _ number: (Int, UInt64) -> UInt64) {
    var above: UInt64 = 0
    var column = -1
    shape.contexts.withUnsafeBufferPointer { contexts in
      for place in places {
        let its = DocumentShape.column(contexts[Int(place)])
        if its != column { (column, above) = (its, 0) }
        above = number(Int(place), above)
      }
    }
  }

  private static func bases(_ shape: DocumentShape, _ before: SplitDocument?, _ rows: [Int]) -> Bases {
    guard let before, before.isSplit else { return .none }
    // As a rule the text is the same, and so is the shape: one in memory.
    if shape.contexts == before.shape.contexts, shape.rows == before.shape.rows, rows.indices.allSatisfy({ rows[$0] == $0 }) {
      return .same(before.numbers)
    }
    return .found(found(shape, before, rows))
  }

  private static func found(_ shape: DocumentShape, _ before: SplitDocument, _ rows: [Int]) -> [Base] {
    [Base](unsafeUninitializedCapacity: shape.contexts.count) { bases, count in
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
