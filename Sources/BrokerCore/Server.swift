import Dispatch
import Identity
import Logging
import Reactor
import Wire

/// A NATS server: its parts put together, and its life. Everything in it is confined to one shard: a serial queue with its own set of
/// sockets.
public final class Server: @unchecked Sendable {
  // Sendable by confinement: all mutable state is touched on `shard.queue` only, or before `start`. The methods hop there.

  package let services: Services
  package let accounts: AccountDirectory
  package let book: ConnectionBook
  package let router: Router
  package let authenticator: Authenticator
  /// Nanoseconds since 1970.
  package let startedAt: UInt64
  package private(set) var configurationLoadedAt: UInt64
  package private(set) var isLameDuck = false
  package private(set) var isStopped = false

  private let inventedUser: String
  private let tls: TLSGreeting
  private let info: ServerInfo
  private let clientProtocol: ClientProtocol
  private let leafProtocol: LeafProtocol
  private var listener: Listener?
  private var leafListener: Listener?
  /// One for each remote of the configuration.
  package private(set) var solicitors: [LeafSolicitor] = []

  /// - Parameter certificates: Made from the files that the configuration names.
  /// - Throws: What is wrong with the configuration, before anything is opened.
  package init(
    _ configuration: BrokerConfiguration, _ certificates: ListenerCertificates, shard: Shard, log: Logger
  ) throws(BrokerConfigurationError) {
    let services = Services(configuration, shard: shard, log: log)
    self.services = services
    startedAt = wallClockNow()
    configurationLoadedAt = startedAt
    inventedUser = "nats-" + String(decoding: RandomName.characters(8), as: UTF8.self)
    book = ConnectionBook(services)
    accounts = try AccountDirectory(services, book)
    router = Router(services, accounts, book)
    try accounts.build(configuration)
    let rules = try AuthenticationRules(configuration, accounts, invented: inventedUser)
    authenticator = Authenticator(services, accounts, rules, AuthCallout(services, router))
    tls = TLSGreeting(services, certificates)
    let timers = ConnectionTimers(services, tls)
    info = ServerInfo(services, authenticator)
    clientProtocol = ClientProtocol(services, book, accounts, router, authenticator, tls, timers, info)
    leafProtocol = LeafProtocol(services, book, accounts, router, authenticator, tls, timers)
  }

  /// Those of the listeners, as they are in force.
  package var certificates: ListenerCertificates { tls.certificates }

  package var shard: Shard { services.shard }
  package var configuration: BrokerConfiguration { services.configuration }
  package var serverID: String { services.serverID }
  package var serverName: String { services.serverName }

  /// The port clients connect to; nil without a listener, or before `start`.
  package var clientPort: UInt16? { listener?.port }
  /// The port leaf nodes connect to; nil without a listener, or before `start`.
  package var leafPort: UInt16? { leafListener?.port }

  /// Where clients are told to come.
  package var toldAddress: AdvertisedAddress { info.told }

  // MARK: Life

  /// Opens the listeners, and begins to accept once all of them are open. Call it once, off the shard or on it.
  ///
  /// - Throws: When a port is taken or a host unknown; nothing listens then.
  package func start() throws(ListenError) {
    let configuration = configuration
    let clients = try configuration.port.map { port throws(ListenError) in
      try open(.clients, configuration.host, port, as: "\(configuration.host):\(port)")
    }
    let leafs = try configuration.leafNodes.map { leafNodes throws(ListenError) in
      try open(.leafNodes, leafNodes.host, leafNodes.port, as: "\(leafNodes.port)")
    }
    // In one turn of the shard: whoever is served finds everything as it stays.
    if shard.isCurrent { listen(clients, leafs) } else { shard.queue.sync { listen(clients, leafs) } }
  }

  private func open(_ kind: ListenError.Listener, _ host: String, _ port: UInt16, as place: String) throws(ListenError) -> Listener {
    do throws(SocketError) {
      return try Listener.open(host: host, port: port)
    } catch {
      throw ListenError(kind, place, error)
    }
  }

  private func listen(_ clients: Listener?, _ leafs: Listener?) {
    listener = clients
    leafListener = leafs
    info.clientPort = clients?.port ?? 0
    leafProtocol.port = leafs?.port
    // Strong until `stop` closes the listeners: a weak reference would make every reference count of the server slow.
    clients?.start { [self] fd, peer in
      self.shard.run { self.accepted(Connection(fd: fd, peer: peer, shard: self.shard)) }
    }
    leafs?.start { [self] fd, peer in
      self.shard.run { self.acceptedLeaf(Connection(fd: fd, peer: peer, shard: self.shard)) }
    }
    authenticator.complain()
    shard.setGrain(configuration.deadlineGrain, for: self)
    solicit(configuration, tls.certificates)
  }

  /// Joins the systems of a configuration, leaves those that are no longer in it, and goes on with the others.
  private func solicit(_ configuration: BrokerConfiguration, _ certificates: ListenerCertificates) {
    var before = solicitors
    solicitors = []
    var fresh: [LeafSolicitor] = []
    for (remote, secrets) in zip(configuration.leafRemotes, certificates.remotes) {
      if let index = before.firstIndex(where: { $0.configuration == remote }) {
        let kept = before.remove(at: index)
        kept.secrets = secrets
        solicitors.append(kept)
      } else {
        fresh.append(LeafSolicitor(remote, secrets, leafProtocol))
      }
    }
    before.forEach { $0.stop() }
    solicitors += fresh
    fresh.forEach { $0.start() }
  }

