import BrokerCore
import Identity
import Logging
import Reactor
import Wire

/// A NATS server. Everything in it is confined to one shard: a serial queue with its own set of sockets.
public final class Broker: @unchecked Sendable {
  // Sendable by confinement: all mutable state is touched on `shard.queue` only. The public methods hop there.

  /// nats-server's own connections take the first ids; clients begin behind them.
  private static let internalConnections: UInt64 = 4

  static let globalName = "$G"

  public let shard: Shard
  /// Public nkey of this run.
  public let serverID: String
  let logger: Logger
  /// Nanoseconds since 1970.
  let startedAt: UInt64
  var configurationLoadedAt: UInt64
  var configuration: BrokerConfiguration
  private(set) var pingInterval: UInt64 = 0
  private let inventedUser: String

  private(set) var authenticator: Authenticator! = nil
  private(set) var info: ServerInfo! = nil
  /// Set before `start` where accounts come from JWTs.
  var operatorMode: (any OperatorAuthentication)?
  var tlsContext: TLSContext?
  var leafTLSContext: TLSContext?

  var accounts: [String: Account] = [:]
  private(set) var globalAccount: Account! = nil
  private(set) var systemAccount: Account?
  private(set) var internalClient: Client! = nil

  /// Every open connection, authenticated or not.
  var clients: [UInt64: Client] = [:]
  private(set) var clientConnections = 0
  private(set) var leafConnections = 0
  /// Among `clients`, those that nobody is told of; a handful at most.
  private(set) var hiddenClients: [Client] = []
  var closedClients: ClosedRing
  var counters = ServerCounters()
  private(set) var observers: [any BrokerObserver] = []
  /// The system account's services and events; nil without a system account, or before `start`.
  var system: SystemService?
  /// What documents show of the process around the broker. Set before `start`.
  public var reported = ReportedOptions()
  /// Requests to the monitoring port by path, as VARZ shows them.
  var monitoringRequests: [String: UInt64] = [:]
  /// Re-reads the configuration when the system account asks for it; the sentence that it returns is what went wrong.
  /// Set before `start`.
  public var reloadRequested: (@Sendable () -> String?)?

  private var listener: Listener?
  var leafListener: Listener?
  private(set) var isLameDuck = false
  private(set) var isStopped = false
  private var lastCID: UInt64 = 0
  private var lastInternalSID: UInt64 = 0

  // Routing state; see Routing.
  var serial: UInt64 = 0
  var scratch = LineScratch()
  var stallRequested = false
  /// TLS handshakes of the last second; see HandshakeRate.
  var handshakes = HandshakeRate()
  var randomState = UInt64.random(in: 1 ... .max)
  /// Accounts that have leaf nodes; see LeafInterest.
  var leafs: [Client] = []

  /// - Throws: What is wrong with the configuration, before anything is opened.
  public init(configuration: BrokerConfiguration, shard: Shard, log: Logger) throws(BrokerConfigurationError) {
    self.shard = shard
    self.configuration = configuration
    logger = log
    serverID = configuration.serverID ?? KeyPair.generate(.server).publicKey
    startedAt = wallClockNow()
    configurationLoadedAt = startedAt
    closedClients = ClosedRing(capacity: configuration.limits.maxClosedClients)
    inventedUser = "nats-" + String(decoding: RandomName.characters(8), as: UTF8.self)
    pingInterval = Nanoseconds.seconds(configuration.timers.pingInterval)
    globalAccount = account(named: Self.globalName)
    if !configuration.noSystemAccount {
      let name = configuration.systemAccount ?? "$SYS"
      if let wanted = configuration.systemAccount, !configuration.accounts.contains(where: { $0.name == wanted }), wanted != "$SYS",
        !configuration.isOperatorMode
      {
        throw BrokerConfigurationError("system account \"\(wanted)\" is not defined in accounts")
      }
      systemAccount = account(named: name)
    }
    lastCID = Self.internalConnections
    internalClient = Client(cid: 1, kind: .system, broker: self, connection: nil, account: systemAccount ?? globalAccount)
    internalClient.isRegistered = true
    info = ServerInfo(broker: self)
    try configure(configuration)
  }

  private func configure(_ configuration: BrokerConfiguration) throws(BrokerConfigurationError) {
    do {
      tlsContext = try configuration.tls.map { try TLSContext.server($0.options) }
      leafTLSContext = try configuration.leafNodes?.tls.map { try TLSContext.server($0.options) }
    } catch {
      throw BrokerConfigurationError("\(error)")
    }
    addSystemExports()
    try buildAccounts(configuration)
    authenticator = try Authenticator(configuration, broker: self, invented: inventedUser)
  }

