import Broker
import CPosix
import Dispatch
import Gateway
import Glibc
import HTTPServer
import LogOutput
import Logging
import Reactor

/// The process around a broker: files, log, signals.
final class BrokerProcess {
  private let program: String

  init(program: String) { self.program = program }

  /// Does what the command line asks for; returns only for what is not a server.
  ///
  /// - Throws: What is wrong with the command line.
  func run(_ arguments: [String]) throws {
    let commandLine = try BrokerCommandLine(arguments)
    switch commandLine.action {
    case .help: print(BrokerCommandLine.help(program: program), terminator: "")
    case .helpTLS: print(BrokerCommandLine.helpTLS, terminator: "")
    case .version: print("\(program): v\(BrokerConfiguration().version)")
    case .signal(let name, let target):
      try ServerSignal.send(name, to: target, program: "nats-server")
    case .test: test(commandLine)
    case .run: try serve(commandLine)
    }
  }

  static func complain(_ text: String) {
    let line = Array((text + "\n").utf8CString)
    cposix_write_stderr(line, line.count - 1)
  }

  private func load(_ commandLine: BrokerCommandLine) -> OptionReport {
    let report = commandLine.load()
    guard report.errors.isEmpty else {
      for error in report.errors { Self.complain("\(program): \(error)") }
      exit(1)
    }
    return report
  }

  private func test(_ commandLine: BrokerCommandLine) {
    let report = load(commandLine)
    if !report.options.operatorMode.isConfigured {
      // Everything else that a start would refuse, such as mappings and import cycles; nothing is opened.
      let log = LogOutput(level: .critical).logger("broker")
      do {
        _ = try Broker(configuration: report.options.broker, shard: Shard(label: "natsight.check"), log: log)
      } catch {
        Self.complain("\(program): \(error)")
        exit(1)
      }
    }
    for warning in report.warnings { Self.complain("\(program): \(warning)") }
    Self.complain("\(program): configuration file \(commandLine.configurationFile) is valid (\(report.options.configurationDigest))")
  }

  private func serve(_ commandLine: BrokerCommandLine) throws {
    let report = load(commandLine)
    let server: RunningServer
    do {
      server = try RunningServer(report: report, commandLine: commandLine, program: program)
      try server.start()
    } catch {
      Self.complain("\(program): \(error)")
      exit(1)
    }
    server.serveForever()
  }
}

/// A started broker with its files, log and signals. Signals are handled on one queue of their own.
final class RunningServer: @unchecked Sendable {
  // Sendable because, once the server runs, `options` and `portsFile` are touched on the broker's shard only and `sources` on `queue` only.
  private let queue = DispatchQueue(label: "natsight.broker.signals")
  private let program: String
  private let commandLine: BrokerCommandLine
  private let output: LogOutput
  private let log: Logger
  private let broker: Broker
  /// In operator mode: what the operators said when the server started.
  private let trust: OperatorTrust?
  private var options: BrokerOptions
  private let warnings: [String]
  private var sources: [any DispatchSourceSignal] = []
  private var portsFile = ""
  private var monitoringURLs: [String] = []
  /// Kept for as long as the process lives.
  private var monitor: (gateway: Gateway, server: HTTPServer)?

  init(report: OptionReport, commandLine: BrokerCommandLine, program: String) throws {
    self.program = program
    self.commandLine = commandLine
    options = report.options
    warnings = report.warnings
    output = LogOutput(format: options.logging.format, level: options.logLevel, destination: try options.logging.openDestination())
    output.hidesDebug = !options.logging.debug
    log = output.logger("broker")
    let shard = Shard(label: "natsight.broker")
    trust = try options.prepareOperators()
    broker = try Broker(configuration: options.broker, shard: shard, log: log)
    if let trust { try broker.useOperators(trust) }
    broker.reported = options.reported
  }

  func start() throws {
    log.info("Starting \(program == "nats-server" ? "nats-server, as Natsight has it" : program)")
    log.info("  Version:  \(options.broker.version)")
    log.info("  Git:      [not set]")
    log.info("  Name:     \(options.broker.serverName.isEmpty ? broker.serverID : options.broker.serverName)")
    log.info("  ID:       \(broker.serverID)")
    if !options.configurationFile.isEmpty { log.info("Using configuration file: \(options.configurationFile)") }
    for warning in warnings { log.warning("\(warning)") }
    let server = self
    broker.reloadRequested = { server.reload() }
    try broker.start()
    if let port = broker.clientPort { log.info("Listening for client connections on \(options.broker.host):\(port)") }
    if let port = broker.leafPort { log.info("Listening for leafnode connections on \(options.broker.leafNodes?.host ?? ""):\(port)") }
    if options.monitoring.port != nil || options.monitoring.httpsPort != nil { try serveMonitoring() }
    try writeFiles()
    log.info("Server is ready")
  }

