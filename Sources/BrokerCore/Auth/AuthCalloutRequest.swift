import Identity
import Reactor
import Wire

/// What an authorization service is told of the server and of the connection that it is asked about.
struct AuthCalloutRequest {
  let services: Services
  let client: ClientConnection
  let options: ConnectOptions
  let login: AuthenticatedIdentity?

  init(_ services: Services, _ client: ClientConnection, _ options: ConnectOptions, _ login: AuthenticatedIdentity?) {
    self.services = services
    self.client = client
    self.options = options
    self.login = login
  }

  var claims: AuthorizationRequestClaims {
    var claims = AuthorizationRequestClaims(subject: "")
    claims.server = server
    claims.client = information
    claims.connect = connect
    claims.tls = tls
    return claims
  }

  private var server: AuthorizationRequestClaims.Server {
    let configuration = services.configuration
    var server = AuthorizationRequestClaims.Server()
    server.name = services.serverName
    server.host = configuration.host
    server.id = services.serverID
    server.version = configuration.version
    server.cluster = configuration.clusterName ?? ""
    server.tags = configuration.tags
    return server
  }

  private var information: AuthorizationRequestClaims.Client {
    var information = AuthorizationRequestClaims.Client()
    information.host = client.host
    information.id = client.cid
    // A token of a user says more than a token that stands for nobody.
    let isNamed = !options.nkey.isEmpty || !options.user.isEmpty
    information.user = isNamed || login == nil ? options.claimedUser : login?.user ?? ""
    information.tags = login?.tags ?? []
    information.nameTag = login?.userName ?? ""
    information.name = options.name.isEmpty ? client.name : options.name
    information.kind = client.kind == .leaf ? "Leafnode" : "Client"
    information.type = client.kind == .leaf ? "" : "nats"
    if !options.signature.isEmpty { information.nonce = String(decoding: client.nonce, as: UTF8.self) }
    return information
  }

  private var connect: AuthorizationRequestClaims.Credentials {
    var connect: AuthorizationRequestClaims.Credentials = .init()
    connect.jwt = options.jwt
    connect.nkey = options.nkey
    connect.signature = options.signature
    connect.token = options.token
    connect.user = options.user
    connect.password = options.password
    connect.name = options.name.isEmpty ? client.name : options.name
    connect.language = options.language.isEmpty ? client.language : options.language
    connect.version = options.version.isEmpty ? client.version : options.version
    connect.revision = options.protocolRevision
    return connect
  }

  private var tls: AuthorizationRequestClaims.TLS? {
    guard let engine = client.connection?.tls, engine.isSecured else { return nil }
    var tls = AuthorizationRequestClaims.TLS()
    tls.version = engine.version
    tls.cipher = engine.cipherSuite
    let chain = engine.peerChainAsPEM
    if chain.isVerified { tls.verifiedChains = [chain.certificates] } else { tls.certificates = chain.certificates }
    return tls
  }
}
