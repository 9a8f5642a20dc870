import Wire

/// A header field to send. Control characters in the value are replaced by spaces.
public struct HTTPHeader: Sendable, Equatable {
  public let name: String
  public let value: String

  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// A whole response. `Date`, `Content-Length`, `Content-Encoding` and `Connection` are the server's business.
public struct HTTPResponse: Sendable {
  public var status: Int
  /// Empty for none.
  public var contentType: String
  public var headers: [HTTPHeader]
  public var body: [UInt8]
  /// The body as gzip, where it is at hand; without it the server compresses a body over 1 KiB by itself.
  public var gzippedBody: [UInt8]?
  /// False for what is compressed already or must go out as it is.
  public var isCompressible = true
  /// Ends the connection after this response.
  public var closesConnection = false

  public init(status: Int = 200, contentType: String = "", headers: [HTTPHeader] = [], body: [UInt8] = []) {
    self.status = status
    self.contentType = contentType
    self.headers = headers
    self.body = body
  }

  /// A JSON document.
  public static func json(_ body: [UInt8], status: Int = 200, headers: [HTTPHeader] = []) -> HTTPResponse {
    HTTPResponse(status: status, contentType: "application/json", headers: headers, body: body)
  }

  /// Plain text.
  public static func text(_ body: String, status: Int = 200, headers: [HTTPHeader] = []) -> HTTPResponse {
    HTTPResponse(status: status, contentType: "text/plain; charset=utf-8", headers: headers, body: Array(body.utf8))
  }

  /// The error shape of all of Natsight's own faces: `{"error":{"code":404,"reason":"…","description":"…"}}`.
  public static func error(
    _ status: Int, _ reason: String, _ description: String, headers: [HTTPHeader] = []
  ) -> HTTPResponse {
    var writer = JSONWriter(capacity: 128)
    writer.object {
      $0.key("error")
      $0.object {
        $0.member("code", status)
        $0.member("reason", reason)
        $0.member("description", description)
      }
    }
    return json(writer.bytes + [0x0A], status: status, headers: headers)
  }

  /// Whether a response of this status never has a body (RFC 9110 section 6.4.1).
  var isBodiless: Bool { status == 204 || status == 304 || status < 200 }
}
