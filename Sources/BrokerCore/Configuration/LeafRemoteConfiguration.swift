import Identity
import Reactor
import Wire

/// The joining side of `leafnodes`: a system that this server becomes a leaf node of, for one of its accounts.
public struct LeafRemoteConfiguration: Sendable, Equatable {
  /// One address of the other system.
  public struct Place: Sendable, Equatable {
    public var host: String
    public var port: UInt16
    /// The scheme asks for TLS.
    public var tls: Bool
    public var user: String?
    public var password: String?

    public init(host: String, port: UInt16 = 7422, tls: Bool = false, user: String? = nil, password: String? = nil) {
      self.host = host
      self.port = port
      self.tls = tls
      self.user = user
      self.password = password
    }

    /// Without credentials, for logs and documents.
    public var url: String { "\(tls ? "tls" : "nats-leaf")://\(HostPort.text(host, port))" }
  }

  /// How TLS is spoken with it. Files are PEM.
  public struct TLS: Sendable, Equatable {
    public var certificateFile: String?
    public var keyFile: String?
    /// Authorities of the other side's certificate; nil: the system's.
    public var caFile: String?
    /// Take whatever certificate is shown.
    public var insecure = false
    /// TLS before INFO.
    public var handshakeFirst = false
    public var timeout = 2.0
    public var cipherSuites: [String] = []
    public var curvePreferences: [TLSListenerConfiguration.Curve] = []
    public var minimumVersion: String?
    public init() {}
  }

  /// At least one.
  public var places: [Place] = []
  /// The account here; nil: the global one.
  public var account: String?
  /// A user's `.creds` file, read at each attempt.
  public var credentialsFile: String?
  /// The seed of a user's nkey.
  public var seed: String?
  public var tls: TLS?
  /// This side takes the part of the hub.
  public var isHub = false
  /// Subjects that are not taken from there, and are not sent there.
  public var denyImports: [String] = []
  public var denyExports: [String] = []
  /// The addresses are tried in their order.
  public var noRandomize = false
  /// It is not joined.
  public var isDisabled = false
  /// Addresses that the other side tells of are not used.
  public var ignoresDiscoveredServers = false
  /// Seconds until the other side has to say its INFO.
  public var firstInfoTimeout = 1.0
  public init() {}

  /// The same addresses for the same account by the same credentials: joined twice, it would hear itself.
  package func isSame(as other: LeafRemoteConfiguration) -> Bool {
    places == other.places && localAccount == other.localAccount && credentialsFile == other.credentialsFile && seed == other.seed
  }

  /// The account's name here.
  public var localAccount: String { account ?? "$G" }
}

/// What it takes to join another system: made by whoever starts the server, as the certificates are.
package struct LeafRemoteSecrets: Sendable {
  /// For TLS with it.
  let context: TLSContext
  /// Reads the `.creds` file that is configured. Blocks.
  let credentials: @Sendable () throws -> Credentials?

  package init(context: TLSContext, credentials: @escaping @Sendable () throws -> Credentials?) {
    self.context = context
    self.credentials = credentials
  }
}
