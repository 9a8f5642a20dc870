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
  /// The only key-exchange curves, in order of preference; empty: OpenSSL's choice.
  public var curvePreferences: [Curve] = []
  public var minimumVersion: String?

  /// A key-exchange curve under the name that nats-server gives it (server/ciphersuites.go, `curvePreferenceMap`).
  public enum Curve: String, Sendable, CaseIterable {
    case x25519 = "X25519"
    case p256 = "CurveP256"
    case p384 = "CurveP384"
    case p521 = "CurveP521"
  }

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

    /// Whom the block itself lets in under a name, or a public key.
    func login(of name: String) -> LeafUser? {
      if let user { return user == name ? LeafUser(user: name, password: password ?? "", account: account) : nil }
      if let nkey { return nkey == name ? LeafUser(user: name, password: "", account: account) : nil }
      return users.first { $0.user == name }
    }
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
