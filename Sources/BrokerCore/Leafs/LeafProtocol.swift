import Reactor
import Wire

/// What leaf nodes send, operation by operation. One object serves all of them; confined to the shard.
final class LeafProtocol: ConnectionInput {
  let services: Services
  let book: ConnectionBook
  let accounts: AccountDirectory
  let router: Router
  let authenticator: Authenticator
  let tls: TLSGreeting
  let timers: ConnectionTimers
  /// Set once the listener is open.
  var port: UInt16?

  init(
    _ services: Services, _ book: ConnectionBook, _ accounts: AccountDirectory, _ router: Router, _ authenticator: Authenticator,
    _ tls: TLSGreeting, _ timers: ConnectionTimers
  ) {
    self.services = services
    self.book = book
    self.accounts = accounts
    self.router = router
    self.authenticator = authenticator
    self.tls = tls
    self.timers = timers
  }

  private var authenticationTimeout: Double { services.configuration.leafNodes?.authorization.timeout ?? 2 }

  // MARK: Greeting

  /// The first thing after accept.
  func accept(_ client: ClientConnection) {
    guard let link = client.leaf else { return }
    link.parser.maxPayload = services.configuration.limits.largestPayload
    client.nonce = Array(Base64.encode((0..<11).map { _ in UInt8.random(in: .min ... .max) }, .url).utf8)
    client.authenticationDue = MonotonicClock.now() + Span.seconds(authenticationTimeout)
    if tls.greet(client, self) { return }
    greet(client)
    client.updateDeadline()
  }

  func greet(_ client: ClientConnection) {
    client.infoSent = true
    sendInfo(client, joined: false)
  }

  func begin(_ client: ClientConnection) {}

  func decideOnTLS(_ bytes: UnsafeRawBufferPointer, _ client: ClientConnection) -> Bool { tls.decide(bytes, client, self) }

  func secured(_ client: ClientConnection) {
    if let link = client.leaf, let joining = link.joining { return secured(client, link, joining) }
    guard tls.admit(client) else { return }
    client.authenticationDue = MonotonicClock.now() + Span.seconds(authenticationTimeout)
    if client.tlsFirst { greet(client) }
    client.updateDeadline()
  }

  func handshakeFault(_ text: String) -> String { HandshakeFault.words(for: text) }

  func deadlinePassed(_ client: ClientConnection) {
    if let joining = client.leaf?.joining, client.authenticationDue <= MonotonicClock.now() { waitedInVain(client, joining) }
    if !client.isClosed { timers.deadlinePassed(client, self) }
  }

  func sendInfo(_ client: ClientConnection, joined: Bool) {
    let configuration = services.configuration
    guard let options = configuration.leafNodes else { return }
    let port = Int(port ?? options.port)
    // A listener on every address is told of by the one that was reached.
    let host = ["", "0.0.0.0", "::"].contains(options.host) ? client.connection?.localAddress?.host ?? options.host : options.host
    let url = AdvertisedAddress(options.advertise, instead: host, port).text
    let told = AdvertisedAddress(options.advertise, instead: options.host, port)
    var json = JSONWriter(capacity: 512)
    json.object { json in
      json.member("server_id", services.serverID)
      json.member("server_name", services.serverName)
      json.member("version", configuration.version)
      json.member("proto", LeafLink.protocolRevision)
      json.member("go", configuration.toolchain)
      json.member("host", told.host)
      json.member("port", told.port)
      json.member("headers", configuration.headers)
      json.member("auth_required", true)
      json.member("tls_required", ifTrue: options.tls != nil)
      json.member("tls_verify", ifTrue: options.tls?.verify ?? false)
      json.member("max_payload", configuration.limits.maxPayload)
      json.member("ip", url)
      json.member("client_id", client.cid)
      if !joined { json.member("nonce", String(decoding: client.nonce, as: UTF8.self)) }
      json.member("cluster", unlessEmpty: configuration.clusterName ?? "")
      json.member("info_on_connect", true)
      json.member("connect_info", ifTrue: joined)
      json.member("leafnode_urls", [url])
      if joined {
        if let permissions = client.permissions?.configuration {
          Self.write("import", permissions.subscribe, &json)
          Self.write("export", permissions.publish, &json)
        }
        json.member("remote_account", client.account.name)
        json.member("acc_is_sys", ifTrue: client.account.isSystem)
      }
    }
    client.send(Array("INFO ".utf8) + json.bytes + Array(" \r\n".utf8))
  }