  /// Closes the listeners and every connection. Nothing is sent to them.
  package func stop() {
    listener?.close()
    leafListener?.close()
    shard.runNowOrLater { [self] in
      guard !isStopped else { return }
      isStopped = true
      shard.setGrain(nil, for: self)
      solicitors.forEach { $0.rest() }
      book.observers.forEach { $0.shuttingDown() }
      for client in Array(book.clients.values) {
        client.connection?.flush()
        client.close(.serverShutdown)
      }
    }
  }

  /// Takes no more connections, tells clients to go, and closes them one by one. `then` is called on the shard.
  package func lameDuck(then done: @escaping @Sendable () -> Void) {
    shard.runNowOrLater { [self] in
      guard !isLameDuck else { return }
      isLameDuck = true
      info.isLameDuck = true
      solicitors.forEach { $0.rest() }
      listener?.close()
      leafListener?.close()
      services.log.notice("Entering lame duck mode, stop accepting new clients")
      book.observers.forEach { $0.enteredLameDuck() }
      let leaving = guests
      guard !leaving.isEmpty else { return done() }
      for client in leaving where client.protocolRevision >= 1 { tellLameDuck(client) }
      services.later(configuration.timers.lameDuckGracePeriod) { [self] in closeOneByOne(done) }
    }
  }

  /// Clients that came from outside: those within the process stay until its end, as leaf nodes do, which find their way by themselves.
  private var guests: [ClientConnection] { book.clients.values.filter { $0.kind == .client && $0.preset == nil } }

  private func closeOneByOne(_ done: @escaping @Sendable () -> Void) {
    let waiting = guests.map(\.cid)
    guard !waiting.isEmpty else { return done() }
    let time = max(0, configuration.timers.lameDuckDuration - configuration.timers.lameDuckGracePeriod)
    let pause = min(1, time / Double(waiting.count))
    let perTurn = max(1, Int((0.01 / max(pause, 0.000_001)).rounded()))
    closeNext(waiting, perTurn: perTurn, pause: max(pause, 0.01), done)
  }

  private func closeNext(_ waiting: [UInt64], perTurn: Int, pause: Double, _ done: @escaping @Sendable () -> Void) {
    for cid in waiting.prefix(perTurn) { book.clients[cid]?.close(.serverShutdown) }
    let rest = Array(waiting.dropFirst(perTurn))
    guard !rest.isEmpty else { return done() }
    services.later(pause) { [self] in closeNext(rest, perTurn: perTurn, pause: pause, done) }
  }

  // MARK: Connections

  private func accepted(_ connection: Connection) {
    guard !isStopped && !isLameDuck else { return connection.close() }
    let client = client(connection)
    services.log.debug("\(client.label) - Client connection created")
    connection.start(client)
    let limit = configuration.limits.maxConnections
    if limit >= 0 && book.limitedClients >= limit {
      clientProtocol.greet(client)
      book.enter(client)
      return client.fail("maximum connections exceeded", .maxConnectionsExceeded)
    }
    book.enter(client)
    clientProtocol.accept(client)
  }

  /// Takes an in-process connection, which needs no credentials. A hidden one is in no document, count or event.
  package func adopt(_ connection: Connection, as preset: PresetIdentity, isHidden: Bool = false) {
    shard.runNowOrLater { [self] in
      guard !isStopped else { return connection.close() }
      let client = client(connection, preset, isHidden: isHidden)
      connection.start(client)
      book.enter(client)
      clientProtocol.accept(client)
    }
  }

  private func client(_ connection: Connection, _ preset: PresetIdentity? = nil, isHidden: Bool = false) -> ClientConnection {
    ClientConnection(
      .client(ClientState()), cid: isHidden ? book.nextHiddenCID() : book.nextCID(), services, book, accounts.global, input: clientProtocol,
      connection: connection,
      preset: preset, isHidden: isHidden)
  }

  private func acceptedLeaf(_ connection: Connection) {
    guard !isStopped && !isLameDuck else { return connection.close() }
    let client = ClientConnection(
      .leaf(LeafLink()), cid: book.nextCID(), services, book, accounts.global, input: leafProtocol, connection: connection)
    services.log.info("\(client.label) - Leafnode connection created")
    connection.start(client)
    book.enter(client)
    leafProtocol.accept(client)
  }

  // MARK: What clients are told

  /// Limits that only the clients' protocol knows.
  func renewLimits(of client: ClientConnection) { clientProtocol.renewLimits(of: client) }

  /// INFO that asks a client to go elsewhere.
  package func tellLameDuck(_ client: ClientConnection) { clientProtocol.sendInfo(client, .init(isLameDuck: true)) }

  /// Links to other servers follow what an account's claims say of a service that decides on logins.
  package func renewLeafRules(of account: Account) { leafProtocol.renewRules(of: account) }

  // MARK: Reload

  /// The users of a configuration that is to come into force.
  func rules(_ configuration: BrokerConfiguration) throws(BrokerConfigurationError) -> AuthenticationRules {
    try AuthenticationRules(configuration, accounts, invented: inventedUser)
  }

  /// Puts a checked configuration in force; see Reload.
  func install(_ configuration: BrokerConfiguration, _ rules: AuthenticationRules, _ certificates: ListenerCertificates) {
    services.configuration = configuration
    authenticator.rules = rules
    authenticator.complain()
    tls.certificates = certificates
    shard.setGrain(configuration.deadlineGrain, for: self)
    if listener != nil || !solicitors.isEmpty || configuration.port == nil { solicit(configuration, certificates) }
    configurationLoadedAt = wallClockNow()
    book.renewTracing()
    accounts.own.isTraced = configuration.trace.shows(.system)
  }
}
