import Broker
import BrokerCore
import BrokerOptions
import Logging
import Reactor
import ServerProcess

/// The broker that the gateway runs on where it is not told of another system.
struct EmbeddedBroker {
  let broker: Broker
  let options: BrokerOptions
  /// The in-process connection is not shown, as nats-server's own monitoring port has none.
  var hidesConnection = false

  /// What keeps the broker from starting, as one sentence that says what to do.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  /// Starts a broker.
  ///
  /// - Parameters:
  ///   - file: A nats-server configuration file; nil for a server without users, as nats-server is without a file.
  ///   - listen: Where clients connect; nil for what the file says, else 127.0.0.1:4222.
  static func start(file: String?, listen: String?, log: Logger) throws -> EmbeddedBroker {
    var defaults = BrokerOptions()
    defaults.broker.host = "127.0.0.1"
    var report = file.map { BrokerOptions.load(file: $0, over: defaults) } ?? OptionReport(options: defaults)
    guard report.errors.isEmpty else {
      throw Failure(description: "the broker's configuration is not usable:\n  " + report.errors.joined(separator: "\n  "))
    }
    if let listen {
      let address = try ListenFlag(listen, flag: "broker-listen")
      report.options.broker.host = address.host
      report.options.broker.port = address.port
    }
    for warning in report.warnings { log.warning("\(warning)") }
    var log = log
    // What the broker's own file asks for is shown, whatever the gateway's level is.
    if report.options.logLevel < log.logLevel { log.logLevel = report.options.logLevel }
    let broker = try Broker(report.options, shard: Shard(label: "natsight.broker"), log: log)
    do throws(SocketError) {
      try broker.start()
    } catch {
      throw Failure(description: explain(error, report.options.broker))
    }
    return EmbeddedBroker(broker: broker, options: report.options)
  }

  /// A connection into the system account, which needs no credentials because it never leaves the process.
  var inProcess: @Sendable (Shard) throws -> Connection {
    let (broker, isHidden) = (broker, hidesConnection)
    return { shard in
      let (ours, theirs) = try Connector.pair(shard, broker.shard)
      broker.adopt(theirs, as: .system(user: "natsight"), isHidden: isHidden)
      return ours
    }
  }

  /// Says goodbye to everybody and waits until that is sent.
  func stop() {
    broker.stop()
    // What the shard has queued in the turn of the stop is out once a later block has run.
    broker.shard.queue.sync {}
    broker.shard.queue.sync {}
  }

  /// The URL that clients use; nil where the broker has no listener.
  var url: String? {
    let host = options.broker.host
    let shown = host.isEmpty || host == "0.0.0.0" || host == "::" ? "127.0.0.1" : host
    return broker.clientPort.map { "nats://\(shown.contains(":") ? "[\(shown)]" : shown):\($0)" }
  }

  /// A taken port is the normal case for people who already run a nats-server.
  private static func explain(_ error: SocketError, _ configuration: BrokerConfiguration) -> String {
    guard error.isAddressInUse, let port = configuration.port else {
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