  private static func write(_ name: StaticString, _ rules: SubjectRules?, _ json: inout JSONWriter) {
    guard let rules else { return }
    json.key(name)
    json.object { json in
      if let allow = rules.allow { json.member("allow", allow) }
      json.member("deny", unlessEmpty: rules.deny)
    }
  }

  // MARK: Input

  func received(_ bytes: UnsafeRawBufferPointer, from client: ClientConnection) {
    guard let link = client.leaf else { return }
    var offset = 0
    do throws(ProtocolFailure) {
      // What came in clear behind the INFO that TLS follows was said by nobody who has shown a certificate.
      while !client.isClosed, !client.isHandshaking {
        guard let op = try link.parser.next(in: bytes, at: &offset) else { break }
        if client.isTraced { client.traceInput(op) }
        handle(op, client, link)
        if client.isHandshaking {
          // What came in clear behind an INFO that asks for TLS may be anybody's.
          if offset < bytes.count { client.failHandshake("there are bytes in clear behind the INFO that asks for TLS") }
          break
        }
        if client.isHeld {
          client.held.append(contentsOf: bytes[offset...])
          break
        }
      }
    } catch {
      failed(error, client)
    }
  }

  private func failed(_ failure: ProtocolFailure, _ client: ClientConnection) {
    switch failure {
    case .unknownOperation:
      client.log(error: "Leafnode parser ERROR: Unknown Protocol Operation")
      client.fail("Unknown Protocol Operation", .protocolViolation, logged: nil)
    case .controlLineExceeded: client.fail("maximum control line exceeded", .maxControlLineExceeded)
    case .payloadExceeded(let size):
      client.log(error: "maximum payload exceeded: \(size) vs \(client.maxPayload)")
      client.fail("Maximum Payload Violation", .maxPayloadExceeded, logged: nil)
    case .connectRequired: client.authorizationViolation()
    case .arguments(let what):
      client.log(error: "\(what): Parse Error")
      client.close(.protocolViolation, flushing: true)
    case .headersNotSupported: client.close(.protocolViolation, flushing: true)
    }
  }

  /// INFO of a leaf node: before CONNECT it may speak of compression, once; later it may name another cluster.
  private func introduce(_ json: UnsafeRawBufferPointer, _ client: ClientConnection, _ link: LeafLink) {
    guard let info = try? JSONView(validating: Array(json)), info.kind == .object else { return client.close(.protocolViolation) }
    if !client.isRegistered {
      if link.wasIntroduced { return client.close(.protocolViolation) }
      link.wasIntroduced = true
    }
    if info["cluster"]?.string?.contains(" ") == true { client.fail("cluster name cannot contain spaces", .protocolViolation) }
  }

  private func handle(_ op: ProtocolOp, _ client: ClientConnection, _ link: LeafLink) {
    switch op {
    case .connect(let json): if link.joining == nil { connect(json, client, link) } else { client.close(.protocolViolation) }
    case .message(let message): if client.isRegistered { receive(message, client) }
    case .subscribe(let subject, let queue, let weight): if client.isRegistered { subscribe(subject, queue, weight, client) }
    case .withdraw(let subject, let queue): if client.isRegistered { withdraw(subject, queue, client) }
    case .ping:
      client.lastInput = client.now
      client.send("PONG\r\n")
      if client.isTraced { client.traceOutput("PONG") }
    case .pong: timers.receivedPong(client)
    case .error(let text):
      let text = String(decoding: text, as: UTF8.self)
      client.log(error: "Leafnode Error \(text)")
      let refusal = LeafRefusal(text)
      link.joining?.refusal = refusal
      if let line = refusal.logged(account: (link.joining?.account ?? client.account).name) { client.log(error: line) }
      // Whichever side has found it, the link ends.
      if refusal == .loop { client.close(.protocolViolation) }
    case .info(let json):
      if let joining = link.joining { heard(json, client, link, joining) } else { introduce(json, client, link) }
    case .ok, .unsubscribe: break
    }
  }
}
