import Identity
import Logging
import Reactor
import Wire

/// Joining another server: its INFO, TLS, this side's CONNECT, and the INFO that says that it is taken.
extension LeafProtocol {
  /// The connection is made; the other side speaks first.
  func apply(_ client: ClientConnection, _ link: LeafLink, _ joining: LeafJoining) {
    link.parser.expectsConnect = false
    link.parser.maxPayload = services.configuration.limits.largestPayload
    wait(client, joining.pursuit.configuration.firstInfoTimeout)
    if joining.pursuit.configuration.tls?.handshakeFirst == true { secure(client, joining) }
  }

  private func wait(_ client: ClientConnection, _ seconds: Double) {
    client.authenticationDue = MonotonicClock.now() + Span.seconds(seconds)
    client.updateDeadline()
  }

  /// Nothing came in time.
  func waitedInVain(_ client: ClientConnection, _ joining: LeafJoining) {
    client.authenticationDue = .distantFuture
    switch joining.stage {
    case .awaitsConfirmation: client.fail("Stale Leaf Node Connection - Closing", .staleConnection)
    case .secures: client.close(.tlsHandshakeError)
    default:
      client.log(error: "Leafnode remote said no INFO in time")
      client.close(.authenticationTimeout)
    }
  }

  private func secure(_ client: ClientConnection, _ joining: LeafJoining) {
    if joining.nonce != nil { joining.stage = .secures }
    client.isHandshaking = true
    let pursuit = joining.pursuit
    wait(client, pursuit.configuration.tls?.timeout ?? 2)
    do throws(TLSError) {
      client.connection?.startTLS(try pursuit.secrets.context.makeEngine(serverName: pursuit.serverName(of: joining.place)))
    } catch {
      client.log(error: "TLS leafnode handshake error: \(error)")
      client.close(.tlsHandshakeError)
    }
  }

  /// TLS is up: INFO follows where TLS came first, else CONNECT.
  func secured(_ client: ClientConnection, _ link: LeafLink, _ joining: LeafJoining) {
    client.isHandshaking = false
    if joining.stage == .secures { sayConnect(client, link, joining) } else { wait(client, joining.pursuit.configuration.firstInfoTimeout) }
  }

  // MARK: INFO

  func heard(_ json: UnsafeRawBufferPointer, _ client: ClientConnection, _ link: LeafLink, _ joining: LeafJoining) {
    guard let info = try? JSONView(validating: Array(json)), info.kind == .object else { return client.close(.protocolViolation) }
    if let urls = info["leafnode_urls"]?.elements.compactMap(\.string), !urls.isEmpty { joining.pursuit.learn(urls, from: joining.place) }
    switch joining.stage {
    case .awaitsInfo: greeted(info, client, link, joining)
    case .awaitsConfirmation: if info["connect_info"]?.bool == true { confirmed(info, client, link, joining) }
    case .joined: follow(info, client, joining)
    case .secures: break
    }
  }

  private func greeted(_ info: JSONView, _ client: ClientConnection, _ link: LeafLink, _ joining: LeafJoining) {
    guard (info["client_id"]?.int ?? 0) > 0, info["leafnode_urls"] != nil else {
      client.log(error: "Remote is not a leafnode port: the client port's number was given, perhaps")
      return client.close(.wrongPort)
    }
    let cluster = info["cluster"]?.string ?? ""
    if !cluster.isEmpty, cluster == services.configuration.clusterName {
      joining.refusal = .sameClusterName
      client.log(error: "remote leafnode has same cluster name")
      return client.fail("remote leafnode has same cluster name", .clusterNamesIdentical, logged: nil)
    }
    joining.nonce = info["nonce"]?.string ?? ""
    link.cluster = cluster
    link.tracesMessages = (info["proto"]?.int ?? 0) >= LeafLink.protocolRevision
    link.remoteName = info["server_name"]?.string ?? ""
    joining.isConfirmed = info["info_on_connect"]?.bool ?? false
    client.name = link.remoteName
    client.version = info["version"]?.string ?? ""
    client.headers = (info["headers"]?.bool ?? false) && services.configuration.headers
    let offersTLS = info["tls_required"]?.bool ?? false
    let wantsTLS = offersTLS || joining.pursuit.configuration.tls != nil || joining.place.tls
    guard wantsTLS, client.connection?.tls == nil else { return sayConnect(client, link, joining) }
    guard offersTLS else {
      client.log(error: "TLS leafnode handshake error: the remote does not offer TLS")
      return client.close(.tlsHandshakeError)
    }
    secure(client, joining)
  }

  // MARK: CONNECT

