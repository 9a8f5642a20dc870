import HTTPServer
import Reactor
import Wire

/// An answer as the gateway gives it.
public typealias GatewayReply = HTTPResponse

/// A request as the gateway sees it: without HTTP's framing, with a listener's prefix already in front of its path.
public struct GatewayRequest: Sendable {
  /// Percent-encoded path, beginning with a slash.
  public var path: String
  /// What follows the question mark, without it.
  public var query: String
  /// The `Accept` field; nil where HTML is out of the question, as on pinned listeners.
  public var accept: String?
  /// `X-Prometheus-Scrape-Timeout-Seconds`.
  public var scrapeTimeout: String?
  /// The caller may know what servers exist.
  public var maySeeServers = true
  /// The caller may see JWTs, passwords and tokens.
  public var maySeeSecrets = true
  /// It came through a listener that is pinned to a scope.
  public var isPinned = false
  /// What paths begin with on the listener it came through, for links.
  public var basePath = ""
  /// Until when it may wait, where it has waited already.
  var deadline: MonotonicTime?
  /// The request as it came, for pages that need more of it.
  public var http: HTTPRequest?

  /// Path and query, as they are remembered.
  var target: String { query.isEmpty ? path : path + "?" + query }

  public init(path: String, query: String = "", accept: String? = nil, scrapeTimeout: String? = nil) {
    self.path = path
    self.query = query
    self.accept = accept
    self.scrapeTimeout = scrapeTimeout
  }
}
