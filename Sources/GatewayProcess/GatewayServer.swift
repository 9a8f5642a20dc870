import ArgumentParser
import Broker
import Flags
import Gateway
import HTTPServer
import Identity
import LogOutput
import Logging
import NATSClient
import Reactor
import Recording
import Wire

/// Everything that `serve` runs, put together: the gateway, its HTTP side, and a broker of its own where no other system is named.
public final class GatewayServer: Sendable {
  private let gateway: Gateway
  private let face: GatewayFace
  private let broker: EmbeddedBroker?
  private let reloading: ServeReload
  private let log: Logger
  /// What is served where: the addresses of `--listen` in their order, then the monitoring port's.
  public let places: [ServedPlace]
  /// Their base URLs.
  public var urls: [String] { places.map(\.url) }
  /// What is done with which system, in words.
  public let system: String

  /// Starts the broker, where there is one, and opens the listeners. Blocks.
  ///
  /// - Parameters:
  ///   - pages: What browsers get at the root.
  ///   - version: The command's own.
  ///   - inherited: Sockets that were handed over, taken where `--listen` names their address.
  /// - Throws: `AccessError`, `RecordError`, `ArchiveOpeningError`, `EmbeddedBroker.Failure`, `CommandFailure` and what else is wrong with what was ordered, one sentence each.
  public init(
    _ order: ServeOrder, pages: StaticFiles, version: String, inherited: InheritedSockets? = nil, output: LogOutput
  ) throws {
    let flags = order.flags
    log = output.logger("serve")
    var configuration = try flags.configuration()
    configuration.version = version
    configuration.notify = try flags.notify.settings()
    configuration.mutes = try flags.notify.muteList()
    let archive = try flags.record.archive.map { try OpenedArchive(path: $0) }
    for note in archive?.notes ?? [] { log.notice("the archive is read all the same", metadata: ["oddity": "\(note)"]) }
    broker = archive == nil ? try GatewayServer.broker(flags, output) : nil
    if let broker {
      configuration.client.name = "natsight"
      configuration.client.inProcess = broker.inProcess
      if let selected = NATSContext.selected() {
        log.notice("the selected context of the nats command is not used; --context names it", metadata: ["context": "\(selected)"])
      }
    } else if archive == nil {
      configuration.client = try flags.client.options(name: "natsight", usesSelectedContext: false)
    }
    let group = ShardGroup(label: "natsight.http")
    let store: any RecordStore
    if let archive {
      store = GatewayServer.store(archive)
    } else {
      store = try RecordPlace.open(flags, configuration.record, log: output.logger("record"))
    }
    gateway = Gateway(
      configuration, shard: group.shards[0], store: store, pinned: archive?.epoch.header.number, log: output.logger("gateway"))
    gateway.serveBrowserPages(pages)
    face = try GatewayFace(gateway, listen: flags.listen, flags: flags.access, shards: group, inherited: inherited, output: output)
    var places = face.places
    if let broker {
      let port = try MonitoringPort.listen(
        broker, gateway: gateway, server: face.server, log: log, access: flags.access.access == nil ? nil : face.door)
      places += port.urls.map { ServedPlace(url: $0, prefix: port.prefix) }
      broker.reloaded = { try port.follow($0) }
    }
    face.tellUnserved()
    self.places = places
    if let archive, let file = flags.record.archive {
      system = "shows the archive \(file) of \(archive.epoch.header.at.rfc3339)"
    } else {
      system = "watches " + (broker?.url.map { "its embedded broker, \($0)" } ?? flags.client.serverText)
    }
    reloading = ServeReload(face: face, gateway: gateway, broker: broker, started: order.settings, output: output)
  }

  /// The one epoch of an archive, as a record.
  private static func store(_ archive: OpenedArchive) -> any RecordStore {
    let store = MemoryRecordStore()
    _ = store.write(archive.epoch)
    return store
  }

  /// The broker to run on; nil where another system is named.
  private static func broker(_ flags: ServeFlags, _ output: LogOutput) throws -> EmbeddedBroker? {
    let broker = flags.broker
    guard flags.client.namesASystem else {
      try refuseIdentity(flags.client)
      return try .start(
        file: broker.brokerConfig, listen: broker.brokerListen, stateFolder: flags.system.stateDir, log: output.logger("broker"))
    }
    try refuseBrokerFlags(broker)
    return nil
  }

  /// - Throws: That flags say who to be in a system that none names.
  static func refuseIdentity(_ client: ClientFlags) throws {
    guard let flag = client.identityFlag else { return }
    throw ValidationError(
      "--\(flag) is for a system that --server or --context names, and neither does: name it, or leave --\(flag) out to run on the embedded broker"
    )
  }

  /// - Throws: That flags speak of a broker which does not run where another system is named.
  static func refuseBrokerFlags(_ broker: EmbeddedBrokerFlags) throws {
    guard broker.brokerConfig == nil, broker.brokerListen == nil else {
      throw ValidationError("--server (or --context, NATS_URL) names another system: leave out --broker-config and --broker-listen")
    }
  }

  /// Connects to the system.
  public func start() { gateway.start() }

  /// Reads everything again and puts in force what may change (SIGHUP). Blocks.
  ///
  /// - Parameter read: Reads command line and configuration file; what it throws is logged, and nothing is changed.
  public func reload(_ read: () throws(CommandFailure) -> ServeOrder) { reloading.run(read) }

  /// Calls `body` so often, in seconds, on the queue on which requests are answered, for as long as the timer is kept.
  public func every(_ seconds: Double, _ body: @escaping @Sendable () -> Void) -> ShardTimer { face.every(seconds, body) }

  /// The broker takes no more clients and lets those that are there go one by one; `then` is called once they are gone. Without a broker
  /// the log says that this means nothing here.
  public func lameDuck(then done: @escaping @Sendable () -> Void) {
    guard let broker else {
      return log.warning("SIGUSR2 ignored: lame duck mode is a NATS server's, and none runs in this process")
    }
    broker.broker.lameDuck(then: done)
  }

  /// Calls `body`, but not while the broker lets its clients go one by one: that ends by itself.
  public func unlessLameDuck(_ body: @escaping @Sendable () -> Void) {
    guard let broker = broker?.broker else { return body() }
    broker.shard.run { if !broker.isLameDuck { body() } }
  }

  /// Answers what is under way, within five seconds, leaves the system, and ends the broker.
  public func stop() async {
    log.notice("stopping: what is under way is answered, within five seconds")
    // Callers first: what they wait for still needs the connection to the system.
    await withCheckedContinuation { continuation in
      face.server.stop(within: 5) { [gateway] in gateway.stop { continuation.resume() } }
    }
    broker?.stop()
  }
}
