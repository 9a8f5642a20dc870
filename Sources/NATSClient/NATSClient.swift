import Identity
import Logging
import Reactor
import Wire

/// One connection to a NATS system, kept up for ever: it reconnects by itself, and its subscriptions survive that.
///
/// Everything happens on the shard it was made for; callbacks are called there, and its methods must be called there.
public final class NATSClient: @unchecked Sendable {
  // Sendable by confinement: all mutable state is touched on `shard.queue` only; `assertCurrent` stands at the entries.

  public enum State: Sendable, Equatable {
    case idle
    case connecting
    case connected
    /// Not connected; the reason of the last failure, as a sentence without a full stop.
    case disconnected(String)
    case stopped
  }

  /// What becomes of a request.
  public enum RequestEvent {
    case reply(NATSMessage)
    /// Nobody is subscribed to the subject.
    case noResponders
    /// The connection was lost; no reply will come.
    case disconnected
  }

  public typealias RequestToken = UInt64

  public let shard: Shard
  public let options: ClientOptions
  public private(set) var state = State.idle
  /// What the connected server says about itself.
  public private(set) var server: ServerInformation?
  /// The URL connected to, without credentials.
  public private(set) var serverURL = ""
  /// Successful connects after the first.
  public private(set) var reconnects = 0
  /// The last reason for which a server refused or ended the connection.
  public private(set) var lastError = ""
  public private(set) var bytesReceived: UInt64 = 0
  public private(set) var bytesSent: UInt64 = 0

  /// Called at each change of `state`.
  public var onStateChange: ((State) -> Void)?
  /// Called with replies that come after their request was given up.
  public var onLateReply: ((NATSMessage) -> Void)?
  /// Called with errors that the server reports without ending the connection, such as refused permissions.
  public var onServerError: ((String) -> Void)?
  /// Called when the connected server announces that it goes into lame duck mode.
  public var onLameDuck: (() -> Void)?

  private struct Subscription {
    let subject: String
    let queue: String?
    let handler: (NATSMessage) -> Void
  }

  private enum Phase { case none, awaitingInfo, securing, awaitingPong, ready }

  private var pool: ServerPool
  private var connection: Connection?
  private var phase = Phase.none
  private var parser: ServerOperationParser
  private var subscriptions: [Int: Subscription] = [:]
  private var nextSID = 2
  private var pongs: [(() -> Void)?] = []
  private var outstandingPings = 0
  private var pingTimer: ShardTimer?
  private var retryTimer: ShardTimer?
  private var attempt = 0
  private var hasBeenConnected = false
  private var proof = Proof()
  private var leaving: String?
  private let log: Logger

  private var inbox: String
  private var nextToken: RequestToken = 1
  private var requests: [RequestToken: (RequestEvent) -> Void] = [:]

  /// What is sent to prove who this client is, read before each attempt.
  struct Proof: Sendable {
    var user: String?
    var password: String?
    var token: String?
    var jwt: String?
    var key: KeyPair?
  }

  public init(options: ClientOptions, shard: Shard, log: Logger) {
    self.options = options
    self.shard = shard
    self.log = log
    pool = ServerPool(options.servers)
    parser = ServerOperationParser(largestMessage: options.largestMessage)
    inbox = "\(options.inboxPrefix).\(NUID.next())."
  }

  // MARK: Life

  /// Begins to connect, and goes on until `stop`.
  public func start() {
    shard.assertCurrent()
    guard state == .idle || state == .stopped else { return }
    change(.connecting)
    connect()
  }

  /// Ends the connection for good; outstanding requests hear `disconnected`.
  public func stop() {
    shard.assertCurrent()
    change(.stopped)
    attempt += 1
    retryTimer?.cancel()
    pingTimer?.cancel()
    connection?.closeAfterFlush()
    connection = nil
    phase = .none
    failRequests()
  }

  /// Leaves the current server for the next one of the pool.
  public func failOver(_ reason: String) {
    shard.assertCurrent()
    guard let connection else { return }
    leaving = reason
    connection.close()
  }

  public var isConnected: Bool { state == .connected }

  /// How the reason begins where a server stopped answering on an open connection.
  public static let unresponsive = "the server did not answer"

  // MARK: Messages

  /// Subscribes; the subscription is made again after each reconnect.
  @discardableResult
  public func subscribe(_ subject: String, queue: String? = nil, handler: @escaping (NATSMessage) -> Void) -> Int {
    shard.assertCurrent()
    let sid = nextSID
    nextSID += 1
    subscriptions[sid] = Subscription(subject: subject, queue: queue, handler: handler)
    if phase == .ready { send("SUB \(subject) \(queue.map { $0 + " " } ?? "")\(sid)\r\n") }
    return sid
  }

