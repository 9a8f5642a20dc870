import BrokerCore
import Reactor
import Wire

/// The protocol side of a leaf node that joined.
final class LeafLink {
  // Outlives this; unsafe because counting references would cost a tenth of the message rate.
  unowned(unsafe) let client: Client
  /// The other side's cluster; a server without one says its name here.
  var cluster = ""
  var remoteName = ""
  var remoteAccount = ""
  var serverID = ""
  var domain = ""
  /// What must not be sent there (`deny_pub`).
  var denied: [[UInt8]] = []
  var parser = LeafOpParser()
  /// Interest that it has been told of, and how many subscriptions stand behind each.
  var announced = ByteTable<Int>()

  init(client: Client) { self.client = client }

  var broker: Broker { client.broker }

  private var authenticationTimeout: Double { broker.configuration.leafNodes?.authorization.timeout ?? 2 }

  // MARK: Greeting

  func greet() {
    parser.maxPayload = broker.configuration.limits.maxPayload
    client.nonce = Array(Base64.encodeURL((0..<11).map { _ in UInt8.random(in: .min ... .max) }).utf8)
    client.authenticationDue = MonotonicClock.now() + Nanoseconds.seconds(authenticationTimeout)
    if let (tls, options) = client.listenerTLS {
      client.greet(tls, options)
    } else {
      sendGreeting()
      client.updateDeadline()
    }
  }

  /// The first INFO.
  func sendGreeting() {
    client.infoSent = true
    sendInfo(joined: false)
  }

  func secured() {
    client.authenticationDue = MonotonicClock.now() + Nanoseconds.seconds(authenticationTimeout)
    if client.tlsFirst { sendGreeting() }
    client.updateDeadline()
  }

  func sendInfo(joined: Bool) {
    guard let options = broker.configuration.leafNodes else { return }
    let configuration = broker.configuration
    let port = Int(broker.leafPort ?? options.port)
    let host = options.host == "0.0.0.0" ? client.connection?.localAddress?.host ?? options.host : options.host
    let url = options.advertise ?? (host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)")
    var json = JSONWriter(capacity: 512)
    json.object { json in
      json.member("server_id", broker.serverID)
      json.member("server_name", broker.serverName)
      json.member("version", configuration.version)
      json.member("proto", 1)
      json.member("go", configuration.toolchain)
      json.member("host", options.host)
      json.member("port", port)
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

  func process(_ bytes: UnsafeRawBufferPointer) {
    var offset = 0
    do throws(ProtocolFailure) {
      while !client.isClosed {
        guard let op = try parser.next(in: bytes, at: &offset) else { break }
        if client.isTraced { client.traceInput(op) }
        handle(op)
        if client.isHeld {
          client.held.append(contentsOf: bytes[offset...])
          break
        }
      }
    } catch {
      failed(error)
    }
  }

  private func failed(_ failure: ProtocolFailure) {
    switch failure {
    case .unknownOperation: client.fail("Unknown Protocol Operation", .protocolViolation)
    case .controlLineExceeded: client.fail("maximum control line exceeded", .maxControlLineExceeded)
    case .payloadExceeded: client.fail("Maximum Payload Violation", .maxPayloadExceeded)
    case .connectRequired: client.authorizationViolation()
    case .arguments, .headersNotSupported: client.close(.protocolViolation, flushing: true)
    }
  }

  private func handle(_ op: ProtocolOp) {
    switch op {
    case .connect(let json): connect(json)
    case .message(let message): if client.isRegistered { receive(message) }
    case .subscribe(let subject, let queue, let weight): if client.isRegistered { subscribe(subject, queue, weight) }
    case .withdraw(let subject, let queue): if client.isRegistered { withdraw(subject, queue) }
    case .ping:
      client.send("PONG\r\n")
      if client.isTraced { client.traceOutput("PONG") }
    case .pong: client.receivedPong()
    case .error(let text): broker.log(client, error: "Leafnode Error \(String(decoding: text, as: UTF8.self))")
    case .info, .ok, .unsubscribe: break
    }
  }
}

extension Broker {
  func acceptedLeaf(_ connection: Connection) {
    guard !isStopped && !isLameDuck else { return connection.close() }
    let client = Client(cid: nextCID(), kind: .leaf, broker: self, connection: connection, account: globalAccount)
    let link = LeafLink(client: client)
    client.leaf = link
    connection.start(client)
    enter(client)
    link.greet()
  }
}
