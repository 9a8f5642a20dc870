import Identity
import Logging
import Reactor
import Wire

/// The way from a server's address to a connection that may be used: credentials, TLS, CONNECT, the first PONG.
extension NATSClient {
  func connect() {
    attempt += 1
    let attempt = attempt
    let authentication = options.authentication
    parser = ServerOpParser()
    parser.maxPayload = options.largestMessage
    phase = .none
    let isTaken = WorkerQueue.shared.run { [self] in
      let result = Result { try ClientProof(authentication) }
      shard.run { [self] in
        guard attempt == self.attempt else { return }
        switch result {
        case .success(let proof):
          self.proof = proof
          open(attempt)
        case .failure(let error): failed(.credentials(.unreadable("\(error)")))
        }
      }
    }
    if !isTaken { failed(.credentials(.unreadable("too much other work waits"))) }
  }

  func open(_ attempt: Int) {
    if let inProcess = options.inProcess {
      do {
        serverURL = "in process"
        begin(try inProcess(shard), tlsFirst: false)
      } catch {
        failed(.unreachable("the in-process connection could not be made: \(error)"))
      }
      return
    }
    guard let url = pool.current else { return failed(.noServer) }
    serverURL = url.description
    Connector.connect(host: url.host, port: url.port, timeout: options.connectTimeout, shard: shard) { [self] result in
      guard attempt == self.attempt else { return }
      switch result {
      case .success(let connection): begin(connection, tlsFirst: options.tlsFirst)
      case .failure(let error): failed(.unreachable(error.description))
      }
    }
  }

  func begin(_ connection: Connection, tlsFirst: Bool) {
    self.connection = connection
    leaving = nil
    connection.start(Handler(self))
    connection.deadline = MonotonicClock.now() + .seconds(options.connectTimeout)
    phase = .awaitingInfo
    if tlsFirst { secure(connection, alreadyRead: []) }
  }

  func secure(_ connection: Connection, alreadyRead: [UInt8]) {
    do {
      let context = try TLSContext.client(options.tls ?? TLSOptions())
      let engine = try context.makeEngine(serverName: pool.current.map { $0.verifiedName ?? $0.host })
      alreadyRead.withUnsafeBytes { connection.startTLS(engine, alreadyRead: $0) }
    } catch {
      leaving = .tls(.unusable("\(error)"))
      connection.close()
    }
  }

  func greet(_ information: ServerInformation) {
    server = information
    guard let connection else { return }
    // TLS that is asked for, by whatever means, is never given up: nothing secret is said without it.
    if information.tlsRequired || asksForTLS, connection.tls == nil, options.inProcess == nil {
      guard information.tlsRequired || information.tlsAvailable else {
        leaving = .tls(.notOffered(url: serverURL))
        return connection.close()
      }
      phase = .securing
      return secure(connection, alreadyRead: [])
    }
    sayHello()
  }

  /// The operator asked for TLS: by the URL's scheme or by an option of TLS.
  private var asksForTLS: Bool { pool.current?.tls == true || options.tls != nil || options.tlsFirst }

  /// Takes up whom the server names: once it has shown its certificate, where it has to.
  func discover(_ information: ServerInformation) {
    guard options.usesDiscoveredServers, options.inProcess == nil else { return }
    pool.discovered(information.connectURLs)
  }

  func sayHello() {
    guard let server else { return }
    discover(server)
    var hello = JSONWriter()
    // What a URL says about itself goes before what is said about all of them.
    let proof = proof.naming(pool.current)
    do {
      try hello.object { json in
        json.member("verbose", false)
        json.member("pedantic", false)
        json.member("tls_required", connection?.tls != nil)
        json.member("name", options.name)
        json.member("lang", "swift")
        json.member("version", Release.version)
        json.member("protocol", 1)
        json.member("echo", options.echo)
        json.member("headers", true)
        json.member("no_responders", true)
        if let user = proof.user { json.member("user", user) }
        if let password = proof.password { json.member("pass", password) }
        if let token = proof.token { json.member("auth_token", token) }
        if let jwt = proof.jwt { json.member("jwt", jwt) }
        if let key = proof.key {
          if proof.jwt == nil { json.member("nkey", key.publicKey) }
          if let nonce = server.nonce { json.member("sig", try key.signNonce(nonce)) }
        }
      }
    } catch {
      leaving = .credentials(.unsigned("\(error)"))
      connection?.close()
      return
    }
    phase = .awaitingPong
    send("CONNECT \(hello.text)\r\n")
    sendPing { [self] in ready() }
  }

  func ready() {
    guard phase == .awaitingPong else { return }
    phase = .ready
    connection?.deadline = .distantFuture
    pool.succeeded()
    if hasBeenConnected { reconnects += 1 }
    hasBeenConnected = true
    unansweredKeepAlives = 0
    send("SUB \(inbox)* 1\r\n")
    for (sid, subscription) in subscriptions.sorted(by: { $0.key < $1.key }) {
      send("SUB \(subscription.subject) \(subscription.queue.map { $0 + " " } ?? "")\(sid)\r\n")
    }
    pingTimer?.cancel()
    pingTimer = shard.every(options.pingInterval) { [weak self] in self?.pingIfQuiet() }
    log.info("connected", metadata: ["server": "\(server?.name ?? "")", "url": "\(serverURL)"])
    change(.connected)
  }

  func pingIfQuiet() {
    guard phase == .ready else { return }
    if unansweredKeepAlives >= 2 { return failOver(.unresponsive(.keepAlives(2))) }
    unansweredKeepAlives += 1
    sendPing(nil)
  }

  func sendPing(_ then: (() -> Void)?) {
    pongs.append(then)
    send("PING\r\n")
  }

  func send(_ text: String) {
    guard let connection else { return }
    connection.write(Array(text.utf8))
  }
}
