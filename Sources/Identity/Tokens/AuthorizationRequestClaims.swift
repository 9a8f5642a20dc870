/// A server asks an authorization service about a connection that wants to log in. Signed by the server.
public struct AuthorizationRequestClaims: Claims, Equatable {
  public static let type = "authorization_request"
  public static let issuerKinds: [KeyKind] = [.server]
  public static let notThisClaim = "not an authorization request claim"

  /// What the server tells of itself.
  public struct Server: Sendable, Equatable {
    public var name = ""
    public var host = ""
    /// Its public key.
    public var id = ""
    public var version = ""
    public var cluster = ""
    public var tags: [String] = []
    /// The curve key that answers may be sealed for; empty where requests are not sealed.
    public var curveKey = ""
    public init() {}
  }

  /// What the server knows of the connection.
  public struct Client: Sendable, Equatable {
    public var host = ""
    public var id: UInt64 = 0
    public var user = ""
    public var name = ""
    public var tags: [String] = []
    public var nameTag = ""
    /// `Client` or `Leafnode`.
    public var kind = ""
    /// `nats` for clients.
    public var type = ""
    /// What it has signed, where it has signed anything.
    public var nonce = ""
    public init() {}
  }

  /// What it said in CONNECT.
  public struct Credentials: Sendable, Equatable {
    public var jwt = ""
    public var nkey = ""
    public var signature = ""
    public var token = ""
    public var user = ""
    public var password = ""
    public var name = ""
    public var language = ""
    public var version = ""
    public var revision = 0
    public init() {}
  }

  /// Its TLS, with certificates as PEM.
  public struct TLS: Sendable, Equatable {
    public var version = ""
    public var cipher = ""
    /// Those that it has shown and nobody has verified.
    public var certificates: [String] = []
    public var verifiedChains: [[String]] = []
    public init() {}
  }

  public var standard: StandardClaims
  public var server = Server()
  /// The key that the answer has to be about: made for this request, so that no answer serves twice.
  public var userKey = ""
  public var client = Client()
  public var connect: Credentials
  public var tls: TLS?
  public var tags: [String] = []
  public var version = 2

  public init(subject: String) {
    standard = StandardClaims(subject: subject)
    connect = .init()
  }

  public init(standard: StandardClaims, body: ClaimValue, version: Int, token: ClaimValue) throws {
    self.standard = standard
    let reader = ClaimReader(body, path: "nats")
    if let one = try reader.object("server_id") { server = try Server(one) }
    userKey = try reader.string("user_nkey")
    if let one = try reader.object("client_info") { client = try Client(one) }
    connect = try reader.object("connect_opts").map { try Credentials($0) } ?? .init()
    tls = try reader.object("client_tls").map { try TLS($0) }
    self.version = version
    tags = try Token.tags(body, token, version)
  }

  public func body() -> [ClaimMember] {
    var builder = ClaimBuilder()
    builder.always("server_id", server.value)
    builder.always("user_nkey", .string(userKey))
    builder.always("client_info", client.value)
    builder.always("connect_opts", connect.value)
    if let tls { builder.always("client_tls", tls.value) }
    return builder.members
  }
}

extension AuthorizationRequestClaims.Server {
  init(_ reader: ClaimReader) throws {
    name = try reader.string("name")
    host = try reader.string("host")
    id = try reader.string("id")
    version = try reader.string("version")
    cluster = try reader.string("cluster")
    tags = try reader.strings("tags")
    curveKey = try reader.string("xkey")
  }

  var value: ClaimValue {
    var builder = ClaimBuilder()
    builder.always("name", .string(name))
    builder.always("host", .string(host))
    builder.always("id", .string(id))
    builder.add("version", version)
    builder.add("cluster", cluster)
    builder.add("tags", tags)
    builder.add("xkey", curveKey)
    return builder.value
  }
}

extension AuthorizationRequestClaims.Client {
  init(_ reader: ClaimReader) throws {
    host = try reader.string("host")
    id = UInt64(clamping: try reader.integer("id"))
    user = try reader.string("user")
    name = try reader.string("name")
    tags = try reader.strings("tags")
    nameTag = try reader.string("name_tag")
    kind = try reader.string("kind")
    type = try reader.string("type")
    nonce = try reader.string("nonce")
  }

  var value: ClaimValue {
    var builder = ClaimBuilder()
    builder.add("host", host)
    builder.add("id", Int64(clamping: id))
    builder.add("user", user)
    builder.add("name", name)
    builder.add("tags", tags)
    builder.add("name_tag", nameTag)
    builder.add("kind", kind)
    builder.add("type", type)
    builder.add("nonce", nonce)
    return builder.value
  }
}

extension AuthorizationRequestClaims.Credentials {
  init(_ reader: ClaimReader) throws {
    jwt = try reader.string("jwt")
    nkey = try reader.string("nkey")
    signature = try reader.string("sig")
    token = try reader.string("auth_token")
    user = try reader.string("user")
    password = try reader.string("pass")
    name = try reader.string("name")
    language = try reader.string("lang")
    version = try reader.string("version")
    revision = Int(clamping: try reader.integer("protocol"))
  }

  var value: ClaimValue {
    var builder = ClaimBuilder()
    builder.add("jwt", jwt)
    builder.add("nkey", nkey)
    builder.add("sig", signature)
    builder.add("auth_token", token)
    builder.add("user", user)
    builder.add("pass", password)
    builder.add("name", name)
    builder.add("lang", language)
    builder.add("version", version)
    builder.always("protocol", .integer(Int64(revision)))
    return builder.value
  }
}

extension AuthorizationRequestClaims.TLS {
  init(_ reader: ClaimReader) throws {
    version = try reader.string("version")
    cipher = try reader.string("cipher")
    certificates = try reader.strings("certs")
    verifiedChains = try reader.array("verified_chains").map { chain in
      guard case .array(let texts) = chain else { throw TokenError("expected an array in \"verified_chains\"") }
      return texts.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }
  }

  var value: ClaimValue {
    var builder = ClaimBuilder()
    builder.add("version", version)
    builder.add("cipher", cipher)
    builder.add("certs", certificates)
    builder.add("verified_chains", .array(verifiedChains.map { .strings($0) }))
    return builder.value
  }
}
