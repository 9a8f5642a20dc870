import Reactor

/// Who a client says it is. Files are read again at every connect, so that renewed credentials are taken up.
public enum ClientAuthentication: Sendable, Equatable {
  case none
  case userPassword(user: String, password: String)
  case token(String)
  /// A file that holds a token, such as one that an orchestrator renews.
  case tokenFile(String)
  /// A file that holds an nkey seed.
  case nkeyFile(String)
  case nkeySeed(String)
  /// A `.creds` file: JWT and seed.
  case credentialsFile(String)
  /// A JWT, with the seed that signs the server's nonce (none for bearer tokens).
  case jwt(String, seed: String?)
}

/// How a client connects.
public struct ClientOptions: Sendable {
  /// Tried in turn, after those the servers name themselves.
  public var servers: [ServerURL] = []
  /// Who the client is on every server whose URL does not say it.
  public var authentication = ClientAuthentication.none
  /// What an operator may do who is not let in, such as the flags that name other credentials; told with the refusal.
  public var authorizationHint = ""
  /// Certificates and authority for TLS; nil = the system's authorities, if the server asks for TLS.
  public var tls: TLSOptions?
  /// TLS before the server's INFO instead of after it.
  public var tlsFirst = false
  /// Shown by servers in their connection lists.
  public var name = "natsight"
  public var inboxPrefix = "_INBOX"
  /// Seconds between PINGs; two without an answer end the connection.
  public var pingInterval = 20.0
  public var connectTimeout = 5.0
  /// Longest wait between two rounds through the servers, in seconds.
  public var longestReconnectWait = 4.0
  /// Servers learnt from INFO take part in reconnecting.
  public var usesDiscoveredServers = true
  public var echo = true
  /// Largest message accepted, in bytes. Replies on the system account exceed the servers' `max_payload`.
  public var largestMessage = 512 << 20
  /// Makes the connection inside this process instead of over the network; called for each attempt, on the client's shard.
  public var inProcess: (@Sendable (Shard) throws -> Connection)?

  public init() {}
}
