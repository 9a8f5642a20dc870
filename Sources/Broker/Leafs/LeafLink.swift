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
  private var denied: [[UInt8]] = []
  var parser = LeafOpParser()
  /// Interest that it has been told of, and how many subscriptions stand behind each.
  var announced = ByteTable<Int>()

  init(client: Client) { self.client = client }

  private var broker: Broker { client.broker }

  // MARK: Joining

  func greet() {
    parser.maxPayload = broker.configuration.limits.maxPayload
    client.nonce = Array(Base64.encodeURL((0..<11).map { _ in UInt8.random(in: .min ... .max) }).utf8)
    let timeout = broker.configuration.leafNodes?.authorization.timeout ?? 2
    client.authenticationDue = MonotonicClock.now() + Nanoseconds.seconds(timeout)
    sendInfo(joined: false)
    if let context = broker.leafTLSContext {
      client.authenticationDue += Nanoseconds.seconds(broker.configuration.leafNodes?.tls?.timeout ?? 2)
      client.isHandshaking = true
      do {
        client.connection?.startTLS(try context.makeEngine())
      } catch {
        client.close(.tlsHandshakeError)
      }
    }
    client.updateDeadline()
  }

  func secured() { client.isHandshaking = false }

  private func sendInfo(joined: Bool) {
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
    case .arguments, .headersNotSupported: client.close(.parseError, flushing: true)
    }
  }

  private func handle(_ op: ProtocolOp) {
    switch op {
    case .connect(let json): connect(json)
    case .message(let message): if client.isRegistered { receive(message) }
    case .subscribe(let subject, let queue, let weight): if client.isRegistered { subscribe(subject, queue, weight) }
    case .withdraw(let subject, let queue): if client.isRegistered { withdraw(subject, queue) }
    case .ping: client.send("PONG\r\n")
    case .pong: client.receivedPong()
    case .error(let text): broker.log(client, error: "Leafnode Error \(String(decoding: text, as: UTF8.self))")
    case .info, .ok, .unsubscribe: break
    }
  }

  private func connect(_ json: UnsafeRawBufferPointer) {
    guard let options = ConnectOptions(json: json) else { return client.close(.parseError) }
    if !options.language.isEmpty { return client.fail("attempted to connect to leaf node port", .wrongPort) }
    if options.cluster.contains(" ") { return client.fail("cluster name cannot contain spaces", .protocolViolation) }
    if let own = broker.configuration.clusterName, !own.isEmpty, own == options.cluster {
      return client.fail("remote leafnode has same cluster name", .clusterNamesIdentical)
    }
    if !options.gateway.isEmpty {
      return client.fail("Rejecting connection from gateway \"\(options.gateway)\" on the leafnode port", .wrongPort)
    }
    if let wanted = broker.configuration.leafNodes?.minimumVersion, !ServerVersion.isAtLeast(options.version, wanted) {
      return client.fail("connection rejected since minimum version required is \"\(wanted)\"", .minimumVersionRequired)
    }
    cluster = options.cluster.isEmpty ? options.name : options.cluster
    remoteName = options.name
    remoteAccount = options.remoteAccount
    serverID = options.serverID
    domain = options.domain
    denied = options.denyPublish.map { Array($0.utf8) }
    client.name = options.name
    client.version = options.version
    client.headers = options.headers && broker.configuration.headers
    client.hasConnected = true
    client.isHeld = true
    client.authenticationSettled = false
    client.decisionWasLate = false
    authenticate(options) { [self] outcome in
      guard !client.isClosed else { return }
      client.authenticationSettled = true
      joined(outcome)
      if client.decisionWasLate { client.resume() }
    }
    if client.authenticationSettled { client.isHeld = false } else { client.decisionWasLate = true }
  }

  /// The leaf block's own users where it has any, else those that clients have.
  private func authenticate(_ options: ConnectOptions, _ completion: @escaping (AuthenticationOutcome) -> Void) {
    guard let rules = broker.configuration.leafNodes?.authorization, rules.user != nil || !rules.users.isEmpty else {
      return broker.authenticator.authenticate(client, options, completion: completion)
    }
    var users = rules.users
    if let user = rules.user { users.append(.init(user: user, password: rules.password ?? "", account: rules.account)) }
    guard let user = users.first(where: { $0.user == options.user }) else { return completion(.refused) }
    let account: Account = user.account.flatMap { broker.accounts[$0] } ?? broker.globalAccount
    broker.authenticator.compare(options.password, user.password, completion) {
      AuthenticatedIdentity(account: account, user: user.user)
    }
  }

  private func joined(_ outcome: AuthenticationOutcome) {
    guard case .accepted(let identity) = outcome else { return client.authorizationViolation() }
    let limit = identity.account.limits.maxLeafNodes
    if limit >= 0 && identity.account.leafCount >= limit {
      return client.fail("maximum account active connections exceeded", .maxAccountConnectionsExceeded)
    }
    client.identity = identity
    client.permissions = identity.permissions
    client.authorizedUser = identity.user
    client.authenticationDue = 0
    client.account = identity.account
    endDuplicate()
    parser.expectsConnect = false
    broker.book(client, in: identity.account)
    client.isRegistered = true
    sendInfo(joined: true)
    announceAll()
    client.startPings()
    broker.observers.forEach { $0.connected(client) }
  }

  /// The same server joined anew: its old connection is dead and does not know it.
  private func endDuplicate() {
    guard !remoteAccount.isEmpty else { return }
    for other in broker.leafs where other !== client && other.isRegistered && other.account === client.account {
      guard let link = other.leaf, link.remoteName == remoteName, link.cluster == cluster, link.remoteAccount == remoteAccount
      else { continue }
      other.fail("Duplicate Remote LeafNode Connection", .duplicateRemoteLeafNode)
    }
  }

  // MARK: Interest from there

  private func subscribe(_ subject: UnsafeRawBufferPointer, _ queue: UnsafeRawBufferPointer, _ weight: UnsafeRawBufferPointer) {
    if let own = client.account.loopSubject, own.elementsEqual(subject) {
      return client.fail(
        "Loop detected for leafnode account=\"\(client.account.name)\". Delaying attempt to reconnect for 30s", .protocolViolation)
    }
    let group = queue.isEmpty ? nil : Array(queue)
    let isLoopSubject = subject.starts(with: Account.loopPrefix)
    if let permissions = client.permissions, !isLoopSubject, Subject.isLiteral(subject), !permissions.maySubscribe(subject, queue: group) {
      return client.fail("Permissions Violation for Subscription to \(client.quoted(subject))", .protocolViolation)
    }
    guard Subject.isValid(subject) else { return }
    var key = Array(subject)
    if let group { key += [0x20] + group }
    let value = UInt32(clamping: LineNumber.read(weight) ?? 1)
    if let known = key.withUnsafeBytes({ client.subscriptions[$0] }) {
      known.weight = value
      return
    }
    let subscription = Subscription(client: client, subject: Array(subject), queue: group, sid: key)
    subscription.weight = value
    key.withUnsafeBytes { client.subscriptions.set($0, subscription) }
    client.account.add(subscription)
  }

  private func withdraw(_ subject: UnsafeRawBufferPointer, _ queue: UnsafeRawBufferPointer) {
    var key = Array(subject)
    if !queue.isEmpty { key += [0x20] + Array(queue) }
    if let known = key.withUnsafeBytes({ client.subscriptions[$0] }) { client.remove(known) }
  }

  // MARK: Messages

  private func receive(_ op: MessageOp) {
    let size = UInt64(op.body.count)
    client.inMessages &+= 1
    client.inBytes &+= size
    broker.counters.received(size, .leaf)
    client.account.inMessages &+= 1
    client.account.inBytes &+= size
    if let permissions = client.permissions, !Self.isServiceReply(op.subject), !permissions.mayPublish(op.subject) {
      return client.fail("Permissions Violation for Publish to \(client.quoted(op.subject))", .protocolViolation)
    }
    var message = Message(op, serial: broker.nextSerial())
    message.queueFilter = op.queues
    guard let mapped = client.account.mappings.select(op.subject) else {
      _ = broker.route(&message, in: client.account, from: client)
      return
    }
    mapped.withUnsafeBytes { subject in
      message.subject = subject
      _ = broker.route(&message, in: client.account, from: client)
    }
  }

  private static func isServiceReply(_ subject: UnsafeRawBufferPointer) -> Bool {
    subject.count > 4 && subject[0] == UInt8(ascii: "_") && subject[1] == UInt8(ascii: "R") && subject[2] == UInt8(ascii: "_")
      && subject[3] == UInt8(ascii: ".")
  }

  private static let streamSubjects = ["$JS.API.>", "$KV.>", "$OBJ.>"].map { Array($0.utf8) }

  /// What may cross towards the leaf node. JetStream's own subjects never do, outside the system account.
  func mayReceive(_ subject: UnsafeRawBufferPointer) -> Bool {
    if Self.isServiceReply(subject) { return true }
    if let first = subject.first, first == UInt8(ascii: "$"), !client.account.isSystem {
      if Self.streamSubjects.contains(where: { $0.withUnsafeBytes { Subject.matches(subject, pattern: $0) } }) { return false }
    }
    if denied.contains(where: { $0.withUnsafeBytes { Subject.matches(subject, pattern: $0) } }) { return false }
    return client.permissions?.maySubscribe(subject, queue: nil) ?? true
  }

  func write(_ message: borrowing Message, queues: [[UInt8]]) {
    let withHeader = message.headerSize > 0 && client.headers
    let skipped = message.headerSize > 0 && !client.headers ? message.headerSize : 0
    var line = Array((withHeader ? "HMSG " : "LMSG ").utf8)
    line += message.subject
    line.append(0x20)
    if !queues.isEmpty {
      line.append(message.reply.isEmpty ? UInt8(ascii: "|") : UInt8(ascii: "+"))
      line.append(0x20)
    }
    if !message.reply.isEmpty {
      line += message.reply
      line.append(0x20)
    }
    for queue in queues {
      line += queue
      line.append(0x20)
    }
    if withHeader {
      DecimalText.append(message.headerSize, to: &line)
      line.append(0x20)
    }
    DecimalText.append(message.body.count - skipped, to: &line)
    line.append(0x0D)
    line.append(0x0A)
    client.send(line)
    client.connection?.write(
      UnsafeRawBufferPointer(start: message.body.baseAddress.map { $0 + skipped }, count: message.body.count - skipped + 2))
  }
}

/// `2.9.10` and its like.
enum ServerVersion {
  /// Whether `version` is `wanted` or newer; false when it cannot be read.
  static func isAtLeast(_ version: String, _ wanted: String) -> Bool {
    guard let left = numbers(version), let right = numbers(wanted) else { return false }
    return !left.lexicographicallyPrecedes(right)
  }

  private static func numbers(_ text: String) -> [Int]? {
    let core = text.split(separator: "-", maxSplits: 1).first ?? ""
    let parts = core.split(separator: ".").map { Int($0.drop { $0 == "v" }) }
    guard parts.count == 3, !parts.contains(nil) else { return nil }
    return parts.compactMap { $0 }
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
