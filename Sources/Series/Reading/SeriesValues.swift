import SystemAPI
import Wire

/// Reads the figures of one thing from the objects that hold them: all fields in one pass over an object.
enum SeriesValues {
  /// - Returns: In the order of the fields; nil where the server did not tell.
  static func read(_ fields: [SeriesField], _ row: SeriesRows.Row, _ bytes: UnsafeBufferPointer<UInt8>) -> [Double?] {
    var found = [Double?](repeating: nil, count: fields.count)
    for side in [SeriesField.Side.first, .second] {
      let objects = side == .first ? row.objects : row.others
      let wanted = fields.indices.filter { fields[$0].side == side }
      for place in wanted {
        if case .connections = fields[place].reading { found[place] = Double(objects.count) }
      }
      let read = wanted.filter { if case .connections = fields[$0].reading { false } else { true } }
      for object in read.isEmpty ? [] : objects {
        var its = [Double?](repeating: nil, count: fields.count)
        take(fields, Places(read), 0, bytes, object, &its)
        for place in read {
          guard let value = its[place] else { continue }
          found[place] = found[place].map { fields[place].joining == .sum ? $0 + value : max($0, value) } ?? value
        }
      }
    }
    return found
  }

  /// Places of fields, as a set that takes no memory: a kind has fewer than 64 fields.
  private struct Places: Sequence, IteratorProtocol {
    private var bits: UInt64 = 0

    init(_ places: [Int] = []) { for place in places { insert(place) } }

    var isEmpty: Bool { bits == 0 }
    mutating func insert(_ place: Int) { bits |= 1 << UInt64(place) }
    mutating func remove(_ others: Places) { bits &= ~others.bits }

    mutating func next() -> Int? {
      guard bits != 0 else { return nil }
      defer { bits &= bits - 1 }
      return bits.trailingZeroBitCount
    }
  }

  /// Takes from an object what some fields have in it at a depth of their paths.
  private static func take(
    _ fields: [SeriesField], _ wanted: Places, _ depth: Int, _ bytes: UnsafeBufferPointer<UInt8>, _ object: Range<Int>,
    _ found: inout [Double?]
  ) {
    // Of members of one name the first counts.
    var left = wanted
    var members = JSONMembers(bytes, object)
    while !left.isEmpty, let (key, value) = members.next() {
      var (these, deeper) = (Places(), Places())
      for place in left where JSONBytes.equals(bytes, key, fields[place].path[depth]) {
        these.insert(place)
        if fields[place].path.count == depth + 1 {
          found[place] = number(fields[place], bytes, value)
        } else {
          deeper.insert(place)
        }
      }
      left.remove(these)
      if !deeper.isEmpty { take(fields, deeper, depth + 1, bytes, value, &found) }
    }
    for place in left where fields[place].isOmittedAtZero && fields[place].path.count == depth + 1 { found[place] = 0 }
  }

  private static func number(_ field: SeriesField, _ bytes: UnsafeBufferPointer<UInt8>, _ place: Range<Int>) -> Double? {
    let value =
      if case .milliseconds = field.reading {
        // Microseconds are as much as it is worth.
        JSONBytes.string(bytes, place).flatMap { DurationText.parse($0) }.map { (Double($0) / 1_000).rounded() / 1_000 }
      } else {
        JSONBytes.double(bytes, place)
      }
    return value.flatMap { $0.isFinite ? $0 : nil }
  }
}
