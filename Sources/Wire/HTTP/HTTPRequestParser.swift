/// Reads request heads from bytes as they arrive (RFC 9112), strictly: whatever another reader of the same bytes
/// might understand differently is refused.
///
/// The parser keeps no bytes: the caller hands in everything since the end of the last request each time.
public struct HTTPRequestParser: Sendable {
  private let limits: HTTPLimits
  /// How far the search for the end of the head has come.
  private var searched = 0
  private var lineStart = 0
  private var firstLineStart = 0
  private var firstLineEnd = -1

  public init(limits: HTTPLimits = HTTPLimits()) { self.limits = limits }

  /// Looks for a whole head at the front of `bytes`.
  ///
  /// - Parameter last: A head read earlier under the same limits. Peers repeat their requests to the byte, and what
  ///   the same bytes mean need not be found out again.
  /// - Returns: the head and the count of bytes it took, or nil while more bytes are needed.
  public mutating func parse(
    _ bytes: UnsafeRawBufferPointer, like last: HTTPRequestHead? = nil
  ) throws(HTTPRequestError) -> (head: HTTPRequestHead, count: Int)? {
    if searched == 0, let last, last.isFront(of: bytes) { return (last, last.bytes.count) }
    while let newLine = Self.lineFeed(bytes, from: searched) {
      searched = newLine + 1
      // RFC 9112 section 2.2 lets a recipient accept a bare LF; two readers that differ in it can be played against each other.
      guard newLine > lineStart, bytes[newLine - 1] == 0x0D else { throw .malformed("a line has to end with CR LF") }
      let start = lineStart
      let isEmpty = newLine - 1 == start
      lineStart = newLine + 1
      if firstLineEnd < 0 {
        // RFC 9112 section 2.2: at least one empty line before the request line should be ignored.
        if isEmpty {
          if newLine > 3 { throw .malformed("more than two empty lines before a request") }
          continue
        }
        firstLineStart = start
        firstLineEnd = newLine - 1
      } else if isEmpty {
        let head = try finish(bytes, count: newLine + 1)
        reset()
        return (head, newLine + 1)
      }
    }
    searched = bytes.count
    try checkLength(bytes.count)
    return nil
  }

  private mutating func reset() {
    searched = 0
    lineStart = 0
    firstLineEnd = -1
  }

  private static func lineFeed(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    var index = start
    while index < bytes.count {
      if bytes[index] == 0x0A { return index }
      index += 1
    }
    return nil
  }

  private func checkLength(_ count: Int) throws(HTTPRequestError) {
    if firstLineEnd < 0, count > limits.targetBytes + 64 { throw targetTooLong }
    if count > limits.headBytes { throw headTooLarge }
  }

  private var targetTooLong: HTTPRequestError {
    HTTPRequestError(.targetTooLong, "the request target may have \(limits.targetBytes) bytes at most")
  }

  private var headTooLarge: HTTPRequestError {
    HTTPRequestError(.headersTooLarge, "the request head may have \(limits.headBytes) bytes at most")
  }

  /// All lines have arrived: `bytes[..<count]` is the head with its empty line.
  private func finish(_ bytes: UnsafeRawBufferPointer, count: Int) throws(HTTPRequestError) -> HTTPRequestHead {
    var line = try HTTPRequestLine(bytes, firstLineStart..<firstLineEnd, limits: limits, tooLong: targetTooLong)
    if count > limits.headBytes { throw headTooLarge }
    var fields = HTTPFieldReader(limits: limits)
    var position = firstLineEnd + 2
    while position < count - 2 {
      position = try fields.readLine(bytes, position)
    }
    try fields.check(line)
    // RFC 9112 section 3.2.2: the host of an absolute target replaces the Host field.
    if line.host.isEmpty { line.host = fields.host ?? 0..<0 }
    return HTTPRequestHead(
      bytes: Array(bytes[..<count]), line: line, fields: fields.fields, framing: fields.framing,
      keepsAlive: !fields.saysClose && (line.minorVersion == 1 || fields.saysKeepAlive),
      expectsContinue: fields.expectsContinue && line.minorVersion == 1)
  }
}

/// The pieces of a request line (RFC 9112 section 3).
struct HTTPRequestLine {
  let method: HTTPMethod
  let minorVersion: Int
  var path: Range<Int>
  var query: Range<Int>
  var host: Range<Int> = 0..<0

