/// Texts of the trace that must not show everything.
package enum TraceText {
  private static let secrets = ["\"pass\"", "\"auth_token\""].map { Array($0.utf8) }

  /// A CONNECT with its password and token taken out.
  static func withoutSecrets(_ json: UnsafeRawBufferPointer) -> String {
    var bytes = Array(json)
    for secret in secrets {
      var from = 0
      while let value = valueRange(after: secret, in: bytes, from: from) {
        bytes.replaceSubrange(value, with: Array("[REDACTED]".utf8))
        from = value.lowerBound + 10
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The inside of the string that follows a member's name.
  private static func valueRange(after name: [UInt8], in bytes: [UInt8], from: Int) -> Range<Int>? {
    var index = from
    while index + name.count < bytes.count {
      guard bytes[index] == name[0], bytes[index..<index + name.count].elementsEqual(name) else {
        index += 1
        continue
      }
      var cursor = index + name.count
      func skipBlanks() { while cursor < bytes.count && (bytes[cursor] == 0x20 || bytes[cursor] == 0x09) { cursor += 1 } }
      skipBlanks()
      guard cursor < bytes.count, bytes[cursor] == UInt8(ascii: ":") else {
        index += 1
        continue
      }
      cursor += 1
      skipBlanks()
      guard cursor < bytes.count, bytes[cursor] == UInt8(ascii: "\"") else {
        index += 1
        continue
      }
      let start = cursor + 1
      cursor = start
      while cursor < bytes.count && bytes[cursor] != UInt8(ascii: "\"") { cursor += bytes[cursor] == UInt8(ascii: "\\") ? 2 : 1 }
      return start..<min(cursor, bytes.count)
    }
    return nil
  }
}