  public func unsubscribe(_ sid: Int) {
    shard.assertCurrent()
    guard subscriptions.removeValue(forKey: sid) != nil else { return }
    if phase == .ready { send("UNSUB \(sid)\r\n") }
  }

  /// Publishes; false where there is no connection, and nothing was sent.
  ///
  /// Subjects must not hold blanks or line ends; a debug build traps on them.
  @discardableResult
  public func publish(_ subject: String, reply: String? = nil, headers: [UInt8] = [], payload: [UInt8] = []) -> Bool {
    shard.assertCurrent()
    assert(!subject.utf8.contains { $0 <= 0x20 }, "a subject with blanks")
    guard phase == .ready, let connection else { return false }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(subject.utf8.count + (reply?.utf8.count ?? 0) + headers.count + payload.count + 40)
    bytes.append(contentsOf: headers.isEmpty ? "PUB ".utf8 : "HPUB ".utf8)
    bytes.append(contentsOf: subject.utf8)
    if let reply {
      bytes.append(0x20)
      bytes.append(contentsOf: reply.utf8)
    }
    if !headers.isEmpty {
      bytes.append(0x20)
      DecimalText.append(headers.count, to: &bytes)
    }
    bytes.append(0x20)
    DecimalText.append(headers.count + payload.count, to: &bytes)
    bytes.append(contentsOf: [0x0D, 0x0A])
    bytes.append(contentsOf: headers)
    bytes.append(contentsOf: payload)
    bytes.append(contentsOf: [0x0D, 0x0A])
    bytesSent += UInt64(bytes.count)
    connection.write(bytes)
    return true
  }

  /// Sends a request whose replies, any number of them, go to `handler` until `cancel`.
  ///
  /// - Returns: nil where there is no connection.
  public func request(
    _ subject: String, headers: [UInt8] = [], payload: [UInt8] = [], handler: @escaping (RequestEvent) -> Void
  ) -> RequestToken? {
    shard.assertCurrent()
    let token = nextToken
    nextToken += 1
    guard publish(subject, reply: inbox + String(token, radix: 36), headers: headers, payload: payload) else { return nil }
    requests[token] = handler
    return token
  }

  /// Gives a request up. Replies that come later go to `onLateReply`.
  public func cancel(_ token: RequestToken) {
    shard.assertCurrent()
    requests[token] = nil
  }

  /// Sends a PING and reports within `timeout` seconds whether it was answered.
  public func checkAlive(timeout: Double, _ completion: @escaping @Sendable (Bool) -> Void) {
    shard.assertCurrent()
    guard phase == .ready else { return completion(false) }
    let once = Once(completion)
    sendPing { once.call(true) }
    _ = shard.after(timeout) { once.call(false) }
  }

  private final class Once: @unchecked Sendable {
    // Sendable: used on the client's shard only.
    private var body: (@Sendable (Bool) -> Void)?
    init(_ body: @escaping @Sendable (Bool) -> Void) { self.body = body }
    func call(_ value: Bool) {
      let body = body
      self.body = nil
      body?(value)
    }
  }

  // MARK: Connecting

  private func connect() {
    attempt += 1
    let attempt = attempt
    let authentication = options.authentication
    parser = ServerOperationParser(largestMessage: options.largestMessage)
    phase = .none
    WorkerQueue.shared.run { [self] in
      let result = Result { try NATSClient.readProof(authentication) }
      shard.run { [self] in
        guard attempt == self.attempt else { return }
        switch result {
        case .success(let proof):
          self.proof = proof
          open(attempt)
        case .failure(let error): failed("the credentials could not be read: \(error)")
        }
      }
    }
  }

  static func readProof(_ authentication: ClientAuthentication) throws -> Proof {
    var proof = Proof()
    switch authentication {
    case .none: break
    case .userPassword(let user, let password):
      proof.user = user
      proof.password = password
    case .token(let token): proof.token = token
    case .nkeyFile(let path): proof.key = try Credentials.seed(inText: FileAccess.readText(path))
    case .nkeySeed(let seed): proof.key = try KeyPair(seed: seed)
    case .credentialsFile(let path):
      let credentials = try Credentials(file: path)
      proof.jwt = credentials.jwt
      if credentials.seed != nil { proof.key = try credentials.userKey() }
    case .jwt(let jwt, let seed):
      proof.jwt = jwt
      if let seed { proof.key = try KeyPair(seed: seed) }
    }
    return proof
  }