  init(
    _ bytes: UnsafeRawBufferPointer, _ line: Range<Int>, limits: HTTPLimits, tooLong: HTTPRequestError
  ) throws(HTTPRequestError) {
    var index = line.lowerBound
    while index < line.upperBound, HTTPCharacters.isToken(bytes[index]) { index += 1 }
    // RFC 9112 section 3: method and target are separated by exactly one space.
    guard index > line.lowerBound, index < line.upperBound, bytes[index] == 0x20 else {
      throw .malformed("a request line is a method, a target and a version, separated by single spaces")
    }
    // RFC 9112 section 3: a method longer than any that is implemented.
    guard index - line.lowerBound <= 32 else { throw HTTPRequestError(.unknownMethod, "the method is longer than any known one") }
    method = HTTPMethod(UnsafeRawBufferPointer(rebasing: bytes[line.lowerBound..<index]))
    let start = index + 1
    index = start
    while index < line.upperBound, HTTPCharacters.isVisible(bytes[index]), bytes[index] != UInt8(ascii: "#") { index += 1 }
    guard index > start, index < line.upperBound, bytes[index] == 0x20 else {
      throw .malformed("a request target is visible ASCII without a fragment, and a version follows it after one space")
    }
    guard index - start <= limits.targetBytes else { throw tooLong }
    minorVersion = try Self.version(bytes, (index + 1)..<line.upperBound)
    path = start..<index
    query = index..<index
    try splitTarget(bytes, start..<index)
  }

  private static func version(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(HTTPRequestError) -> Int {
    // RFC 9112 section 2.3: HTTP-name is case-sensitive, and major and minor are one digit each.
    let prefix: StaticString = "HTTP/"
    guard range.count == 8, bytes[range.lowerBound + 6] == UInt8(ascii: "."),
      (0..<5).allSatisfy({ bytes[range.lowerBound + $0] == prefix.utf8Start[$0] }),
      bytes[range.lowerBound + 5] &- 0x30 <= 9, bytes[range.lowerBound + 7] &- 0x30 <= 9
    else { throw .malformed("the request line has to end with HTTP/1.1 or HTTP/1.0") }
    guard bytes[range.lowerBound + 5] == UInt8(ascii: "1") else {
      throw HTTPRequestError(.unsupportedVersion, "this server speaks HTTP/1.1 and HTTP/1.0")
    }
    return bytes[range.lowerBound + 7] == UInt8(ascii: "0") ? 0 : 1
  }

  private mutating func splitTarget(_ bytes: UnsafeRawBufferPointer, _ target: Range<Int>) throws(HTTPRequestError) {
    var start = target.lowerBound
    if bytes[start] == UInt8(ascii: "*"), target.count == 1 {
      // RFC 9112 section 3.2.4: the asterisk form is for OPTIONS only.
      guard method == .options else { throw .malformed("the target * is for OPTIONS only") }
      path = target
      return
    }
    // RFC 9112 section 3.2.3: the authority form is for CONNECT only, and this server is no proxy.
    if method == .other("CONNECT") { throw HTTPRequestError(.methodNotAllowed, "this server is no proxy") }
    if bytes[start] != UInt8(ascii: "/") {
      start = try authority(bytes, target)
    }
    let mark = (start..<target.upperBound).first { bytes[$0] == UInt8(ascii: "?") } ?? target.upperBound
    path = start..<mark
    query = min(mark + 1, target.upperBound)..<target.upperBound
    // RFC 9110 section 4.2.3: an empty path of an absolute target is the same as a slash.
    if path.isEmpty { path = slash(bytes, before: start) }
  }

  /// `http://host` without a path: the second slash of `//` stands in for the missing one.
  private func slash(_ bytes: UnsafeRawBufferPointer, before index: Int) -> Range<Int> {
    host.isEmpty ? index..<index : (host.lowerBound - 1)..<host.lowerBound
  }

  /// RFC 9112 section 3.2.2: the absolute form. Returns where its path begins.
  private mutating func authority(_ bytes: UnsafeRawBufferPointer, _ target: Range<Int>) throws(HTTPRequestError) -> Int {
    var start = target.lowerBound
    for scheme: StaticString in ["http://", "https://"] {
      let end = start + scheme.utf8CodeUnitCount
      guard end < target.upperBound, HTTPCharacters.equalsIgnoringCase(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), scheme)
      else { continue }
      start = end
      var index = start
      while index < target.upperBound, HTTPCharacters.isAuthority(bytes[index]) { index += 1 }
      guard index > start, index == target.upperBound || bytes[index] == UInt8(ascii: "/") || bytes[index] == UInt8(ascii: "?") else {
        throw .malformed("the target's host is not one")
      }
      host = start..<index
      return index
    }
    throw .malformed("a target begins with a slash or with http://")
  }
}
