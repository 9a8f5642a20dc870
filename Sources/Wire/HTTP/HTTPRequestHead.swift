/// A request's line and header fields, as ranges of one copy of their bytes.
public struct HTTPRequestHead: Sendable {
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
  let hostRange: Range<Int>

  public let method: HTTPMethod
  /// The digit after `HTTP/1.`: 0 or 1.
  public let minorVersion: Int
  public let framing: HTTPBodyFraming
  /// Whether the peer leaves the connection open for another request (RFC 9112 section 9.3).
  public let keepsAlive: Bool
  /// Whether the peer waits for 100 before it sends the body (RFC 9110 section 10.1.1).
  public let expectsContinue: Bool

  /// The path as it was sent, percent-encoded.
  public var rawPath: String { text(pathRange) }
  /// The query as it was sent, without its question mark; empty where there is none.
  public var rawQuery: String { text(queryRange) }
  /// The host and port that the request is meant for: of an absolute target, else the `Host` field; empty without either.
  public var authority: String { text(hostRange) }
  /// Path and query as they were sent.
  public var target: String { queryRange.isEmpty ? rawPath : rawPath + "?" + rawQuery }

  private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  /// Whether the path as sent is exactly this one.
  public func isPath(_ path: StaticString) -> Bool {
    guard pathRange.count == path.utf8CodeUnitCount else { return false }
    for index in 0..<pathRange.count where bytes[pathRange.lowerBound + index] != path.utf8Start[index] { return false }
    return true
  }

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