  private func open(_ attempt: Int) {
    if let inProcess = options.inProcess {
      do {
        serverURL = "in process"
        begin(try inProcess(shard), tlsFirst: false)
      } catch {
        failed("the in-process connection could not be made: \(error)")
      }
      return
    }
    guard let url = pool.current else { return failed("no server URL is given") }
    serverURL = url.description
    Connector.connect(host: url.host, port: url.port, timeout: options.connectTimeout, shard: shard) { [self] result in
      guard attempt == self.attempt else { return }
      switch result {
      case .success(let connection): begin(connection, tlsFirst: options.tlsFirst)
      case .failure(let error): failed(error.description)
      }
    }
  }

  private func begin(_ connection: Connection, tlsFirst: Bool) {
    self.connection = connection
    leaving = nil
    connection.start(Handler(self))
    connection.deadline = MonotonicClock.now() + .seconds(options.connectTimeout)
    phase = .awaitingInfo
    if tlsFirst { secure(connection, alreadyRead: []) }
  }

  private func secure(_ connection: Connection, alreadyRead: [UInt8]) {
    do {
      let context = try TLSContext.client(options.tls ?? TLSOptions())
      let engine = try context.makeEngine(serverName: pool.current?.host)
      alreadyRead.withUnsafeBytes { connection.startTLS(engine, alreadyRead: $0) }
    } catch {
      leaving = "\(error)"
      connection.close()
    }
  }

  private func greet(_ information: ServerInformation) {
    server = information
    if options.usesDiscoveredServers, options.inProcess == nil { pool.discovered(information.connectURLs) }
    guard let connection else { return }
    let wantsTLS = information.tlsRequired || pool.current?.tls == true || (options.tls != nil && information.tlsAvailable)
    if wantsTLS, connection.tls == nil, options.inProcess == nil {
      guard information.tlsRequired || information.tlsAvailable else {
        leaving = "TLS is asked for, and \(serverURL) does not offer it"
        return connection.close()
      }
      phase = .securing
      return secure(connection, alreadyRead: [])
    }
    sayHello()
  }

  private func sayHello() {
    guard let server else { return }
    var hello = JSONWriter()
    do {
      try hello.object { json in
        json.member("verbose", false)
        json.member("pedantic", false)
        json.member("tls_required", connection?.tls != nil)
        json.member("name", options.name)
        json.member("lang", "swift")
        json.member("version", "1.0.0")
        json.member("protocol", 1)
        json.member("echo", options.echo)
        json.member("headers", true)
        json.member("no_responders", true)
        let url = pool.current
        if let user = proof.user ?? url?.user, proof.jwt == nil, proof.key == nil, proof.token == nil {
          if let password = proof.password ?? url?.password {
            json.member("user", user)
            json.member("pass", password)
          } else {
            json.member("auth_token", user)
          }
        }
        if let token = proof.token { json.member("auth_token", token) }
        if let jwt = proof.jwt { json.member("jwt", jwt) }
        if let key = proof.key {
          if proof.jwt == nil { json.member("nkey", key.publicKey) }
          if let nonce = server.nonce { json.member("sig", try key.signNonce(nonce)) }
        }
      }
    } catch {
      leaving = "the server's nonce could not be signed: \(error)"
      connection?.close()
      return
    }
    phase = .awaitingPong
    send("CONNECT \(hello.text)\r\n")
    sendPing { [self] in ready() }
  }

  private func ready() {
    guard phase == .awaitingPong else { return }
    phase = .ready
    connection?.deadline = 0
    pool.succeeded()
    if hasBeenConnected { reconnects += 1 }
    hasBeenConnected = true
    outstandingPings = 0
    send("SUB \(inbox)* 1\r\n")
    for (sid, subscription) in subscriptions.sorted(by: { $0.key < $1.key }) {
      send("SUB \(subscription.subject) \(subscription.queue.map { $0 + " " } ?? "")\(sid)\r\n")
    }
    pingTimer?.cancel()
    pingTimer = shard.every(options.pingInterval) { [weak self] in self?.pingIfQuiet() }
    log.info("connected", metadata: ["server": "\(server?.name ?? "")", "url": "\(serverURL)"])
    change(.connected)
  }

  private func pingIfQuiet() {
    guard phase == .ready else { return }
    if outstandingPings >= 2 { return failOver("\(NATSClient.unresponsive) two PINGs") }
    sendPing(nil)
  }

