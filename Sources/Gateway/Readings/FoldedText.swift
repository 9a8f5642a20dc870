/// Text compared without regard to the case of ASCII letters, byte by byte: what is looked for in a hundred thousand rows.
enum FoldedText {
  static func lower(_ byte: UInt8) -> UInt8 { byte &- 0x41 <= 25 ? byte | 0x20 : byte }

  /// - Parameter needle: in lower case; an empty one is in every text.
  static func contains(_ text: String, _ needle: [UInt8]) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      guard bytes.count >= needle.count else { return false }
      guard let first = needle.first else { return true }
      for start in 0...(bytes.count - needle.count) where lower(bytes[start]) == first {
        if needle.indices.allSatisfy({ lower(bytes[start + $0]) == needle[$0] }) { return true }
      }
      return false
    }
  }

  static func folded(_ text: String) -> [UInt8] { text.utf8.map(lower) }
}
