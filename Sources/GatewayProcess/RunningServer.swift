import Broker
import BrokerCore
import BrokerOptions
import Dispatch
import Gateway
import Glibc
import HTTPServer
import LogOutput
import Logging
import NATSClient
import Reactor
import ServerProcess
import Wire

/// A started broker with its files, log and signals. Signals are handled on one queue of their own.
public final class RunningServer: @unchecked Sendable {
  // Sendable because `options` and `files` are touched on the broker's shard only, where a reload may come from the moment the broker
  // listens; `monitor` is written once, by `start`, and only keeps its parts alive.
  private let program: String
  private let commandLine: BrokerCommandLine
  private let output: LogOutput
  private let log: Logger
  private let broker: Broker
  private let warnings: [String]
  private let signals = SignalWatch(label: "natsight.broker.signals")
  private var options: BrokerOptions
  private var files: ProcessFiles
  private var monitor: (gateway: Gateway, server: HTTPServer, port: MonitoringPort)?

  /// - Parameters:
  ///   - report: The options that were read, without errors.
  ///   - commandLine: What they were read from, for reloads.
  ///   - program: What the command is called.
  /// - Throws: What the core refuses of the options, and a log file that cannot be written.
  public init(report: OptionReport, commandLine: BrokerCommandLine, program: String) throws {
    self.program = program
    self.commandLine = commandLine
    options = report.options
    warnings = report.warnings
    files = ProcessFiles(executable: program == "nats-server" ? "nats-server" : "natsight")
    output = LogOutput(format: options.logging.format, level: options.logLevel, destination: try options.logging.openDestination())
    output.hidesDebug = !options.logging.debug
    log = output.logger("broker")
    broker = try Broker(options, shard: Shard(label: "natsight.broker"), log: log)
  }

  /// Opens the listeners, writes the files, and listens to signals: whoever has read that the server is ready may send one.
  ///
  /// - Throws: A listener that cannot be had, and a file that cannot be written.
  public func start() throws {
    // What the start itself goes by: a reload may put others in force while it is under way.
    let first = options
    announce(first)
    broker.reloadRequested = { [self] in reload() }
    try broker.start()
    var listeners = ProcessFiles.Listeners()
    if first.monitoring.port != nil || first.monitoring.httpsPort != nil { listeners.monitoring = try serveMonitoring(first) }
    if let port = broker.leafPort {
      log.info("Listening for leafnode connections on \(HostPort.text(first.broker.leafNodes?.host ?? "", port))")
    }
    if let port = broker.clientPort {
      log.info("Listening for client connections on \(HostPort.text(first.broker.host, port))")
      if first.broker.tls != nil { log.info("TLS required for client connections") }
    }
    listeners.nats =
      broker.clientPort.map { ServerFiles.urls(scheme: first.broker.tls == nil ? "nats" : "tls", host: first.broker.host, port: $0) } ?? []
    // Whoever has found the files may send a signal too.
    handleSignals()
    try broker.shard.queue.sync { try files.begin(options, listeners) }
    log.info("Server is ready")
  }

  /// Logs why the start failed, as nats-server does.
  ///
  /// - Returns: Whether the log goes to a file.
  public func logFailure(_ error: any Error) -> Bool {
    log.critical("\((error as? ListenError)?.logged ?? "\(error)")")
    return output.writesToFile
  }

  private func announce(_ options: BrokerOptions) {
    log.info("Starting \(program == "nats-server" ? "nats-server, as Natsight has it" : program)")
    log.info("  Version:  \(options.broker.version)")
    log.info("  Git:      [not set]")
    if let cluster = options.broker.clusterName, !cluster.isEmpty { log.info("  Cluster:  \(cluster)") }
    log.info("  Name:     \(options.broker.serverName.isEmpty ? broker.serverID : options.broker.serverName)")
    log.info("  ID:       \(broker.serverID)")
    warnOfPlainPasswords(options)
    if !options.configurationFile.isEmpty {
      log.info("Using configuration file: \(options.configurationFile) (\(options.configurationDigest))")
    }
    for warning in warnings { log.warning("\(warning)") }
  }

  private func warnOfPlainPasswords(_ options: BrokerOptions) {
    if options.broker.hasPlainPasswords { log.warning("Plaintext passwords detected, use nkeys or bcrypt") }
  }