  var serverName: String { configuration.serverName.isEmpty ? serverID : configuration.serverName }

  /// The port clients connect to; nil without a listener.
  public var clientPort: UInt16? { listener?.port }
  public var leafPort: UInt16? { leafListener?.port }

  var authenticationTimeout: Double {
    configuration.authorization.timeout ?? configuration.tls.map { $0.timeout + 1 } ?? 2
  }

  /// Open client connections, and leaf nodes.
  var clientCount: Int { clientConnections }
  var leafNodeCount: Int { leafConnections }

  /// An account by name, made when new.
  func account(named name: String) -> Account {
    if let known = accounts[name] { return known }
    let account = Account(name: name, broker: self)
    accounts[name] = account
    return account
  }

  // MARK: Life

  /// Opens the listeners. Call it off the shard or on it.
  ///
  /// - Throws: When a port is taken or a host unknown.
  public func start() throws(SocketError) {
    authenticator.operatorMode = operatorMode
    shard.runNowOrLater { [self] in startSystemServices() }
    if let port = configuration.port {
      let listener = try Listener.open(host: configuration.host, port: port)
      self.listener = listener
      // Strong until `stop` closes the listener: a weak reference would make every reference count of the broker slow.
      listener.start { [self] fd, peer in
        self.shard.run { self.accepted(Connection(fd: fd, peer: peer, shard: self.shard)) }
      }
    }
    if let leafNodes = configuration.leafNodes {
      let listener = try Listener.open(host: leafNodes.host, port: leafNodes.port)
      leafListener = listener
      listener.start { [self] fd, peer in
        self.shard.run { self.acceptedLeaf(Connection(fd: fd, peer: peer, shard: self.shard)) }
      }
    }
  }

  /// Closes the listeners and every connection. Nothing is sent to them.
  public func stop() {
    listener?.close()
    leafListener?.close()
    shard.runNowOrLater { [self] in
      guard !isStopped else { return }
      isStopped = true
      observers.forEach { $0.shuttingDown() }
      for client in Array(clients.values) {
        client.connection?.flush()
        client.close(.serverShutdown)
      }
    }
  }

  /// Takes no more connections, tells clients to go, and closes them one by one. `then` is called on the shard.
  public func lameDuck(then done: @escaping @Sendable () -> Void) {
    shard.runNowOrLater { [self] in
      guard !isLameDuck else { return }
      isLameDuck = true
      listener?.close()
      leafListener?.close()
      logger.notice("Entering lame duck mode, stop accepting new clients")
      observers.forEach { $0.enteredLameDuck() }
      for client in clients.values where client.kind == .client && client.protocolRevision >= 1 {
        client.sendInfo(.init(isLameDuck: true))
      }
      later(configuration.timers.lameDuckGracePeriod) { [self] in closeOneByOne(done) }
    }
  }

  private func closeOneByOne(_ done: @escaping @Sendable () -> Void) {
    let waiting = clients.values.filter { $0.kind != .system }.map(\.cid)
    guard !waiting.isEmpty else { return done() }
    let time = max(0, configuration.timers.lameDuckDuration - configuration.timers.lameDuckGracePeriod)
    let pause = min(1, time / Double(waiting.count))
    let perTurn = max(1, Int((0.01 / max(pause, 0.000_001)).rounded()))
    closeNext(waiting, perTurn: perTurn, pause: max(pause, 0.01), done)
  }

  private func closeNext(_ waiting: [UInt64], perTurn: Int, pause: Double, _ done: @escaping @Sendable () -> Void) {
    for cid in waiting.prefix(perTurn) { clients[cid]?.close(.serverShutdown) }
    let rest = Array(waiting.dropFirst(perTurn))
    guard !rest.isEmpty else { return done() }
    later(pause) { [self] in closeNext(rest, perTurn: perTurn, pause: pause, done) }
  }

  /// Runs on the shard after some seconds.
  func later(_ seconds: Double, _ body: @escaping () -> Void) {
    let bound = ShardBound<Void>(shard) { _ in body() }
    _ = shard.after(seconds) { bound.call(()) }
  }

  func addObserver(_ observer: any BrokerObserver) { observers.append(observer) }

  // MARK: Connections

