import BrokerCore
import Identity
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
    reported.trustedOperatorClaims = reported.trustedOperators.compactMap(TokenPayload.shown)
    return reported
  }
}

extension BrokerConfiguration {
  /// A password of a client stands in the configuration as it is typed.
  public var hasPlainPasswords: Bool {
    let users = authorization.users + accounts.flatMap(\.users)
    return ([authorization.user == nil ? nil : authorization.password] + users.map { $0.nkey == nil ? $0.password : nil })
      .contains { $0.map { !$0.isEmpty && !Password.isHash($0) } ?? false }
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
