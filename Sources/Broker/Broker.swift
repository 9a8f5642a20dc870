import BrokerCore
import BrokerSystem
import Logging
import Reactor

/// A NATS server with the services of its system account. Everything in it is confined to one shard: a serial queue with its own set of
/// sockets.
public final class Broker: @unchecked Sendable {
  // Sendable by confinement: what is set before `start` is read on the shard afterwards, everything else is touched on `shard` only. Public
  // methods hop there, but for those that say that they are called there.

  package let server: Server
  private let report = ServerReport()
  private let object: ServerObject
  private var operatorMode: OperatorMode?
  private var system: SystemService?

  /// Re-reads the configuration when the system account asks for it; the sentence that it returns is what went wrong. Called on the shard.
  /// Set before `start`.
  public var reloadRequested: (@Sendable () -> String?)?

  /// - Throws: What is wrong with the configuration, before anything is opened.
  public init(configuration: BrokerConfiguration, shard: Shard, log: Logger) throws(BrokerConfigurationError) {
    server = try Server(configuration, try ListenerCertificates(configuration), shard: shard, log: log)
    object = ServerObject(server)
  }

  public var shard: Shard { server.shard }
  /// The public half of the server's key.
  public var serverID: String { server.serverID }
  /// The port clients connect to; nil without a listener, or before `start`.
  public var clientPort: UInt16? { server.clientPort }
  /// The port leaf nodes connect to; nil without a listener, or before `start`.
  public var leafPort: UInt16? { server.leafPort }

  /// What documents show of the process around the broker. Set before `start`.
  public var reported: ReportedOptions {
    get { report.options }
    set { report.options = newValue }
  }

  /// Puts the broker into operator mode. Call it once, after `init` and before `start`; its configuration must have gone through
  /// `OperatorTrust.apply(to:)`.
  ///
  /// - Throws: When the resolver's folder cannot be used.
  public func useOperators(_ trust: OperatorTrust) throws(BrokerConfigurationError) {
    operatorMode = try OperatorMode.begin(server, trust, object)
  }

  // MARK: Life

  /// Opens the listeners. Call it once, off the shard or on it.
  ///
  /// - Throws: When a port is taken or a host unknown; nothing listens then.
  public func start() throws(ListenError) {
    shard.runNowOrLater { [self] in startSystemServices() }
    try server.start()
  }

  private func startSystemServices() {
    guard system == nil else { return }
    let account = server.accounts.serving
    let service = SystemService(
      server, account: account, object: object, report: report, refusesClaims: operatorMode == nil, reload: reloadRequested)
    system = service
    service.start()
  }

  /// Closes the listeners and every connection. Nothing is sent to them.
  public func stop() { server.stop() }

  /// It takes no more connections, and lets its clients go one by one. On the shard only.
  public var isLameDuck: Bool { server.isLameDuck }

  /// Takes no more connections, tells clients to go, and closes them one by one. `then` is called on the shard.
  public func lameDuck(then done: @escaping @Sendable () -> Void) { server.lameDuck(then: done) }

  /// Takes an in-process connection, which needs no credentials. A hidden one is in no document, count or event.
  public func adopt(_ connection: Connection, as preset: PresetIdentity, isHidden: Bool = false) {
    server.adopt(connection, as: preset, isHidden: isHidden)
  }

  /// Counts a request to the monitoring port, by its path below the base path. Thread safe.
  public func countMonitoringRequest(_ path: String) {
    guard let name = ServerReport.countedName(path) else { return }
    report.count(name)
  }

  // MARK: Reload

  /// Puts a changed configuration in force while the server runs: limits, users, accounts, certificates, tags and the rest of what may
  /// change. Clients whose user is gone or has other credentials are closed. On the shard only.
  ///
  /// - Throws: What is wrong with it; the old configuration is in force then.
  public func reload(_ new: BrokerConfiguration, reported: ReportedOptions) throws(BrokerConfigurationError) {
    try server.reload(new, try ListenerCertificates(new))
    report.options = reported
  }

  /// Puts in force what a reload may change about operator mode: the sentinel, the preloaded accounts and the pinned ones. On the shard only.
  func reloadOperators(_ options: OperatorModeOptions) {
    shard.assertCurrent()
    operatorMode?.sentinel = options.defaultSentinel
    operatorMode?.replacePreload(options.preload)
    operatorMode?.replacePinnedAccounts(options.pinnedAccounts)
  }

  /// The operators that the server trusts; nil where accounts come from the configuration.
  var operatorTrust: OperatorTrust? { operatorMode?.trust }
}
