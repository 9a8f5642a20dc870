import Identity
public import NATSClient
import Reactor

extension NSCTool {
  /// How a user of the store connects, for `nsc tool …`: as its creds file says, to the operator's servers.
  ///
  /// - Parameter name: What servers show in their lists of connections.
  /// - Throws: What is missing: the user, its seed, or a server.
  public func connection(_ options: ToolOptions, name: String) throws -> ClientOptions {
    let operatorName = try operatorName()
    let accountName = try accountName(options.account.account)
    let userName = try userName(options.user, account: accountName)
    let creds = keys.credsPath(operatorName: operatorName, account: accountName, user: userName)
    var client = ClientOptions()
    client.name = name
    if FileAccess.isFile(creds) {
      client.authentication = .credentialsFile(creds)
    } else {
      let claims = try user(userName, account: accountName)
      let pair = keys.find(claims.standard.subject)
      guard pair != nil || claims.limits.bearerToken else {
        throw NSCError("a creds file for user \"\(accountName)/\(userName)\" was not found, nor its seed")
      }
      client.authentication = .jwt(try store.text(store.userPath(operatorName, accountName, userName)), seed: try pair?.seed())
    }
    let urls = try options.nats.map { [$0] } ?? operatorClaims(operatorName).serviceURLs
    if urls.isEmpty { throw NSCError("operator \"\(operatorName)\" doesn't have operator_service_urls set - use --nats to name a server") }
    client.servers = try urls.flatMap { try ServerURL.list($0) }
    client.tls = try tlsOptions(options.transport)
    client.tlsFirst = options.transport.tlsFirst
    try client.checkFiles()
    return client
  }

  /// The flags', and where they say nothing the environment's.
  func tlsOptions(_ transport: TransportOptions) throws -> TLSOptions? {
    let file = { (given: String?, name: String) -> String? in
      if let given { return self.environment.absolute(given) }
      return self.environment.variable(name).flatMap { $0.isEmpty ? nil : $0 }
    }
    var options = TLSOptions()
    options.authorityFile = file(transport.caCert, "NATS_CA")
    options.certificateFile = file(transport.clientCert, "NATS_CERT")
    options.keyFile = file(transport.clientKey, "NATS_KEY")
    options.groups = try transport.groups()
    return options.authorityFile == nil && options.certificateFile == nil && options.groups.isEmpty ? nil : options
  }
}
