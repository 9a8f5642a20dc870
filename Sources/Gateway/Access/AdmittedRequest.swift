import HTTPServer

/// A request that may be answered, with what its caller may see.
///
/// An object, because every layer hands it on and some keep it.
public final class AdmittedRequest: PathRights {
  /// The request as it came.
  public let http: HTTPRequest
  /// Percent-encoded path with the listener's prefix in front.
  public let path: String
  /// Whether it came through a listener that is pinned to a scope.
  public let isPinned: Bool
  /// What paths begin with on that listener; empty for none.
  public let basePath: String
  /// Whether the caller may know what servers exist.
  public let maySeeServers: Bool
  /// Whether the caller may see secrets.
  public let maySeeSecrets: Bool
  /// The name of the caller's role; empty where nobody signs in.
  public var role: String { rights.name }
  private let rights: AccessRole

  /// - Parameter seesServers: nil for what the role says.
  init(_ request: HTTPRequest, path: String, _ mount: ListenerMount, _ caller: AccessCaller, seesServers: Bool? = nil) {
    http = request
    self.path = path
    isPinned = !mount.prefix.isEmpty
    basePath = mount.basePath
    maySeeServers = seesServers ?? (caller.role.isEveryone || caller.role.allows(["servers"]))
    maySeeSecrets = caller.role.secrets
    rights = caller.role
  }

  func mayRead(_ path: [String]) -> Bool { rights.isEveryone || rights.allows(path) }

  /// A caller without a name, for what everybody may have.
  static func stranger(_ request: HTTPRequest, _ path: String, _ mount: ListenerMount) -> AdmittedRequest {
    AdmittedRequest(request, path: path, mount, AccessCaller(name: "", role: .everyone), seesServers: false)
  }
}
