import Wire

/// Everything that a configuration file and the command line can say about one server: what the broker's core needs,
/// and what belongs to the process around it.
public struct BrokerOptions: Sendable, Equatable {
  /// What the broker's core is started with.
  public var broker = BrokerConfiguration()
  /// Where monitoring is served over HTTP; a `nil` port means nowhere.
  public var monitoring = MonitoringListenerOptions()
  public var logging = LogOptions()
  /// Operators, trusted keys and the account resolver, as written; files are not read yet.
  public var operatorMode = OperatorModeOptions()
  public var pidFile = ""
  public var portsFileDirectory = ""
  public var storeDirectory = ""
  public var connectErrorReports = 3600
  public var reconnectErrorReports = 1
  public var profilingPort = 0
  public var blockProfileRate = 0
  /// The file that was read; empty without one.
  public var configurationFile = ""
  /// `sha256:` and the hexadecimal digest of the configuration's text, includes and all; empty without a file.
  public var configurationDigest = ""

  public init() {}

  /// What documents show of the process.
  public var reported: ReportedOptions {
    var reported = ReportedOptions()
    reported.httpHost = monitoring.host.isEmpty ? broker.host : monitoring.host
    reported.httpPort = Int(monitoring.port ?? 0)
    reported.httpsPort = Int(monitoring.httpsPort ?? 0)
    reported.httpBasePath = monitoring.basePath
    reported.configurationDigest = configurationDigest
    reported.trustedOperators = operatorMode.tokens
    reported.trustedOperatorClaims = reported.trustedOperators.compactMap(TokenPayload.json)
    return reported
  }
}

/// The monitoring listener, served by whoever embeds the broker.
public struct MonitoringListenerOptions: Sendable, Equatable {
  public var host = ""
  /// 0 takes any free port; nil means no listener.
  public var port: UInt16?
  public var httpsHost = ""
  /// As `port`, with the server's own certificate.
  public var httpsPort: UInt16?
  public var basePath = ""
  public init() {}
}

/// Where log lines go and which of them.
public struct LogOptions: Sendable, Equatable {
  public var debug = false
  public var time = true
  public var timeInUTC = false
  /// Empty: standard error.
  public var file = ""
  /// Bytes after which the file is renamed and begun anew; 0: never.
  public var fileSizeLimit: Int64 = 0
  /// Files that are kept, the one in use among them; 0: all.
  public var fileMaximumCount = 0
  public init() {}
}

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
