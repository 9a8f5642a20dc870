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
///
/// What it says lies behind a reference and is copied when a copy is changed: an answer that many share is handed on by many layers.
public struct HTTPResponse: Sendable {
  private struct Values: Sendable {
    var status: Int
    var contentType: String { didSet { prepared = nil } }
    var headers: [HTTPHeader] { didSet { prepared = nil } }
    var body: [UInt8] { didSet { prepared = nil } }
    var gzippedBody: [UInt8]?
    var sharedCompression: SharedCompression?
    var isCompressible = true
    var closesConnection = false
    var prepared: [UInt8]?
  }

  private final class Content: Sendable {
    let values: Values

    init(_ values: Values) { self.values = values }
  }

  private var content: Content

  private mutating func change(_ body: (inout Values) -> Void) {
    var values = content.values
    body(&values)
    content = Content(values)
  }

  public var status: Int {
    get { content.values.status }
    set { change { $0.status = newValue } }
  }
  /// Empty for none.
  public var contentType: String {
    get { content.values.contentType }
    set { change { $0.contentType = newValue } }
  }
  public var headers: [HTTPHeader] {
    get { content.values.headers }
    set { change { $0.headers = newValue } }
  }
  public var body: [UInt8] {
    get { content.values.body }
    set { change { $0.body = newValue } }
  }
  /// The body as gzip, where it is at hand; without it the server compresses a body over 1 KiB by itself.
  public var gzippedBody: [UInt8]? {
    get { content.values.gzippedBody }
    set { change { $0.gzippedBody = newValue } }
  }
  /// Where many responses have this body: it is compressed once for all of them.
  public var sharedCompression: SharedCompression? {
    get { content.values.sharedCompression }
    set { change { $0.sharedCompression = newValue } }
  }
  /// False for what is compressed already or must go out as it is.
  public var isCompressible: Bool {
    get { content.values.isCompressible }
    set { change { $0.isCompressible = newValue } }
  }
  /// Ends the connection after this response.
  public var closesConnection: Bool {
    get { content.values.closesConnection }
    set { change { $0.closesConnection = newValue } }
  }
  /// The fields that follow Date, made beforehand; nil once anything that they tell has changed.
  var prepared: [UInt8]? { content.values.prepared }

  /// Lays the header fields out now, for a response that is sent many times.
  public mutating func prepare() {
    guard !isBodiless else { return }
    var fields: [UInt8] = []
    HTTPResponseHead.appendFields(of: self, length: body.count, to: &fields)
    change { $0.prepared = fields }
  }

  public init(status: Int = 200, contentType: String = "", headers: [HTTPHeader] = [], body: [UInt8] = []) {
    content = Content(Values(status: status, contentType: contentType, headers: headers, body: body))
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
