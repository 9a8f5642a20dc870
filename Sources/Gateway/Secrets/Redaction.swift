import Glibc
import Wire

/// Replaces secrets in answers by `[REDACTED]`, over the bytes and without building anything where there are none.
///
/// Meant are JWTs that let their bearer in (those of accounts and operators are public and stay), passwords and tokens
/// in URLs, nkey seeds, and secrets on command lines. All of them are found by how they look, whatever document,
/// event, record or error text they stand in.
public enum Redaction {
  static let mark = Array("[REDACTED]".utf8)

  /// The bytes without secrets; nil where they hold none.
  ///
  /// - Parameter commandLines: also look for members named `cmdline` (the EXPVARZ document).
  public static func redact(_ bytes: [UInt8], commandLines: Bool = false) -> [UInt8]? {
    var found = bytes.withUnsafeBytes { buffer -> [Range<Int>] in
      var found: [Range<Int>] = []
      tokens(buffer, &found)
      tokenMembers(buffer, &found)
      urls(buffer, &found)
      seeds(buffer, &found)
      return found
    }
    if commandLines { self.commandLines(bytes, &found) }
    if found.isEmpty { return nil }
    found.sort { $0.lowerBound < $1.lowerBound }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var position = 0
    for range in found where range.upperBound > position {
      if range.lowerBound > position { result.append(contentsOf: bytes[position..<range.lowerBound]) }
      if range.lowerBound >= position { result.append(contentsOf: mark) }
      position = range.upperBound
    }
    result.append(contentsOf: bytes[position...])
    return result
  }

  /// Calls `body` with each place of a byte.
  private static func each(_ byte: UInt8, in bytes: UnsafeRawBufferPointer, _ body: (Int) -> Int?) {
    guard let base = bytes.baseAddress else { return }
    var position = 0
    while position < bytes.count, let hit = memchr(base + position, Int32(byte), bytes.count - position) {
      let index = hit - UnsafeMutableRawPointer(mutating: base)
      position = max(index + 1, body(index) ?? 0)
    }
  }

  // MARK: JWTs

