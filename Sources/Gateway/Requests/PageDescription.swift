import SystemAPI
import Wire

/// One of the gateway's own pages: what routing, the indexes, `/openapi.json` and `docs/paths.md` need to know about it.
public struct PageDescription: Sendable {
  /// Scopes a page may stand under.
  public struct Scopes: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }
    public static let system = Scopes(rawValue: 1)
    public static let cluster = Scopes(rawValue: 2)
    public static let server = Scopes(rawValue: 4)
    public static let account = Scopes(rawValue: 8)
    public static let all: Scopes = [.system, .cluster, .server, .account]
  }

  /// When a page tells of what was.
  public enum Past: Sendable {
    case never, always
    /// Where the query has one of these.
    case with([EndpointParameter])
  }

  /// First segment after the scope, such as `servers`.
  public let name: String
  public let scopes: Scopes
  /// More segments may follow, as in `/metrics/streams`.
  public let takesMore: Bool
  /// A browser gets the pages for browsers instead, which then ask for this page.
  public let hasView: Bool
  /// Its answers tell of servers: each says how many of those expected it rests on.
  public let isAboutServers: Bool
  /// Its answers tell of what was: of servers and accounts too that are known by the record alone.
  public let past: Past
  public let help: String
  /// What the query may hold. Other names are ignored, and named in `Natsight-Ignored`.
  public let parameters: [EndpointParameter]

  public init(
    _ name: String, scopes: Scopes = .system, takesMore: Bool = false, hasView: Bool = false, isAboutServers: Bool = true,
    past: Past = .never, help: String, parameters: [EndpointParameter] = []
  ) {
    self.name = name
    self.scopes = scopes
    self.takesMore = takesMore
    self.hasView = hasView
    self.isAboutServers = isAboutServers
    self.past = past
    self.help = help
    self.parameters = parameters + (hasView ? [PageDescription.format] : [])
  }

  /// Which of the two a page with a view gives.
  static let format = EndpointParameter("format", "", .choice(["json", "html"]), "json, or html for the page for browsers")

  func stands(under scope: PathScope) -> Bool {
    switch scope {
    case .system: scopes.contains(.system)
    case .cluster: scopes.contains(.cluster)
    case .server: scopes.contains(.server)
    case .account: scopes.contains(.account)
    }
  }
}