  /// The monitoring port is a gateway that knows this broker only, over a connection that never leaves the process.
  ///
  /// - Returns: The listeners' URLs as the ports file has them: without the base path, as on nats-server.
  private func serveMonitoring(_ options: BrokerOptions) throws -> [String] {
    let embedded = EmbeddedBroker(broker: broker, options: options, hidesConnection: true)
    var configuration = GatewayConfiguration()
    configuration.client.name = "monitoring"
    configuration.client.inProcess = embedded.inProcess
    let shards = ShardGroup(label: "natsight.monitoring", count: 1)
    // Its connection never leaves the process: that it comes and goes is nobody's news.
    var quiet = output.logger("monitoring")
    quiet.logLevel = max(quiet.logLevel, .error)
    let gateway = Gateway(configuration, shard: shards.shards[0], log: quiet)
    let server = HTTPServer(
      HTTPServerConfiguration { _, responder in responder.respond(Refusal(GatewayProblem.unknownPath, "nothing is served here").response) },
      shards: shards)
    let port: MonitoringPort
    do {
      port = try MonitoringPort.listen(embedded, gateway: gateway, server: server, log: log)
    } catch let error as SocketError {
      throw ListenError(.monitoring, "", error)
    }
    gateway.start()
    for listener in port.listeners { log.info("Starting \(listener.scheme) monitor on \(HostPort.text(listener.host, listener.port))") }
    monitor = (gateway, server, port)
    return port.urls.map { $0.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).prefix(3).joined(separator: "/") }
  }

  /// Serves for the rest of the process's life.
  public func serveForever() -> Never {
    // Not `dispatchMain()`: the command's own asynchronous entry is already what keeps the main queue.
    while true { pause() }
  }

  private func handleSignals() {
    on(SIGHUP, "hangup") { [self] in
      broker.shard.run { [self] in
        if let fault = reload() { log.error("Failed to reload server configuration: \(fault)") }
      }
    }
    on(SIGUSR1, "user defined signal 1") { [self] in
      guard output.writesToFile else { return log.warning("File log re-open ignored, not a file logger") }
      output.reopen()
      log.info("File log re-opened")
    }
    on(SIGUSR2, "user defined signal 2") { [self] in broker.lameDuck { [self] in signals.queue.async { self.finish() } } }
    on(SIGINT, "interrupt") { [self] in finish() }
    on(SIGTERM, "terminated") { [self] in
      // Whoever sends both, as a pod's end does, wants the clients to go one by one: that ends by itself.
      broker.shard.run { [self] in if !broker.isLameDuck { signals.queue.async { self.finish() } } }
    }
  }

  /// - Parameter name: What nats-server, by way of Go, calls the signal in its log.
  private func on(_ signal: Int32, _ name: String, _ handler: @escaping @Sendable () -> Void) {
    signals.on(signal) { [self] in
      log.info("Trapped \"\(name)\" signal")
      handler()
    }
  }

  private func finish() {
    log.info("Initiating Shutdown...")
    broker.stop()
    // The shard closes connections in its own turn; what it has flushed is out once a later block has run.
    broker.shard.queue.sync {}
    broker.shard.queue.sync {}
    broker.shard.queue.sync { files.removePortsFile() }
    log.info("Server Exiting..")
    exit(0)
  }

  /// Re-reads the file and puts in force what may change; the sentence that comes back says what went wrong. On the broker's shard.
  private func reload() -> String? {
    broker.shard.assertCurrent()
    do {
      let plan = try ReloadPlan(commandLine, running: options)
      let destination = options.logging.hasSameFile(as: plan.options.logging) ? nil : try plan.options.logging.openDestination()
      try monitor?.port.follow(plan.options)
      try broker.reload(plan.options)
      let old = options
      options = plan.options
      output.level = options.logLevel
      output.hidesDebug = !options.logging.debug
      if let destination {
        output.redirect(format: options.logging.format, destination: destination)
      } else {
        output.reformat(options.logging.format)
      }
      try files.follow(from: old, to: options)
      for line in plan.lines { log.info("\(line)") }
      warnOfPlainPasswords(options)
      log.info("Reloaded server configuration (\(options.configurationDigest))")
      return nil
    } catch {
      return "\(error)"
    }
  }
}
