/// Writes response heads (RFC 9112 section 4).
public enum HTTPResponseHead {
  /// Appends the status line.
  public static func appendStatusLine(_ status: Int, to bytes: inout [UInt8]) {
    if status == 200 {
      append("HTTP/1.1 200 OK\r\n", to: &bytes)
      return
    }
    append("HTTP/1.1 ", to: &bytes)
    DecimalText.append(status, width: 3, to: &bytes)
    bytes.append(0x20)
    bytes.append(contentsOf: phrase(status).utf8)
    append("\r\n", to: &bytes)
  }

  /// Appends one field line. Control characters in the value become spaces, so that no value can begin a line
  /// of its own (RFC 9110 section 5.5).
  public static func append(_ name: String, _ value: String, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: name.utf8)
    append(": ", to: &bytes)
    let start = bytes.count
    bytes.append(contentsOf: value.utf8)
    for index in start..<bytes.count where !HTTPCharacters.isFieldValue(bytes[index]) { bytes[index] = 0x20 }
    append("\r\n", to: &bytes)
  }

  /// Appends constant text.
  @inline(__always)
  public static func append(_ text: StaticString, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// The phrase of a status (RFC 9110 section 15); of an unknown one, that of its class.
  public static func phrase(_ status: Int) -> String { phrases[status] ?? phrases[status / 100 * 100] ?? "Unknown" }

  private static let phrases: [Int: String] = [
    100: "Continue", 200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 206: "Partial Content",
    300: "Multiple Choices", 301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified", 307: "Temporary Redirect",
    308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    406: "Not Acceptable", 408: "Request Timeout", 409: "Conflict", 410: "Gone", 411: "Length Required", 412: "Precondition Failed",
    413: "Content Too Large", 414: "URI Too Long", 415: "Unsupported Media Type", 416: "Range Not Satisfiable", 417: "Expectation Failed",
    421: "Misdirected Request", 422: "Unprocessable Content", 426: "Upgrade Required", 429: "Too Many Requests",
    431: "Request Header Fields Too Large", 500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
    503: "Service Unavailable", 504: "Gateway Timeout", 505: "HTTP Version Not Supported",
  ]
}