  private func sendPing(_ then: (() -> Void)?) {
    outstandingPings += 1
    pongs.append(then)
    send("PING\r\n")
  }

  private func send(_ text: String) {
    guard let connection else { return }
    let bytes = Array(text.utf8)
    bytesSent += UInt64(bytes.count)
    connection.write(bytes)
  }

  // MARK: Losing

  private func failed(_ reason: String) {
    connection = nil
    phase = .none
    pongs.removeAll()
    outstandingPings = 0
    pingTimer?.cancel()
    guard state != .stopped else { return }
    lastError = reason
    attempt += 1
    pool.moveOn()
    let wait = pool.wait(longest: options.longestReconnectWait)
    log.warning("not connected", metadata: ["url": "\(serverURL)", "reason": "\(reason)"])
    failRequests()
    change(.disconnected(reason))
    guard state != .stopped else { return }
    let attempt = attempt
    retryTimer = shard.after(wait) { [weak self] in
      guard let self, attempt == self.attempt else { return }
      connect()
    }
  }

  private func failRequests() {
    let lost = requests
    requests.removeAll()
    for handler in lost.values { handler(.disconnected) }
  }

  private func change(_ new: State) {
    guard new != state else { return }
    state = new
    onStateChange?(new)
  }

  // MARK: Receiving

  private func received(_ bytes: UnsafeRawBufferPointer) {
    bytesReceived += UInt64(bytes.count)
    var index = 0
    do {
      while phase != .none, phase != .securing || connection?.tls != nil, let operation = try parser.next(bytes, &index) {
        handle(operation)
        guard let connection, !connection.isClosed else { return }
      }
    } catch {
      leaving = "the server sent \(error)"
      connection?.close()
    }
  }

  private func handle(_ operation: ServerOperation) {
    switch operation {
    case .message(let sid, let subject, let reply, let headers, let payload):
      let message = NATSMessage(subject: subject, reply: reply, headers: headers, payload: payload, arrived: shard.now)
      if sid == 1 { deliver(message) } else { subscriptions[sid]?.handler(message) }
    case .ping: connection?.write("PONG\r\n")
    case .pong:
      outstandingPings = 0
      guard !pongs.isEmpty else { return }
      pongs.removeFirst()?()
    case .ok: break
    case .error(let text):
      lastError = text
      // Permission errors leave the connection open; every other error ends it.
      if text.lowercased().hasPrefix("permissions violation") {
        onServerError?(text)
      } else {
        leaving = "the server said: \(text)"
      }
    case .info(let bytes):
      guard let information = ServerInformation(bytes) else {
        leaving = "the server's INFO could not be read"
        connection?.close()
        return
      }
      if phase == .awaitingInfo { return greet(information) }
      let wasLameDuck = server?.lameDuck ?? false
      let nonce = server?.nonce
      server = information
      server?.nonce = information.nonce ?? nonce
      if options.usesDiscoveredServers, options.inProcess == nil { pool.discovered(information.connectURLs) }
      if information.lameDuck, !wasLameDuck { onLameDuck?() }
    }
  }

  private func deliver(_ message: NATSMessage) {
    let text = message.subject
    guard text.utf8.count > inbox.utf8.count, let token = RequestToken(text.dropFirst(inbox.count), radix: 36),
      let handler = requests[token]
    else {
      onLateReply?(message)
      return
    }
    if message.isNoResponders {
      requests[token] = nil
      handler(.noResponders)
    } else {
      handler(.reply(message))
    }
  }

  /// Keeps the socket's callbacks out of the public interface.
  private final class Handler: ConnectionHandler {
    // Weak, because a closing connection may outlive its client.
    private weak var client: NATSClient?
    init(_ client: NATSClient) { self.client = client }

    func connection(_ connection: Connection, received bytes: UnsafeRawBufferPointer) {
      guard let client, connection === client.connection else { return }
      client.received(bytes)
    }

    func connectionSecured(_ connection: Connection) {
      guard let client, connection === client.connection, client.phase == .securing else { return }
      client.sayHello()
    }

    func connectionDeadlinePassed(_ connection: Connection) {
      guard let client, connection === client.connection, client.phase != .ready else { return }
      client.leaving = "the server did not complete the handshake in time"
      connection.close()
    }

    func connectionClosed(_ connection: Connection, cause: CloseCause) {
      guard let client, connection === client.connection else { return }
      client.failed(client.leaving ?? cause.description)
    }
  }
}
