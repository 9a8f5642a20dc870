import ArgumentParser
import Broker
import BrokerCore
import BrokerOptions
import Dispatch
import Flags
import Identity
import LogOutput
import Logging
import Reactor
import ServerProcess
import Synchronization

/// The broker that the gateway runs on where it is not told of another system.
public final class EmbeddedBroker: Sendable {
  public let broker: Broker
  /// Those it started with.
  public let options: BrokerOptions
  /// The in-process connection is not shown, as nats-server's own monitoring port has none.
  private let hidesConnection: Bool
  /// Where its options come from; nil where they are not read again.
  private let source: Source?
  private let running: Mutex<BrokerOptions>
  private let follower = Mutex<(@Sendable (BrokerOptions) throws -> Void)?>(nil)

  /// What else goes by its options: told of those of a reload, and may refuse them before they are in force.
  var reloaded: (@Sendable (BrokerOptions) throws -> Void)? {
    get { follower.withLock { $0 } }
    set { follower.withLock { $0 = newValue } }
  }

  convenience init(broker: Broker, options: BrokerOptions, hidesConnection: Bool) {
    self.init(broker: broker, options: options, hidesConnection: hidesConnection, source: nil)
  }

  private init(broker: Broker, options: BrokerOptions, hidesConnection: Bool, source: Source?) {
    self.broker = broker
    self.options = options
    self.hidesConnection = hidesConnection
    self.source = source
    running = Mutex(options)
  }

  /// A configuration file, and what the command line says instead of it.
  private struct Source: Sendable {
    let file: String?
    let listen: String?
    /// Kept over restarts; nil for one of this run.
    let key: KeyPair?
    let log: Logger

    /// Reads the file. Blocks.
    func load() throws -> OptionReport {
      var defaults = BrokerOptions()
      defaults.broker.host = "127.0.0.1"
      var report = file.map { BrokerOptions.load(file: $0, over: defaults) } ?? OptionReport(options: defaults)
      if let listen {
        let address = try ListenFlag(listen, flag: "broker-listen")
        report.options.broker.host = address.host
        report.options.broker.port = address.port
      }
      // An id in place of a name, and another one after each start, would break series and bookmarks.
      if report.options.broker.serverName.isEmpty { report.options.broker.serverName = HostName.asServerName ?? "" }
      report.options.broker.serverKey = key
      return report
    }
  }

  /// What keeps the broker from starting, as one sentence that says what to do.
  public struct Failure: Error, CustomStringConvertible {
    public let description: String
  }

  /// Starts a broker.
  ///
  /// - Parameters:
  ///   - file: A nats-server configuration file; nil for a server without users, as nats-server is without a file.
  ///   - listen: Where clients connect; nil for what the file says, else 127.0.0.1:4222.
  ///   - stateFolder: Keeps the server's key, and with it its id, over restarts; nil for new ones.
  /// - Throws: `Failure`, or what the listen address should look like, or what the core refuses (`BrokerConfigurationError`).
  public static func start(file: String?, listen: String?, stateFolder: String?, log: Logger) throws -> EmbeddedBroker {
    let key = try stateFolder.map { folder throws(Failure) in try ServerKeyFile.key(in: folder, log) }
    let source = Source(file: file, listen: listen, key: key, log: log)
    let report = try source.load()
    guard report.errors.isEmpty else {
      throw Failure(description: "the broker's configuration is not usable:\n  " + report.errors.joined(separator: "\n  "))
    }
    for warning in report.warnings { log.warning("\(warning)") }
    var log = log
    // What the broker's own file asks for is shown, whatever the gateway's level is.
    if report.options.logLevel < log.logLevel { log.logLevel = report.options.logLevel }
    let broker = try Broker(report.options, shard: Shard(label: "natsight.broker"), log: log)
    do throws(ListenError) {
      try broker.start()
    } catch {
      throw Failure(description: explain(error, report.options.broker))
    }
    return EmbeddedBroker(broker: broker, options: report.options, hidesConnection: false, source: source)
  }

  /// What would keep a broker from starting, found without starting it: a sentence for each. Blocks.
  static func problems(file: String?, listen: String?) -> [String] {
    let log = LogOutput(level: .critical).logger("broker")
    do {
      let report = try Source(file: file, listen: listen, key: nil, log: log).load()
      guard report.errors.isEmpty else { return report.errors }
      try Broker.check(report.options, log: log)
      return []
    } catch {
      return [ServeFlags.message(for: error)]
    }
  }

  /// Reads its file again and puts in force what has changed, a line in the log for each. Blocks.
  ///
  /// - Returns: Why nothing was changed; nil where all is in force.
  public func reload() -> String? {
    guard let source, source.file != nil else { return nil }
    do {
      let report = try source.load()
      guard report.errors.isEmpty else { return report.errors.joined(separator: "; ") }
      let lines = try running.withLock { try $0.changes(to: report.options).lines }
      try reloaded?(report.options)
      try broker.shard.queue.sync { try broker.reload(report.options) }
      running.withLock { $0 = report.options }
      for line in lines { source.log.info("\(line)") }
      source.log.notice("broker configuration reloaded")
      return nil
    } catch {
      return "\(error)"
    }
  }

  /// A connection into the system account, which needs no credentials because it never leaves the process.
  public var inProcess: @Sendable (Shard) throws -> Connection {
    let (broker, isHidden) = (broker, hidesConnection)
    return { shard in
      let (ours, theirs) = try Connector.pair(shard, broker.shard)
      broker.adopt(theirs, as: .system(user: "natsight"), isHidden: isHidden)
      return ours
    }
  }

  /// Says goodbye to everybody and waits until that is sent.
  public func stop() {
    broker.stop()
    // What the shard has queued in the turn of the stop is out once a later block has run.
    broker.shard.queue.sync {}
    broker.shard.queue.sync {}
  }

  /// The URL that clients use; nil where the broker has no listener.
  public var url: String? {
    let host = options.broker.host
    let shown = host.isEmpty || host == "0.0.0.0" || host == "::" ? "127.0.0.1" : host
    return broker.clientPort.map { "nats://\(shown.contains(":") ? "[\(shown)]" : shown):\($0)" }
  }

  /// A taken port is the normal case for people who already run a nats-server.
  private static func explain(_ error: ListenError, _ configuration: BrokerConfiguration) -> String {
    guard error.listener == .clients else { return "\(error); choose another address in the broker's leafnodes block" }
    guard error.cause.isAddressInUse, let port = configuration.port else {
      return "\(error); choose another address for the broker's clients with --broker-listen HOST:PORT"
    }
    let place = "\(configuration.host):\(port)"
    if PortProbe.isNATSServer(host: configuration.host, port: port) {
      return "port \(port) is taken by a NATS server: watch it with --server nats://\(place), "
        + "or give the embedded broker another port with --broker-listen HOST:PORT"
    }
    return "port \(port) is taken: give the embedded broker another one with --broker-listen HOST:PORT"
  }
}
