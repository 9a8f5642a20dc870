import HTTPServer
import Reactor
import Wire

/// An answer as the gateway gives it.
public typealias GatewayReply = HTTPResponse

/// What the caller of a request may read.
protocol PathRights: AnyObject, Sendable {
  /// Whether a decoded path may be read, for pages that read others.
  func mayRead(_ path: [String]) -> Bool
}

/// A request as the gateway sees it: without HTTP's framing, with a listener's prefix already in front of its path.
///
/// What it says lies behind a reference: whoever waits for an answer holds a copy.
public struct GatewayRequest: Sendable {
  private final class Content: Sendable {
    let path: String
    let query: String
    let accept: String?
    let scrapeTimeout: String?
    let basePath: String
    let http: HTTPRequest?
    let rights: (any PathRights)?

    init(
      path: String, query: String, accept: String?, scrapeTimeout: String?, basePath: String, http: HTTPRequest?,
      rights: (any PathRights)?
    ) {
      self.path = path
      self.query = query
      self.accept = accept
      self.scrapeTimeout = scrapeTimeout
      self.basePath = basePath
      self.http = http
      self.rights = rights
    }
  }

  private let content: Content
  /// The caller may know what servers exist.
  public var maySeeServers = true
  /// The caller may see JWTs, passwords and tokens.
  public var maySeeSecrets = true
  /// It came through a listener that is pinned to a scope.
  public var isPinned = false
  /// Until when it may wait, where it has waited already.
  var deadline: MonotonicTime?

  /// Percent-encoded path, beginning with a slash.
  public var path: String { content.path }
  /// What follows the question mark, without it.
  public var query: String { content.query }
  /// The `Accept` field; nil where HTML is out of the question, as on pinned listeners.
  public var accept: String? { content.accept }
  /// `X-Prometheus-Scrape-Timeout-Seconds`.
  public var scrapeTimeout: String? { content.scrapeTimeout }
  /// What paths begin with on the listener it came through, for links.
  public var basePath: String { content.basePath }
  /// The request as it came, for pages that need more of it.
  public var http: HTTPRequest? { content.http }

  /// Whether the caller may read another decoded path too.
  func mayRead(_ path: [String]) -> Bool { content.rights?.mayRead(path) ?? true }

  /// Path and query, as they are remembered.
  var target: String { query.isEmpty ? path : path + "?" + query }

  /// - Parameter http: The request as it came, where it came over HTTP.
  public init(
    path: String, query: String = "", accept: String? = nil, scrapeTimeout: String? = nil, basePath: String = "", http: HTTPRequest? = nil
  ) {
    self.init(
      path: path, query: query, accept: accept, scrapeTimeout: scrapeTimeout, basePath: basePath, http: http, rights: nil)
  }

  /// - Parameter rights: What else its caller may read; nil for everything.
  init(
    path: String, query: String, accept: String?, scrapeTimeout: String?, basePath: String, http: HTTPRequest?,
    rights: (any PathRights)?
  ) {
    content = Content(
      path: path, query: query, accept: accept, scrapeTimeout: scrapeTimeout, basePath: basePath, http: http, rights: rights)
  }
}
