/// Reads header field lines and keeps what decides about framing and connection.
struct HTTPFieldReader {
  let limits: HTTPLimits
  private(set) var fields: [HTTPRequestHead.Field] = []
  private(set) var host: Range<Int>?
  private(set) var saysClose = false
  private(set) var saysKeepAlive = false
  private(set) var expectsContinue = false
  private(set) var framing = HTTPBodyFraming.none
  private var hasTransferEncoding = false
  private var hasContentLength = false

  init(limits: HTTPLimits) {
    self.limits = limits
    fields.reserveCapacity(12)
  }

  /// Reads the field line at `start` and returns where the next line begins. The caller has seen its CR LF.
  mutating func readLine(_ bytes: UnsafeRawBufferPointer, _ start: Int) throws(HTTPRequestError) -> Int {
    // RFC 9112 section 5.2: a server must refuse a folded line or unfold it.
    if bytes[start] == 0x20 || bytes[start] == 0x09 { throw .malformed("a header field may not be folded over lines") }
    var index = start
    while HTTPCharacters.isToken(bytes[index]) { index += 1 }
    // RFC 9112 section 5.1: no whitespace between name and colon.
    guard index > start, bytes[index] == UInt8(ascii: ":") else {
      throw .malformed("a header field is a name, a colon right after it, and a value")
    }
    let name = start..<index
    index += 1
    while bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
    let valueStart = index
    while HTTPCharacters.isFieldValue(bytes[index]) { index += 1 }
    // RFC 9110 section 5.5: CR, LF and NUL within a value must be refused; so is every other control character.
    guard bytes[index] == 0x0D, bytes[index + 1] == 0x0A else { throw .malformed("a header field holds a control character") }
    var valueEnd = index
    while valueEnd > valueStart, bytes[valueEnd - 1] == 0x20 || bytes[valueEnd - 1] == 0x09 { valueEnd -= 1 }
    guard fields.count < limits.headerCount else {
      throw HTTPRequestError(.headersTooLarge, "a request may have \(limits.headerCount) header fields at most")
    }
    fields.append(
      HTTPRequestHead.Field(
        nameStart: UInt32(name.lowerBound), nameCount: UInt32(name.count), valueStart: UInt32(valueStart),
        valueCount: UInt32(valueEnd - valueStart)))
    try note(bytes, name, valueStart..<valueEnd)
    return index + 2
  }

  private mutating func note(
    _ bytes: UnsafeRawBufferPointer, _ name: Range<Int>, _ value: Range<Int>
  ) throws(HTTPRequestError) {
    let text = UnsafeRawBufferPointer(rebasing: bytes[name])
    switch name.count {
    case 4 where HTTPCharacters.equalsIgnoringCase(text, "host"):
      // RFC 9112 section 3.2: more than one Host field, or an invalid one, is 400.
      guard host == nil else { throw .malformed("more than one Host field") }
      guard value.allSatisfy({ HTTPCharacters.isAuthority(bytes[$0]) }) else { throw .malformed("the Host field is not a host and port") }
      host = value
    case 6 where HTTPCharacters.equalsIgnoringCase(text, "expect"):
      // RFC 9110 section 10.1.1: 100-continue is the only expectation.
      guard HTTPCharacters.equalsIgnoringCase(UnsafeRawBufferPointer(rebasing: bytes[value]), "100-continue") else {
        throw HTTPRequestError(.expectationFailed, "the only expectation known is 100-continue")
      }
      expectsContinue = true
    case 10 where HTTPCharacters.equalsIgnoringCase(text, "connection"):
      for option in Self.elements(bytes, value) {
        let option = UnsafeRawBufferPointer(rebasing: bytes[option])
        if HTTPCharacters.equalsIgnoringCase(option, "close") { saysClose = true }
        if HTTPCharacters.equalsIgnoringCase(option, "keep-alive") { saysKeepAlive = true }
      }
    case 14 where HTTPCharacters.equalsIgnoringCase(text, "content-length"): try noteLength(bytes, value)
    case 17 where HTTPCharacters.equalsIgnoringCase(text, "transfer-encoding"): try noteTransferEncoding(bytes, value)
    default: break
    }
  }

  private mutating func noteLength(_ bytes: UnsafeRawBufferPointer, _ value: Range<Int>) throws(HTTPRequestError) {
    // RFC 9112 section 6.3: repeated lengths may be accepted where equal; one length is all an honest client needs.
    guard !hasContentLength else { throw .malformed("more than one Content-Length field") }
    hasContentLength = true
    // RFC 9110 section 8.6: digits only, and a recipient must expect large ones.
    guard !value.isEmpty, value.allSatisfy({ bytes[$0] &- 0x30 <= 9 }) else { throw .malformed("Content-Length is not a decimal number") }
    guard value.count <= 18, let length = JSONNumber.int(bytes, value) else {
      throw HTTPRequestError(.bodyTooLarge, "the request body is too large")
    }
    if !hasTransferEncoding { framing = length == 0 ? .none : .length(length) }
  }

  private mutating func noteTransferEncoding(_ bytes: UnsafeRawBufferPointer, _ value: Range<Int>) throws(HTTPRequestError) {
    let codings = Self.elements(bytes, value)
    let isChunked = codings.map {
      HTTPCharacters.equalsIgnoringCase(UnsafeRawBufferPointer(rebasing: bytes[$0]), "chunked")
    }
    // RFC 9112 section 7.1: chunked may be applied once.
    guard !codings.isEmpty, !hasTransferEncoding || !isChunked.contains(true), isChunked.count(where: { $0 }) <= 1 else {
      throw .malformed("Transfer-Encoding has to be chunked, once")
    }
    // RFC 9112 section 6.1: 501 for a coding that is not understood.
    guard codings.count == 1, isChunked == [true] else {
      throw HTTPRequestError(.unsupportedTransferCoding, "the only transfer coding known is chunked")
    }
    hasTransferEncoding = true
    framing = .chunked
  }

  /// What can be judged only when all fields are read.
  func check(_ line: HTTPRequestLine) throws(HTTPRequestError) {
    // RFC 9112 section 3.2: HTTP/1.1 without Host is 400.
    if line.minorVersion == 1, host == nil { throw .malformed("an HTTP/1.1 request needs a Host field") }
    // RFC 9112 section 6.1: both together are how requests are smuggled.
    if hasTransferEncoding, hasContentLength { throw .malformed("Content-Length and Transfer-Encoding exclude each other") }
    // RFC 9112 section 6.1: HTTP/1.0 knows no transfer codings, so its framing is faulty.
    if hasTransferEncoding, line.minorVersion == 0 { throw .malformed("HTTP/1.0 has no Transfer-Encoding") }
  }

  /// The non-empty elements of a comma-separated list (RFC 9110 section 5.6.1).
  private static func elements(_ bytes: UnsafeRawBufferPointer, _ value: Range<Int>) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var start = value.lowerBound
    for index in value.lowerBound...value.upperBound where index == value.upperBound || bytes[index] == UInt8(ascii: ",") {
      var (low, high) = (start, index)
      while low < high, bytes[low] == 0x20 || bytes[low] == 0x09 { low += 1 }
      while high > low, bytes[high - 1] == 0x20 || bytes[high - 1] == 0x09 { high -= 1 }
      if low < high { found.append(low..<high) }
      start = index + 1
    }
    return found
  }
}
