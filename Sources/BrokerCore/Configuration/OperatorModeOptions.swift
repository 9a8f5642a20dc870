/// What switches a server to operator mode, where accounts and users come from JWTs.
public struct OperatorModeOptions: Sendable, Equatable {
  /// Where account JWTs come from.
  public enum Resolver: Sendable, Equatable {
    /// Only what `resolver_preload` holds.
    case memory
    /// Fetched over HTTP: the URL, to which an account's key is appended.
    case url(String)
    /// All of them in a folder, kept in step between servers.
    case full(FullResolver)
    /// The recently used ones in a folder.
    case cache(CacheResolver)
  }

  /// The settings of a resolver that keeps everything. Times are seconds.
  public struct FullResolver: Sendable, Equatable {
    public var directory = ""
    public var allowDelete = false
    public var hardDelete = false
    /// 0: no limit.
    public var limit = 0
    public var interval = 60.0
    public var timeout = 1.9
    public init() {}
  }

  /// The settings of a resolver that keeps what was asked for lately. Times are seconds.
  public struct CacheResolver: Sendable, Equatable {
    public var directory = ""
    public var limit = 1000
    /// 0: for ever.
    public var timeToLive = 0.0
    public var timeout = 1.9
    public init() {}
  }

  /// File paths, or JWTs themselves (they start with `eyJ`).
  public var operators: [String] = []
  public var trustedKeys: [String] = []
  public var resolver: Resolver?
  /// Account public key → JWT, in the order of the file.
  public var preload: [(account: String, jwt: String)] = []
  public var pinnedAccounts: [String] = []
  public var defaultSentinel = ""
  /// Certificates for the URL resolver.
  public var resolverTLS: ResolverTLS?

  /// The client side of the URL resolver's TLS; empty texts are not given.
  public struct ResolverTLS: Sendable, Equatable {
    public var certificateFile = ""
    public var keyFile = ""
    public var caFile = ""
    public var insecure = false
    public init() {}
  }

  public init() {}

  /// Whether any operator is trusted, by JWT or by key.
  public var isConfigured: Bool { !operators.isEmpty || !trustedKeys.isEmpty }

  public static func == (left: Self, right: Self) -> Bool {
    left.operators == right.operators && left.trustedKeys == right.trustedKeys && left.resolver == right.resolver
      && left.preload.elementsEqual(right.preload, by: ==) && left.pinnedAccounts == right.pinnedAccounts
      && left.defaultSentinel == right.defaultSentinel && left.resolverTLS == right.resolverTLS
  }
}
