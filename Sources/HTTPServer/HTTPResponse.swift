import Synchronization
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

/// A body's gzip form, made when it is first wanted and used by all responses that share the body.
public final class SharedCompression: Sendable {
  private let made = Mutex<[UInt8]?>(nil)

  public init() {}

  /// Nil until it has been made.
  var body: [UInt8]? { made.withLock { $0 } }

  func keep(_ body: [UInt8]) { made.withLock { $0 = body } }
}

/// A whole response. `Date`, `Content-Length`, `Content-Encoding` and `Connection` are the server's business.
public struct HTTPResponse: Sendable {
  public var status: Int
  /// Empty for none.
  public var contentType: String { didSet { prepared = nil } }
  public var headers: [HTTPHeader] { didSet { prepared = nil } }
  public var body: [UInt8] { didSet { prepared = nil } }
  /// The body as gzip, where it is at hand; without it the server compresses a body over 1 KiB by itself.
  public var gzippedBody: [UInt8]?
  /// Where many responses have this body: it is compressed once for all of them.
  public var sharedCompression: SharedCompression?
  /// False for what is compressed already or must go out as it is.
  public var isCompressible = true
  /// Ends the connection after this response.
  public var closesConnection = false
  /// The fields that follow Date, made beforehand; nil once anything that they tell has changed.
  private(set) var prepared: [UInt8]?

  /// Lays the header fields out now, for a response that is sent many times.
  public mutating func prepare() {
    guard !isBodiless else { return }
    var fields: [UInt8] = []
    HTTPResponseHead.appendFields(of: self, length: body.count, to: &fields)
    prepared = fields
  }

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

  /// Whether a response of this status never has a body (RFC 9110 section 6.4.1).
  var isBodiless: Bool { status == 204 || status == 304 || status < 200 }
}

extension HTTPResponseHead {
  /// Appends the fields that a response itself decides.
  ///
  /// - Parameter length: Of the body; nil where another framing is used, or none.
  static func appendFields(of response: HTTPResponse, length: Int?, to head: inout [UInt8]) {
    if !response.contentType.isEmpty { append("Content-Type", response.contentType, to: &head) }
    if let length {
      append("Content-Length: ", to: &head)
      DecimalText.append(length, to: &head)
      append("\r\n", to: &head)
    }
    for header in response.headers { append(header.name, header.value, to: &head) }
  }
}
