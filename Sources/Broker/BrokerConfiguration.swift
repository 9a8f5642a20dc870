/// Everything the broker's core needs to know to start, as plain values: what a configuration file, the command line or
/// an embedding program fills in. Texts are taken as valid UTF-8, times are seconds, sizes are bytes.
public struct BrokerConfiguration: Sendable, Equatable {
  /// Shown in INFO and in every document; empty means the server's id.
  public var serverName = ""
  /// The server's public nkey (`N…`); nil makes a new one for this run.
  public var serverID: String?
  /// The nats-server version whose behaviour and documents are matched; clients test it for features.
  public var version = "2.14.5"
  /// The `go` member of INFO: any text is accepted by clients.
  public var toolchain = "swift6.3"
  public var gitCommit = ""

  /// Where clients connect. A port of 0 takes any free one; nil opens no listener at all.
  public var host = "0.0.0.0"
  public var port: UInt16? = 4222
  public var clientAdvertise: String?
  public var clusterName: String?
  public var tls: TLSListenerConfiguration?
  public var allowNonTLS = false
  public var headers = true
  /// Accounts and users come from JWTs.
  public var usesOperators = false

  public var limits = BrokerLimits()
  public var timers = BrokerTimers()

  public var authorization = AuthorizationConfiguration()
  public var accounts: [AccountConfiguration] = []
  public var noAuthUser: String?
  /// The account that carries `$SYS`; nil means `$SYS` itself.
  public var systemAccount: String?
  public var noSystemAccount = false
  /// Subject mappings of the global account `$G`.
  public var mappings: [MappingConfiguration] = []

  public var leafNodes: LeafListenerConfiguration?
  public var tags: [String] = []
  public var metadata: [String: String] = [:]
  public var disableSublistCache = false
  public var noFastProducerStall = false
  public var trace = TraceConfiguration()

  public init() {}
}

/// Limits of one server. A negative number is "no limit" where that makes sense.
public struct BrokerLimits: Sendable, Equatable {
  /// Clients at one time; negative: no limit.
  public var maxConnections = 65536
  /// Subscriptions of one connection; 0: no limit.
  public var maxSubscriptions = 0
  /// Tokens in a subscription's subject; 0: no limit.
  public var maxSubscriptionTokens = 0
  public var maxControlLine = 4096
  public var maxPayload = 1 << 20
  /// Bytes queued to one connection before it counts as a slow consumer.
  public var maxPending = 64 << 20
  /// Closed connections kept for monitoring.
  public var maxClosedClients = 10_000
  public init() {}
}

/// Times of one server, in seconds.
public struct BrokerTimers: Sendable, Equatable {
  public var pingInterval = 120.0
  public var pingMaximum = 2
  public var writeDeadline = 10.0
  public var lameDuckDuration = 120.0
  public var lameDuckGracePeriod = 10.0
  public init() {}
}

/// The `authorization` block: single credentials, a token, or the users of the global account.
public struct AuthorizationConfiguration: Sendable, Equatable {
  public var user: String?
  public var password: String?
  public var token: String?
  public var users: [UserConfiguration] = []
  public var defaultPermissions: PermissionsConfiguration?
  /// Nil: 2 s, or the TLS timeout plus one second.
  public var timeout: Double?
  public init() {}
}

/// One user: a name with a password (plain or bcrypt), or a public user nkey.
public struct UserConfiguration: Sendable, Equatable {
  public var user: String
  public var password: String
  public var nkey: String?
  public var permissions: PermissionsConfiguration?
  /// Empty: any. Upper case (`STANDARD`, `LEAFNODE`, `IN_PROCESS`, …).
  public var allowedConnectionTypes: Set<String> = []
  public init(user: String, password: String = "", permissions: PermissionsConfiguration? = nil) {
    self.user = user
    self.password = password
    self.permissions = permissions
  }
  public init(nkey: String, permissions: PermissionsConfiguration? = nil) {
    self.user = ""
    self.password = ""
    self.nkey = nkey
    self.permissions = permissions
  }
}

/// What a user may publish and subscribe. A nil part leaves everything open.
public struct PermissionsConfiguration: Sendable, Equatable {
  public var publish: SubjectRules?
  public var subscribe: SubjectRules?
  public var allowResponses: ResponsePermission?
  public init(publish: SubjectRules? = nil, subscribe: SubjectRules? = nil, allowResponses: ResponsePermission? = nil) {
    self.publish = publish
    self.subscribe = subscribe
    self.allowResponses = allowResponses
  }
}

/// Allow and deny lists; a subscribe entry may be `"subject queue"`. A nil allow list allows what is not denied.
public struct SubjectRules: Sendable, Equatable {
  public var allow: [String]?
  public var deny: [String]
  public init(allow: [String]? = nil, deny: [String] = []) {
    self.allow = allow
    self.deny = deny
  }
}

/// How often and how long the reply subject of a delivered message may be published to.
public struct ResponsePermission: Sendable, Equatable {
  /// Negative: no limit.
  public var maxMessages: Int
  /// Seconds; negative: no limit.
  public var expires: Double
  public init(maxMessages: Int = 1, expires: Double = 120) {
    self.maxMessages = maxMessages
    self.expires = expires
  }
}

