/// Finds for each row of a document the one of the epoch before that is the same thing: by what stands first in it, such as a connection's number
/// or a stream's name.
///
/// A row that is matched wrongly costs bytes and nothing else.
enum RowMatching {
  /// Bytes of a row that are looked at.
  private static let reach = 160
  /// Members that tell a row from others.
  private static let members = 2

  static func rows(of document: SplitDocument, in before: SplitDocument) -> [Int] {
    let known = signs(before)
    let wanted = signs(document)
    // As a rule they are those of before.
    if known == wanted { return Array(wanted.indices) }
    var places: [UInt64: Int]?
    var expected = 0
    return wanted.map { sign in
      var row = expected
      if expected >= known.count || known[expected] != sign {
        let index = places ?? unique(known)
        places = index
        // A thing that is new goes on from the next one: neighbours are alike.
        if let place = index[sign], place >= 0 { row = place }
      }
      expected = row + 1
      return row
    }
  }

  /// Where each sign stands; below zero where it stands several times.
  private static func unique(_ signs: [UInt64]) -> [UInt64: Int] {
    var places: [UInt64: Int] = [:]
    places.reserveCapacity(signs.count)
    for (place, sign) in signs.enumerated() { places[sign] = places[sign] == nil ? place : -1 }
    return places
  }

  private static func signs(_ document: SplitDocument) -> [UInt64] {
    document.signs.isEmpty ? signs(document.text, document.numbers, document.shape) : document.signs
  }

  /// What tells each row of a document apart.
  static func signs(_ text: [UInt8], _ numbers: [UInt64], _ shape: DocumentShape) -> [UInt64] {
    text.withUnsafeBufferPointer { text in
      numbers.withUnsafeBufferPointer { numbers in
        shape.rows.map { sign(Int($0.offset), Int($0.first), text, numbers) }
      }
    }
  }

  private static func sign(
    _ offset: Int, _ first: Int, _ text: UnsafeBufferPointer<UInt8>, _ numbers: UnsafeBufferPointer<UInt64>
  ) -> UInt64 {
    var (hash, number, left): (UInt64, Int, Int) = (0xCBF2_9CE4_8422_2325, first, members)
    var place = offset + 1
    let end = min(text.count, place + reach)
    while place < end {
      let byte = text[place]
      if byte &- UInt8(ascii: "0") < 10 {
        if number < numbers.count { hash = (hash ^ numbers[number]) &* 0x100_0000_01B3 }
        number += 1
      } else if byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
        left -= 1
        if left == 0 || byte != UInt8(ascii: ",") { break }
      }
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
      place += 1
    }
    return hash
  }
}