  private func accepted(_ connection: Connection) {
    guard !isStopped && !isLameDuck else { return connection.close() }
    let client = Client(cid: nextCID(), kind: .client, broker: self, connection: connection, account: globalAccount)
    logger.debug("\(client.label) - Client connection created")
    connection.start(client)
    let limit = configuration.limits.maxConnections
    if limit >= 0 && clientConnections >= limit {
      client.sendInfo()
      enter(client)
      return client.fail("maximum connections exceeded", .maxConnectionsExceeded)
    }
    enter(client)
    client.greet()
  }

  /// Takes an in-process connection, which needs no credentials. A hidden one is in no document, count or event.
  public func adopt(_ connection: Connection, as preset: PresetIdentity, isHidden: Bool = false) {
    shard.runNowOrLater { [self] in
      guard !isStopped else { return connection.close() }
      let client = Client(
        cid: nextCID(), kind: .client, broker: self, connection: connection, account: globalAccount, preset: preset)
      client.isHidden = isHidden
      if isHidden { hiddenClients.append(client) }
      connection.start(client)
      enter(client)
      client.greet()
    }
  }

  /// What the server's own subscriptions are numbered with, for documents.
  func nextInternalSID() -> [UInt8] {
    lastInternalSID += 1
    return Array("\(lastInternalSID)".utf8)
  }

  func nextCID() -> UInt64 {
    lastCID += 1
    return lastCID
  }

  func identity(of preset: PresetIdentity) -> AuthenticatedIdentity {
    switch preset {
    case .system(let user): return AuthenticatedIdentity(account: systemAccount ?? globalAccount, user: user)
    case .account(let name, let user): return AuthenticatedIdentity(account: accounts[name] ?? globalAccount, user: user)
    }
  }

  /// Writes a new connection into the books; until it is authenticated it stands in the global account's.
  func enter(_ client: Client) {
    clients[client.cid] = client
    if client.isHidden { return }
    if client.kind == .client {
      counters.totalConnections += 1
      clientConnections += 1
    } else {
      leafConnections += 1
      leafs.append(client)
    }
    if client.kind == .client { book(client, in: client.account) }
  }

  func book(_ client: Client, in account: Account) {
    if client.isHidden { return }
    account.clients[client.cid] = client
    account.totalConnections += 1
    if client.kind == .leaf { account.leafCount += 1 } else { account.clientCount += 1 }
    client.isCounted = true
    observers.forEach { $0.connectionsChanged(in: account) }
  }

  private func unbook(_ client: Client) {
    guard client.isCounted else { return }
    client.isCounted = false
    let account = client.account
    account.clients[client.cid] = nil
    if client.kind == .leaf { account.leafCount -= 1 } else { account.clientCount -= 1 }
    observers.forEach { $0.connectionsChanged(in: account) }
  }

  func move(_ client: Client, to account: Account) {
    unbook(client)
    client.account = account
    book(client, in: account)
  }

  /// A connection ends: out of every sublist and book, into the ring of closed ones.
  func forget(_ client: Client, reason: CloseReason) {
    guard clients[client.cid] === client else { return }
    logger.debug("\(client.label) - \(client.kind == .leaf ? "Leafnode" : "Client") connection closed: \(reason.rawValue)")
    if !client.isHidden { closedClients.append(client.record(withSubscriptions: true)) }
    if client.kind == .leaf { leafs.removeAll { $0 === client } }
    var all: [Subscription] = []
    client.subscriptions.forEach { all.append($0) }
    for subscription in all {
      if client.isTraced { client.traceRemoval(subscription) }
      client.account.remove(subscription)
    }
    client.subscriptions.removeAll()
    clients[client.cid] = nil
    if client.isHidden { return hiddenClients.removeAll { $0 === client } }
    if client.kind == .client { clientConnections -= 1 } else { leafConnections -= 1 }
    unbook(client)
    observers.forEach { $0.disconnected(client, reason: reason) }
  }

  /// Ends a connection without a word: a kick.
  func close(_ client: Client, reason: CloseReason) { client.close(reason) }

  func log(_ client: Client, error text: String) {
    logger.error("\(client.label) - \(text)")
  }

  /// Swaps in a checked configuration; see Reload.
  func install(_ configuration: BrokerConfiguration, _ authenticator: Authenticator) {
    self.configuration = configuration
    self.authenticator = authenticator
    authenticator.operatorMode = operatorMode
    pingInterval = Nanoseconds.seconds(configuration.timers.pingInterval)
    configurationLoadedAt = wallClockNow()
    renewTracing()
  }

  func makeAuthenticator(_ configuration: BrokerConfiguration) throws(BrokerConfigurationError) -> Authenticator {
    try Authenticator(configuration, broker: self, invented: inventedUser)
  }
}