  private func sayConnect(_ client: ClientConnection, _ link: LeafLink, _ joining: LeafJoining) {
    let options = joining.pursuit.configuration
    var json = JSONWriter(capacity: 512)
    do {
      try json.object { json in
        json.member("version", services.configuration.version)
        try prove(options, joining, &json)
        json.member("tls_required", client.connection?.tls != nil)
        json.member("server_id", services.serverID)
        json.member("domain", "")
        json.member("name", services.serverName)
        json.member("is_hub", ifTrue: options.isHub)
        json.member("cluster", services.configuration.clusterName ?? services.serverName)
        json.member("headers", services.configuration.headers)
        json.member("deny_pub", unlessEmpty: options.denyImports)
        json.member("compress_mode", "not supported")
        json.member("remote_account", joining.account.name)
        json.member("protocol", LeafLink.protocolRevision)
      }
    } catch {
      client.log(error: "Leafnode remote: \(error)")
      return client.close(.authenticationViolation)
    }
    let line = Array("CONNECT ".utf8) + json.bytes
    if client.isTraced { line.dropFirst(8).withUnsafeBytes { client.traceOutput("CONNECT \(TraceText.withoutSecrets($0))") } }
    client.send(line + [0x0D, 0x0A])
    guard joining.isConfirmed else { return register(client, link, joining, permissions: nil) }
    joining.stage = .awaitsConfirmation
    wait(client, 2)
  }

  private func prove(
    _ options: LeafRemoteConfiguration, _ joining: LeafJoining, _ json: inout JSONWriter
  ) throws {
    let nonce = joining.nonce ?? ""
    if let credentials = joining.credentials {
      json.member("jwt", credentials.jwt)
      if credentials.seed != nil { json.member("sig", try credentials.userKey().signNonce(nonce)) }
    } else if let seed = options.seed {
      let key = try KeyPair(seed: seed)
      json.member("nkey", key.publicKey)
      json.member("sig", try key.signNonce(nonce))
    }
    guard let user = joining.place.user else { return }
    json.member("user", user)
    if let password = joining.place.password {
      json.member("pass", password)
    } else {
      json.member("auth_token", user)
    }
  }

  // MARK: Joined

  private func confirmed(_ info: JSONView, _ client: ClientConnection, _ link: LeafLink, _ joining: LeafJoining) {
    link.remoteAccount = info["remote_account"]?.string ?? ""
    register(client, link, joining, permissions: Self.permissions(info, joining.pursuit.configuration))
  }

  private func register(
    _ client: ClientConnection, _ link: LeafLink, _ joining: LeafJoining, permissions: PermissionsConfiguration?
  ) {
    let account = joining.account
    joining.rules = permissions ?? Self.permissions(nil, joining.pursuit.configuration)
    let permissions = self.permissions(joining.rules, in: account).map(UserPermissions.init)
    client.identity = AuthenticatedIdentity(account: account, permissions: permissions)
    client.permissions = permissions
    client.authenticationDue = .distantFuture
    client.account = account
    client.hasConnected = true
    joining.stage = .joined
    book.book(client, in: account)
    client.applyLimits()
    client.isRegistered = true
    account.ensureLoopSubject()
    client.announceAll()
    timers.startPings(client)
    joining.pursuit.joined()
    if account.isSystem { services.log.info("\(client.label) - System account connected to \(client.name)") }
    book.tellConnected(client)
  }

  /// The other side has changed what this one may do.
  private func follow(_ info: JSONView, _ client: ClientConnection, _ joining: LeafJoining) {
    guard info["import"] != nil || info["export"] != nil || info["connect_info"] != nil else { return }
    joining.rules = Self.permissions(info, joining.pursuit.configuration)
    let permissions = permissions(joining.rules, in: joining.account)
    guard permissions != client.permissions?.configuration else { return }
    client.permissions = permissions.map(UserPermissions.init)
    client.announceAnew()
  }

  /// Whether logins of an account are a service's decision is otherwise than it was: links to hubs stay, with what may cross them now.
  func renewRules(of account: Account) {
    for client in book.leafs where client.isRegistered && client.account === account {
      guard let joining = client.leaf?.joining else { continue }
      let permissions = permissions(joining.rules, in: account)
      if permissions != client.permissions?.configuration { client.permissions = permissions.map(UserPermissions.init) }
    }
  }

  /// What the other side allows this one, less what is denied here; seen as for a leaf node that joined this server: `publish` is what may
  /// come from there, `subscribe` what may go there.
  private static func permissions(_ info: JSONView?, _ options: LeafRemoteConfiguration) -> PermissionsConfiguration? {
    let incoming = rules(info?["import"], denying: options.denyImports)
    let outgoing = rules(info?["export"], denying: options.denyExports)
    return incoming == nil && outgoing == nil ? nil : PermissionsConfiguration(publish: incoming, subscribe: outgoing)
  }

  private static func rules(_ given: JSONView?, denying more: [String]) -> SubjectRules? {
    let allow = given?["allow"]?.elements.compactMap(\.string)
    let deny = (given?["deny"]?.elements.compactMap(\.string) ?? []) + more
    return allow == nil && deny.isEmpty ? nil : SubjectRules(allow: allow, deny: deny)
  }
}
