import HTTPServer
import SystemAPI
import Wire

/// A page that the gateway makes itself instead of asking servers for it.
public struct GatewayPage: Sendable {
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

  /// First segment after the scope, such as `servers`.
  public let name: String
  public let scopes: Scopes
  /// More segments may follow, as in `/metrics/streams`.
  public let takesMore: Bool
  /// A browser gets the pages for browsers instead, which then ask for this page.
  public let hasView: Bool
  public let help: String
  /// What the query may hold, for the description of the interface.
  public let parameters: [EndpointParameter]
  /// Called on the gateway's shard.
  public let handler: @Sendable (PageRequest, Exit) -> Void

  public init(
    _ name: String, scopes: Scopes = .system, takesMore: Bool = false, hasView: Bool = false, help: String,
    parameters: [EndpointParameter] = [], handler: @escaping @Sendable (PageRequest, Exit) -> Void
  ) {
    self.name = name
    self.scopes = scopes
    self.takesMore = takesMore
    self.hasView = hasView
    self.help = help
    self.parameters = parameters
    self.handler = handler
  }

  func stands(under scope: PathScope) -> Bool {
    switch scope {
    case .system: scopes.contains(.system)
    case .cluster: scopes.contains(.cluster)
    case .server: scopes.contains(.server)
    case .account: scopes.contains(.account)
    }
  }
}

/// A request for a page.
public struct PageRequest: Sendable {
  public let request: GatewayRequest
  public let path: RequestPath
  public let query: HTTPQuery

  /// What follows the page's name in the path.
  public var more: ArraySlice<String> { path.rest.dropFirst() }
}