  /// The monitoring port is a gateway that knows this broker only, over a connection that never leaves the process.
  private func serveMonitoring() throws {
    guard !options.broker.noSystemAccount else {
      throw CommandLineError("the monitoring port needs a system account: remove no_system_account")
    }
    let embedded = EmbeddedBroker(broker: broker, options: options, hidesConnection: true)
    var configuration = GatewayConfiguration()
    configuration.client.name = "monitoring"
    configuration.client.inProcess = embedded.inProcess
    let shards = ShardGroup(label: "natsight.monitoring", count: 1)
    let gateway = Gateway(configuration, shard: shards.shards[0], log: output.logger("monitoring"))
    let server = HTTPServer(
      HTTPServerConfiguration { _, responder in responder.respond(Refusal(GatewayProblem.unknownPath, "nothing is served here").response) },
      shards: shards)
    monitoringURLs = try MonitoringPort.listen(embedded, gateway: gateway, server: server, log: log)
    gateway.start()
    for url in monitoringURLs { log.info("Starting http monitor on \(url)") }
    monitor = (gateway, server)
  }

  private func writeFiles() throws {
    if !options.pidFile.isEmpty { try ServerFiles.writeProcessID(to: options.pidFile) }
    guard !options.portsFileDirectory.isEmpty else { return }
    let executable = program == "nats-server" ? "nats-server" : "natsight"
    let path = ServerFiles.portsPath(directory: options.portsFileDirectory, executable: executable)
    let nats = broker.clientPort.map {
      ServerFiles.urls(scheme: options.broker.tls == nil ? "nats" : "tls", host: options.broker.host, port: $0)
    }
    // As on nats-server, the file names listeners, without the base path.
    let monitoring = monitoringURLs.map { url in
      url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).prefix(3).joined(separator: "/")
    }
    try ServerFiles.writePorts(ServerFiles.ports(nats: nats ?? [], monitoring: monitoring), to: path)
    portsFile = path
  }

  /// Handles signals for the rest of the process's life.
  func serveForever() -> Never {
    queue.async { [self] in
      on(SIGHUP) { server in
        server.broker.shard.run {
          if let fault = server.reload() { server.log.error("Failed to reload server configuration: \(fault)") }
        }
      }
      on(SIGUSR1) { server in
        guard server.output.writesToFile else { return server.log.warning("File log re-open ignored, not a file logger") }
        server.output.reopen()
        server.log.info("File log re-opened")
      }
      on(SIGUSR2) { server in server.broker.lameDuck { server.queue.async { server.finish() } } }
      for number in [SIGINT, SIGTERM] { on(number) { server in server.finish() } }
    }
    // Not `dispatchMain()`: the command's own asynchronous entry is already what keeps the main queue.
    while true { pause() }
  }

  private func on(_ number: Int32, _ handler: @escaping @Sendable (RunningServer) -> Void) {
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
    source.setEventHandler { @Sendable [self] in handler(self) }
    source.activate()
    sources.append(source)
  }

  private func finish() {
    log.info("Initiating Shutdown...")
    broker.stop()
    // The shard closes connections in its own turn; what it has flushed is out once a later block has run.
    broker.shard.queue.sync {}
    broker.shard.queue.sync {}
    let ports = broker.shard.queue.sync { portsFile }
    if !ports.isEmpty { unlink(ports) }
    log.info("Server Exiting..")
    exit(0)
  }

  /// Re-reads the file and puts in force what may change; the sentence that comes back says what went wrong.
  private func reload() -> String? {
    var report = commandLine.load()
    trust?.apply(to: &report.options.broker)
    guard !commandLine.configurationFile.isEmpty else { return "can only reload config when a file is provided using -c or --config" }
    guard report.errors.isEmpty else { return report.errors.joined(separator: "; ") }
    do {
      let changes = try options.changes(to: report.options)
      let destination = options.logging.hasSameFile(as: report.options.logging) ? nil : try report.options.logging.openDestination()
      try broker.reload(report.options.broker, reported: report.options.reported)
      broker.reloadOperators(report.options.operatorMode)
      let old = options
      options = report.options
      output.level = options.logLevel
      output.hidesDebug = !options.logging.debug
      if let destination {
        output.redirect(format: options.logging.format, destination: destination)
      } else {
        output.reformat(options.logging.format)
      }
      if options.pidFile != old.pidFile || options.portsFileDirectory != old.portsFileDirectory {
        if !portsFile.isEmpty { unlink(portsFile) }
        portsFile = ""
        try writeFiles()
      }
      for line in changes.lines { log.info("\(line)") }
      log.info("Reloaded server configuration")
      return nil
    } catch {
      return "\(error)"
    }
  }
}

extension LogOptions {
  fileprivate var format: LogFormat { time ? timeInUTC ? .server : .serverLocal : .serverBare }

  fileprivate func openDestination() throws -> LogDestination {
    file.isEmpty ? LogDestination() : try LogDestination(path: file, sizeLimit: fileSizeLimit, maximumCount: fileMaximumCount)
  }

  fileprivate func hasSameFile(as other: LogOptions) -> Bool {
    file == other.file && fileSizeLimit == other.fileSizeLimit && fileMaximumCount == other.fileMaximumCount
  }
}

extension BrokerOptions {
  var logLevel: Logger.Level { broker.trace.isOn ? .trace : logging.debug ? .debug : .info }
}
