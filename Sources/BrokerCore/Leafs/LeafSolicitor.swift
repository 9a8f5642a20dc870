import Identity
import Logging
import Reactor
import Wire

/// Keeps this server joined to another system as its leaf node, by whichever of its addresses answers. Confined to the shard.
package final class LeafSolicitor: LeafPursuit {
  package let configuration: LeafRemoteConfiguration
  /// Changed by a reload: files may hold something else.
  var secrets: LeafRemoteSecrets
  private let services: Services
  private let book: ConnectionBook
  private let accounts: AccountDirectory
  private let authenticator: Authenticator
  /// Held by the server, which holds this.
  private unowned let input: LeafProtocol
  private var places: [LeafRemoteConfiguration.Place]
  private var learnt: [LeafRemoteConfiguration.Place] = []
  private var turn = 0
  /// Attempts since it was last joined.
  private var failures = 0
  /// Attempts that made no connection, since the last one that did.
  private var unconnected = 0
  private var hasConnected = false
  /// Counts attempts: what belongs to an older one does nothing.
  private var attempt = 0
  private var isStopped = false
  /// The connection of this attempt, joined or on the way there.
  package private(set) var link: ClientConnection?

  init(_ configuration: LeafRemoteConfiguration, _ secrets: LeafRemoteSecrets, _ input: LeafProtocol) {
    self.configuration = configuration
    self.secrets = secrets
    self.input = input
    services = input.services
    book = input.book
    accounts = input.accounts
    authenticator = input.authenticator
    places = configuration.noRandomize ? configuration.places : configuration.places.shuffled()
  }

  func start() {
    guard !configuration.isDisabled else { return }
    for subject in configuration.denyImports + configuration.denyExports where !Subject.isValid(subject) {
      services.log.warning("leafnode remote \(configuration.places.first?.url ?? ""): \"\(subject)\" is no subject, and denies nothing")
    }
    dial()
  }

  func stop() {
    rest()
    link?.close(.serverShutdown)
  }

  /// Dials no more; what is joined stays.
  func rest() {
    isStopped = true
    attempt += 1
  }

  // MARK: One attempt

  private func dial() {
    guard !isStopped else { return }
    attempt += 1
    let current = attempt
    findAccount { [weak self] account in
      guard let self, attempt == current else { return }
      guard let account else {
        services.log.error("Leafnode remote: cannot find local account \"\(configuration.localAccount)\"")
        return again()
      }
      readCredentials { [weak self] credentials in
        guard let self, attempt == current else { return }
        connect(to: account, credentials, current)
      }
    }
  }

  private func findAccount(_ completion: @escaping (Account?) -> Void) {
    if let operatorMode = authenticator.operatorMode { return operatorMode.account(configuration.localAccount, completion: completion) }
    completion(accounts.byName[configuration.localAccount])
  }

  /// On a worker: a file may be anywhere.
  private func readCredentials(_ completion: @escaping (Credentials?) -> Void) {
    guard configuration.credentialsFile != nil else { return completion(nil) }
    let back = ShardBound<Result<Credentials?, LeafCredentialsError>>(services.shard) { [weak self] result in
      switch result {
      case .success(let credentials): completion(credentials)
      case .failure(let error):
        self?.services.log.error("Leafnode remote: \(error.text)")
        self?.again()
      }
    }
    let (shard, read) = (services.shard, secrets.credentials)
    let isTaken = WorkerQueue.shared.run {
      let result: Result<Credentials?, LeafCredentialsError>
      do { result = .success(try read()) } catch { result = .failure(LeafCredentialsError(text: "\(error)")) }
      shard.run { back.call(result) }
    }
    if !isTaken { again() }
  }

  private func connect(to account: Account, _ credentials: Credentials?, _ current: Int) {
    let all = places + (configuration.ignoresDiscoveredServers ? [] : learnt)
    let place = all[turn % all.count]
    turn += 1
    let begin = ShardBound<Result<Connection, SocketError>>(services.shard) { [weak self] result in
      guard let self, attempt == current else { return }
      switch result {
      case .success(let connection): join(connection, LeafJoining(place, account, credentials, self))
      case .failure(let error):
        unconnected += 1
        services.log.log(
          level: Self.isReported(unconnected, reconnects: hasConnected, services.configuration) ? .error : .debug,
          "Error trying to connect as leafnode to remote server \"\(place.host):\(place.port)\" (attempt \(unconnected)): \(error)")
        again()
      }
    }
    services.log.debug("Trying to connect as leafnode to remote server on \"\(place.host):\(place.port)\"")
    Connector.connect(host: place.host, port: place.port, timeout: 1, shard: services.shard) { begin.call($0) }
  }

  /// Whether the log has this attempt as an error: a system that is away for long does not fill it.
  static func isReported(_ attempt: Int, reconnects: Bool, _ configuration: BrokerConfiguration) -> Bool {
    let path = reconnects ? \BrokerConfiguration.reconnectErrorReports : \.connectErrorReports
    let each = configuration[keyPath: path] == 0 ? BrokerConfiguration()[keyPath: path] : configuration[keyPath: path]
    return attempt == 1 || attempt.isMultiple(of: each)
  }

  private func join(_ connection: Connection, _ joining: LeafJoining) {
    unconnected = 0
    hasConnected = true
    let link = LeafLink()
    link.joining = joining
    link.isSpoke = !configuration.isHub
    let client = ClientConnection(
      .leaf(link), cid: book.nextCID(), services, book, accounts.global, input: input, connection: connection)
    self.link = client
    connection.start(client)
    book.enter(client)
    services.log.info("\(client.label) - Leafnode connection created for account: \(joining.account.name)")
    input.apply(client, link, joining)
  }

  // MARK: Between attempts

  func ended(_ client: ClientConnection) {
    guard link === client else { return }
    link = nil
    again(after: client.leaf?.joining?.refusal?.delay)
  }

  /// It is joined: the next attempt, after an end, comes soon.
  func joined() { failures = 0 }

  /// Addresses of the other side's cluster, as it tells them: `host:port`.
  func learn(_ urls: [String], from place: LeafRemoteConfiguration.Place) {
    guard !configuration.ignoresDiscoveredServers else { return }
    var found: [LeafRemoteConfiguration.Place] = []
    for url in urls.prefix(256) {
      let bare = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
      guard let address = try? HostPort(bare, ports: 1...65_535), !address.host.isEmpty else { continue }
      var one = place
      one.host = address.host
      one.port = UInt16(address.port)
      if !places.contains(where: { $0.host == one.host && $0.port == one.port }), !found.contains(one) { found.append(one) }
    }
    learnt = found
  }

  /// The name that a certificate has to bear: that of the address that was configured, where this one was only told of.
  func serverName(of place: LeafRemoteConfiguration.Place) -> String {
    guard learnt.contains(place), Self.isAddress(place.host) else { return place.host }
    return places.first { !Self.isAddress($0.host) }?.host ?? place.host
  }

  private static func isAddress(_ host: String) -> Bool {
    host.contains(":") || host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) }
  }

  /// Seconds until the next attempt: the first ones come at the pace that is configured, then ever later, and not all leaf nodes of a hub that
  /// was away at once.
  ///
  /// - Parameter chance: 0…1.
  static func pause(after failures: Int, reconnect: Double, chance: Double) -> Double {
    var pause = reconnect
    for _ in 0..<min(20, max(0, failures - 3)) where pause < reconnect * 10 { pause = min(reconnect * 10, pause * 1.5) }
    return failures > 1 ? pause * (1 + chance / 4) : pause
  }

  private func again(after delay: Double? = nil) {
    guard !isStopped else { return }
    attempt += 1
    let current = attempt
    failures += 1
    let reconnect = services.configuration.leafReconnect
    let pause = Self.pause(after: failures, reconnect: reconnect, chance: Double.random(in: 0...1))
    services.later(delay.map { $0 + reconnect } ?? pause) { [weak self] in
      guard let self, attempt == current else { return }
      dial()
    }
  }
}

private struct LeafCredentialsError: Error {
  let text: String
}
