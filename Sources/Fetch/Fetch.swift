import CCurl
import Wire

/// One HTTP request.
public struct FetchRequest: Sendable {
  public var url: String
  public var method = "GET"
  /// Sent when not nil, also when empty.
  public var body: [UInt8]?
  public var headers: [(name: String, value: String)] = []
  /// Seconds for the whole transfer.
  public var timeout = 5.0
  /// PEM files; empty = the system's authorities, no client certificate.
  public var caFile = ""
  public var certificateFile = ""
  public var keyFile = ""
  /// Accepts any server certificate.
  public var insecure = false
  /// Goes where an answer says that it has moved to.
  public var followsRedirects = true
  /// Largest answer that is read, bytes.
  public var limit = 4 << 20

  public init(url: String) { self.url = url }

  /// Without a user and password: for messages.
  var shownURL: String { UserInfo.removed(from: url) }
}

public struct FetchResponse: Sendable {
  public let status: Int
  /// Names in lower case.
  public let headers: [(name: String, value: String)]
  public let body: [UInt8]

  public func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
  public var text: String { String(decoding: body, as: UTF8.self) }
}

/// A request that got no answer: unreachable, timed out, not trusted, too large.
public struct FetchError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// HTTP and HTTPS through libcurl.
public enum Fetch {
  /// Performs the request; redirects are followed where that is wanted, to HTTP and HTTPS only. **Blocks**: call it on a worker queue.
  public static func perform(_ request: FetchRequest) throws(FetchError) -> FetchResponse {
    guard isHTTP(request.url), !request.url.utf8.contains(0) else {
      throw FetchError("expected an http:// or https:// URL, found \"\(request.shownURL)\"")
    }
    guard let transfer = ccurl_open() else {
      throw FetchError("libcurl (libcurl.so.4) could not be loaded; it is needed to fetch \(request.shownURL)")
    }
    defer { ccurl_close(transfer) }
    configure(transfer, request)
    if ccurl_perform(transfer, request.limit) != 0 {
      if ccurl_too_large(transfer) != 0 { throw FetchError("\(request.shownURL) answered with more than \(request.limit) bytes") }
      throw FetchError("\(request.method) \(request.shownURL): \(String(cString: ccurl_error(transfer)))")
    }
    var count = 0
    let answer = ccurl_answer(transfer, &count)
    let body = Array(UnsafeBufferPointer(start: answer, count: count))
    let lines = ccurl_headers(transfer, &count)
    let head = String(decoding: UnsafeBufferPointer(start: lines, count: count), as: UTF8.self)
    return FetchResponse(status: Int(ccurl_status(transfer)), headers: headers(head), body: body)
  }

  private static func configure(_ transfer: OpaquePointer, _ request: FetchRequest) {
    ccurl_set_text(transfer, Int32(ccurl_url), request.url)
    ccurl_set_text(transfer, Int32(ccurl_user_agent), "natsight/\(Release.version)")
    ccurl_set_text(transfer, Int32(ccurl_accept_encoding), "")
    ccurl_set_number(transfer, Int32(ccurl_follow), request.followsRedirects ? 1 : 0)
    ccurl_set_number(transfer, Int32(ccurl_max_redirects), 10)
    let milliseconds = Int(max(1, min(request.timeout, 3600) * 1000))
    ccurl_set_number(transfer, Int32(ccurl_timeout_ms), milliseconds)
    ccurl_set_number(transfer, Int32(ccurl_connect_timeout_ms), milliseconds)
    // A proxy of the environment is never meant for the own machine.
    if isLoopback(request.url) { ccurl_set_text(transfer, Int32(ccurl_no_proxy), "*") }
    if let body = request.body { ccurl_set_body(transfer, body, body.count) }
    if request.method == "HEAD" {
      ccurl_set_number(transfer, Int32(ccurl_no_body), 1)
    } else {
      ccurl_set_text(transfer, Int32(ccurl_method), request.method)
    }
    // curl would ask "Expect: 100-continue" and wait a second for servers that ignore it.
    ccurl_add_header(transfer, "Expect:")
    for header in request.headers { ccurl_add_header(transfer, "\(header.name): \(header.value)") }
    if !request.caFile.isEmpty { ccurl_set_text(transfer, Int32(ccurl_ca_file), request.caFile) }
    if !request.certificateFile.isEmpty { ccurl_set_text(transfer, Int32(ccurl_certificate), request.certificateFile) }
    if !request.keyFile.isEmpty { ccurl_set_text(transfer, Int32(ccurl_key), request.keyFile) }
    if request.insecure {
      ccurl_set_number(transfer, Int32(ccurl_verify_peer), 0)
      ccurl_set_number(transfer, Int32(ccurl_verify_host), 0)
    }
  }

  static func isHTTP(_ url: String) -> Bool {
    let lower = url.prefix(8).lowercased()
    return lower.hasPrefix("http://") || lower.hasPrefix("https://")
  }

  private static func isLoopback(_ url: String) -> Bool {
    guard let authority = url.split(separator: "/", maxSplits: 2).dropFirst().first else { return false }
    return Loopback.contains(Loopback.host(of: String(authority)))
  }

  /// Blanks around a value are no part of it (RFC 9110 section 5.5).
  private static func trimmed(_ value: Substring) -> String {
    var value = value.drop { $0 == " " || $0 == "\t" }
    while value.last == " " || value.last == "\t" { value.removeLast() }
    return String(value)
  }

  private static func headers(_ head: String) -> [(name: String, value: String)] {
    head.split(whereSeparator: \.isNewline).dropFirst().compactMap { line in
      guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
      return (line[..<colon].lowercased(), trimmed(line[line.utf8.index(after: colon)...]))
    }
  }
}
