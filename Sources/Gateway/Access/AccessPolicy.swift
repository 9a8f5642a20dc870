import SystemAPI

/// What a kind of caller may read.
public struct AccessRole: Sendable, Equatable {
  public let name: String
  /// Paths that may be read; a path that none of them means is 403.
  public let allow: [PathPattern]
  /// Whether secrets in answers are shown.
  public let secrets: Bool
  /// Requests a second for each caller of this role, with bursts of twice as many; nil for no limit.
  public let requestsPerSecond: Double?

  public init(name: String, allow: [PathPattern], secrets: Bool = false, requestsPerSecond: Double? = nil) {
    self.name = name
    self.allow = allow
    self.secrets = secrets
    self.requestsPerSecond = requestsPerSecond
  }

  /// What callers may read where there is no access file.
  static let everyone = AccessRole(name: "", allow: [], secrets: false)
  var isEveryone: Bool { self == .everyone }

  /// Whether this role may read a decoded path.
  ///
  /// Whoever may read an answer may compare it with itself at another moment: `/diff/varz` is allowed where `/varz` is, and nowhere else.
  public func allows(_ path: [String]) -> Bool {
    let compared = path.first == PageDescription.diff.name && path.count > 1 ? Array(path.dropFirst()) : path
    let canonical = EndpointTable.canonical(compared)
    return allow.contains { $0.matches(canonical) }
  }
}

/// Who may read what, as an access file says it.
public struct AccessPolicy: Sendable, Equatable {
  public struct User: Sendable, Equatable {
    public let name: String
    /// Plain, or a bcrypt hash.
    public let password: String
    public let role: String
  }

  public struct Token: Sendable, Equatable {
    /// SHA-256 of the token.
    public let digest: [UInt8]
    /// A bcrypt hash, where the file holds one instead.
    public let bcrypt: String?
    /// What logs call it.
    public let label: String
    public let role: String
  }

  public struct Certificate: Sendable, Equatable {
    /// The subject as RFC 2253 writes it: `CN=…,O=…`.
    public let subject: String
    public let role: String
  }

  public var roles: [String: AccessRole] = [:]
  public var users: [User] = []
  public var tokens: [Token] = []
  public var certificates: [Certificate] = []

  public init() {}
}