  private static func tokens(_ bytes: UnsafeRawBufferPointer, _ found: inout [Range<Int>]) {
    // Every JWT begins with `eyJ`, which is `{"` in base 64.
    each(UInt8(ascii: "J"), in: bytes) { index in
      guard index >= 2, bytes[index - 1] == UInt8(ascii: "y"), bytes[index - 2] == UInt8(ascii: "e") else { return nil }
      var end = index
      var dots = 0
      while end < bytes.count, isTokenByte(bytes[end]) {
        if bytes[end] == UInt8(ascii: ".") { dots += 1 }
        end += 1
      }
      let token = (index - 2)..<end
      if dots >= 1, token.count >= 20, !isPublic(bytes, token) { found.append(token) }
      return end
    }
  }

  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "="):
      return true
    default: return false
    }
  }

  /// JWTs of accounts and operators are what account servers hand to everybody.
  private static func isPublic(_ bytes: UnsafeRawBufferPointer, _ token: Range<Int>) -> Bool {
    let parts = Array(bytes[token]).split(separator: UInt8(ascii: "."))
    guard parts.count == 3, let payload = Base64.decode(parts[1], .url, .padding), let claims = try? JSONView(validating: payload) else {
      return false
    }
    let type = claims["nats"]?["type"]?.string ?? claims["type"]?.string
    return type == "account" || type == "operator"
  }

  /// A member named `jwt` that holds no JWT: servers keep an MQTT client's password there.
  private static func tokenMembers(_ bytes: UnsafeRawBufferPointer, _ found: inout [Range<Int>]) {
    each(UInt8(ascii: "j"), in: bytes) { index in
      guard index >= 1, bytes[index - 1] == UInt8(ascii: "\""), index + 4 < bytes.count, bytes[index + 1] == UInt8(ascii: "w"),
        bytes[index + 2] == UInt8(ascii: "t"), bytes[index + 3] == UInt8(ascii: "\"")
      else { return nil }
      var start = index + 4
      while start < bytes.count, bytes[start] <= 0x20 || bytes[start] == UInt8(ascii: ":") { start += 1 }
      guard start < bytes.count, bytes[start] == UInt8(ascii: "\"") else { return nil }
      start += 1
      var end = start
      while end < bytes.count, bytes[end] != UInt8(ascii: "\"") { end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1 }
      end = min(end, bytes.count)
      // JWTs are judged by what they say.
      let value = bytes[start..<end]
      let isToken =
        value.count >= 20 && value.starts(with: "eyJ".utf8) && value.contains(UInt8(ascii: ".")) && value.allSatisfy(isTokenByte)
      if end > start, !isToken { found.append(start..<end) }
      return end
    }
  }

  // MARK: URLs

  private static func urls(_ bytes: UnsafeRawBufferPointer, _ found: inout [Range<Int>]) {
    each(UInt8(ascii: "/"), in: bytes) { index in
      guard index >= 1, bytes[index - 1] == UInt8(ascii: ":"), index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "/") else {
        return nil
      }
      let start = index + 2
      var end = start
      var at: Int?
      var colon: Int?
      scan: while end < bytes.count {
        switch bytes[end] {
        case UInt8(ascii: "\\"): end += 2
        case UInt8(ascii: "@"):
          at = end
          end += 1
        case UInt8(ascii: ":"):
          if colon == nil { colon = end }
          end += 1
        case UInt8(ascii: "\""), UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: ","), UInt8(ascii: "<"),
          UInt8(ascii: ">"),
          0...0x20:
          break scan
        default: end += 1
        }
      }
      guard let at, at > start else { return min(end, bytes.count) }
      // `user:password@` keeps the user; a token alone is all secret.
      let secret = colon.map { $0 < at ? $0 + 1 : start } ?? start
      if secret < at { found.append(secret..<at) }
      return min(end, bytes.count)
    }
  }

  // MARK: Seeds

  private static func seeds(_ bytes: UnsafeRawBufferPointer, _ found: inout [Range<Int>]) {
    each(UInt8(ascii: "S"), in: bytes) { index in
      guard index + 58 <= bytes.count, "UANOCX".utf8.contains(bytes[index + 1]) else { return nil }
      for offset in 2..<58 where !isBase32(bytes[index + offset]) { return nil }
      guard index == 0 || !isBase32(bytes[index - 1]), index + 58 == bytes.count || !isBase32(bytes[index + 58]) else { return nil }
      found.append(index..<(index + 58))
      return index + 58
    }
  }

  private static func isBase32(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") || byte >= UInt8(ascii: "2") && byte <= UInt8(ascii: "7")
  }

  // MARK: Command lines

  private static let secretFlags: Set<String> = [
    "-pass", "--pass", "-password", "--password", "-auth", "--auth", "-token", "--token", "-seed", "--seed",
  ]

  /// What follows `--pass`, `--auth` and their kind in each member named `cmdline`.
  private static func commandLines(_ bytes: [UInt8], _ found: inout [Range<Int>]) {
    let key = Array("\"cmdline\"".utf8)
    var position = 0
    while let start = bytes[position...].firstRange(of: key)?.upperBound {
      position = start
      guard let open = bytes[start...].firstIndex(where: { $0 != UInt8(ascii: ":") && $0 > 0x20 }), bytes[open] == UInt8(ascii: "[") else {
        continue
      }
      commandLine(bytes, behind: open, &found)
    }
  }

  /// One list of arguments. It is not asked to be whole or JSON: what another reader makes of it is not known here.
  private static func commandLine(_ bytes: [UInt8], behind open: Int, _ found: inout [Range<Int>]) {
    var hidesNext = false
    var depth = 1
    var position = open + 1
    while position < bytes.count, depth > 0 {
      switch bytes[position] {
      case UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: "\""):
        let inside = string(bytes, from: position + 1)
        if hidesNext { found.append(inside) }
        let text = argument(bytes, inside)
        hidesNext = secretFlags.contains(text)
        if !hidesNext, let equals = text.firstIndex(of: "="), secretFlags.contains(String(text[..<equals])),
          let place = bytes[inside].firstIndex(of: UInt8(ascii: "="))
        {
          found.append((place + 1)..<inside.upperBound)
        }
        position = inside.upperBound
      default: break
      }
      position += 1
    }
  }

  /// From behind one quotation mark up to the next that is not escaped, or to the end.
  private static func string(_ bytes: [UInt8], from start: Int) -> Range<Int> {
    var end = start
    while end < bytes.count, bytes[end] != UInt8(ascii: "\"") { end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1 }
    return start..<min(end, bytes.count)
  }

  /// What stands in a string, without its escapes where these can be read.
  private static func argument(_ bytes: [UInt8], _ inside: Range<Int>) -> String {
    if inside.upperBound < bytes.count, bytes[inside].contains(UInt8(ascii: "\\")),
      let view = try? JSONView(validating: Array(bytes[(inside.lowerBound - 1)...inside.upperBound])), let text = view.string
    {
      return text
    }
    return String(decoding: bytes[inside], as: UTF8.self)
  }
}