/// One account of the configuration.
public struct AccountConfiguration: Sendable, Equatable {
  public var name: String
  public var nkey: String?
  public var users: [UserConfiguration] = []
  public var defaultPermissions: PermissionsConfiguration?
  public var limits = AccountLimits()
  public var mappings: [MappingConfiguration] = []
  public var exports: [ExportConfiguration] = []
  public var imports: [ImportConfiguration] = []
  public init(name: String) { self.name = name }
}

/// Limits of one account; negative: none.
public struct AccountLimits: Sendable, Equatable {
  public var maxConnections = -1
  public var maxSubscriptions = -1
  public var maxPayload = -1
  public var maxLeafNodes = -1
  public init() {}
}

/// `source` is published, one of the destinations is what the account sees.
public struct MappingConfiguration: Sendable, Equatable {
  public struct Destination: Sendable, Equatable {
    public var subject: String
    /// Percent, 0…100.
    public var weight: Int
    public var cluster: String?
    public init(subject: String, weight: Int = 100, cluster: String? = nil) {
      self.subject = subject
      self.weight = weight
      self.cluster = cluster
    }
  }
  public var source: String
  public var destinations: [Destination]
  public init(source: String, destinations: [Destination]) {
    self.source = source
    self.destinations = destinations
  }
}

/// What crosses an account's border: messages one way, or requests with their answers.
public enum BorderKind: String, Sendable { case stream, service }

/// How many answers one request may get through a service import.
public enum ServiceResponseType: String, Sendable {
  case singleton = "Singleton"
  case streamed = "Streamed"
  case chunked = "Chunked"
}

/// Which requests of a service are measured, and where the measurements go.
public struct ServiceLatencyConfiguration: Sendable, Equatable {
  public enum Sampling: Sendable, Equatable {
    case percent(Int)
    case headers
  }
  public var sampling: Sampling
  public var subject: String
  public init(sampling: Sampling = .percent(100), subject: String) {
    self.sampling = sampling
    self.subject = subject
  }
}

/// What an account offers to others.
public struct ExportConfiguration: Sendable, Equatable {
  public var kind: BorderKind
  public var subject: String
  /// The accounts that may import; nil: every account.
  public var accounts: [String]?
  public var responseType = ServiceResponseType.singleton
  /// Seconds after which an unanswered request is forgotten.
  public var responseThreshold: Double?
  public var latency: ServiceLatencyConfiguration?
  /// 1-based token that must equal the importing account's name; 0: none.
  public var accountTokenPosition = 0
  /// For monitoring only; the default is that nobody asked.
  public var allowTrace = false
  public init(_ kind: BorderKind, subject: String, accounts: [String]? = nil) {
    self.kind = kind
    self.subject = subject
    self.accounts = accounts
  }
}

/// What an account takes from another.
public struct ImportConfiguration: Sendable, Equatable {
  public var kind: BorderKind
  public var account: String
  public var subject: String
  public var to: String?
  public var prefix: String?
  public var share = false
  public var allowTrace = false
  public init(_ kind: BorderKind, account: String, subject: String, to: String? = nil) {
    self.kind = kind
    self.account = account
    self.subject = subject
    self.to = to
  }
}

/// A `tls` block of a listener. Files are PEM.
public struct TLSListenerConfiguration: Sendable, Equatable {
  public enum HandshakeFirst: Sendable, Equatable {
    case no
    case always
    /// Wait that long (seconds) for a ClientHello, then send INFO in clear.
    case within(Double)
  }
  public var certificateFile: String
  public var keyFile: String
  public var caFile: String?
  public var verify = false
  public var verifyAndMap = false
  public var timeout = 2.0
  public var pinnedCertificates: Set<String> = []
  public var handshakeFirst = HandshakeFirst.no
  /// Handshakes a second; 0: no limit.
  public var connectionRateLimit = 0
  public var cipherSuites: [String] = []
  public var curvePreferences: [String] = []
  public var minimumVersion: String?
  public init(certificateFile: String, keyFile: String) {
    self.certificateFile = certificateFile
    self.keyFile = keyFile
  }
}

/// The accepting side of `leafnodes`.
public struct LeafListenerConfiguration: Sendable, Equatable {
  public struct Authorization: Sendable, Equatable {
    public var user: String?
    public var password: String?
    public var nkey: String?
    public var account: String?
    public var users: [LeafUser] = []
    public var timeout: Double?
    public init() {}
  }
  public struct LeafUser: Sendable, Equatable {
    public var user: String
    public var password: String
    public var account: String?
    public init(user: String, password: String, account: String? = nil) {
      self.user = user
      self.password = password
      self.account = account
    }
  }
  public var host = "0.0.0.0"
  /// 0 takes any free port.
  public var port: UInt16 = 7422
  public var advertise: String?
  public var minimumVersion: String?
  public var authorization = Authorization()
  public var tls: TLSListenerConfiguration?
  public init() {}
}

/// Why a configuration was refused; one sentence, as nats-server words it.
public struct BrokerConfigurationError: Error, Equatable, CustomStringConvertible {
  public var description: String
  public init(_ description: String) { self.description = description }
}
