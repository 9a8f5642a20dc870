import Glibc

/// A request's line and header fields, as ranges of one copy of their bytes.
///
/// An object, because every layer hands it on, and because peers repeat themselves: see `HTTPRequestParser.parse(_:like:)`.
public final class HTTPRequestHead: Sendable {
  struct Field: Sendable {
    let nameStart: UInt32
    let nameCount: UInt32
    let valueStart: UInt32
    let valueCount: UInt32

    var name: Range<Int> { Int(nameStart)..<Int(nameStart + nameCount) }
    var value: Range<Int> { Int(valueStart)..<Int(valueStart + valueCount) }
  }

  let bytes: [UInt8]
  let fields: [Field]
  let pathRange: Range<Int>
  let queryRange: Range<Int>

  public let method: HTTPMethod
  /// The digit after `HTTP/1.`: 0 or 1.
  public let minorVersion: Int
  public let framing: HTTPBodyFraming
  /// Whether the peer leaves the connection open for another request (RFC 9112 section 9.3).
  public let keepsAlive: Bool
  /// Whether the peer waits for 100 before it sends the body (RFC 9110 section 10.1.1).
  public let expectsContinue: Bool

  /// The path as it was sent, percent-encoded.
  public let rawPath: String
  /// The query as it was sent, without its question mark; empty where there is none.
  public let rawQuery: String
  /// The host and port that the request is meant for: of an absolute target, else the `Host` field; empty without either.
  public let authority: String
  /// Path and query as they were sent.
  public var target: String { queryRange.isEmpty ? rawPath : rawPath + "?" + rawQuery }

  init(
    bytes: [UInt8], line: HTTPRequestLine, fields: [Field], framing: HTTPBodyFraming, keepsAlive: Bool, expectsContinue: Bool
  ) {
    self.bytes = bytes
    self.fields = fields
    pathRange = line.path
    queryRange = line.query
    method = line.method
    minorVersion = line.minorVersion
    self.framing = framing
    self.keepsAlive = keepsAlive
    self.expectsContinue = expectsContinue
    rawPath = Self.text(bytes, line.path)
    rawQuery = Self.text(bytes, line.query)
    authority = Self.text(bytes, line.host)
  }

  /// Whether `bytes` begin with the very bytes that this head was read from.
  func isFront(of bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count >= self.bytes.count, let front = bytes.baseAddress else { return false }
    return self.bytes.withUnsafeBytes { own in own.baseAddress.map { memcmp($0, front, own.count) == 0 } ?? false }
  }

  private static func text(_ bytes: [UInt8], _ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  private func text(_ range: Range<Int>) -> String { Self.text(bytes, range) }

  /// The first field of that name, whatever its case; nil where there is none.
  public func header(_ name: StaticString) -> String? {
    bytes.withUnsafeBytes { buffer in
      for field in fields where HTTPCharacters.equalsIgnoringCase(UnsafeRawBufferPointer(rebasing: buffer[field.name]), name) {
        return String(decoding: buffer[field.value], as: UTF8.self)
      }
      return nil
    }
  }

  /// All fields of that name joined by commas, as RFC 9110 section 5.2 defines their meaning.
  public func list(_ name: StaticString) -> String? {
    var result: String?
    bytes.withUnsafeBytes { buffer in
      for field in fields where HTTPCharacters.equalsIgnoringCase(UnsafeRawBufferPointer(rebasing: buffer[field.name]), name) {
        let value = String(decoding: buffer[field.value], as: UTF8.self)
        result = result.map { $0 + ", " + value } ?? value
      }
    }
    return result
  }

  /// Every field in the order sent.
  public var headers: [(name: String, value: String)] { fields.map { (text($0.name), text($0.value)) } }

  /// The path's segments, each percent-decoded once; a slash that was encoded is data.
  ///
  /// `/` has no segments; `/a/` has `a` and an empty one.
  /// - Throws: 400 for a broken escape, text that is not UTF-8, and the dot segments `.` and `..`.
  public func pathSegments() throws(HTTPRequestError) -> [String] {
    try HTTPTarget.segments(of: bytes[pathRange])
  }

  /// The query's parameters.
  public var query: HTTPQuery { HTTPQuery(bytes[queryRange]) }
}
