/// What names of one kind of client have in common: `browser-01393` and `browser-01453` are `browser-*`.
enum NameStem {
  /// The name up to the first part with a digit, and `*` for the rest; the name itself where no part has one.
  ///
  /// Parts end at `-`, `_`, `.`, `:`, `/` and blanks. A first part that ends in digits (`meter17`) loses these alone.
  static func of(_ name: String) -> String {
    let bytes = Array(name.utf8)
    var start = 0
    var position = 0
    while position <= bytes.count {
      if position == bytes.count || isBorder(bytes[position]) {
        if bytes[start..<position].contains(where: isDigit) {
          return String(decoding: bytes[..<kept(bytes, start..<position)], as: UTF8.self) + "*"
        }
        start = position + 1
      }
      position += 1
    }
    return name
  }

  /// Where the stem ends: before the part, or before the digits of a part that begins with letters and is the first.
  private static func kept(_ bytes: [UInt8], _ part: Range<Int>) -> Int {
    guard part.lowerBound == 0 else { return part.lowerBound }
    return bytes[part].firstIndex(where: isDigit) ?? part.lowerBound
  }

  private static func isBorder(_ byte: UInt8) -> Bool { "-_.:/ ".utf8.contains(byte) }
  private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 <= 9 }
}
