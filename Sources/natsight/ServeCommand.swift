import ArgumentParser
import Broker
@preconcurrency import Dispatch
import Gateway
import Glibc
import HTTPServer
import LogOutput
import Logging
import Reactor

/// `natsight serve`: the gateway.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serve the monitoring data of a whole NATS deployment over HTTP.")

  @Option(help: ArgumentHelp("A file with any of these flags, in the NATS configuration language.", valueName: "file"))
  var config: String?
  @Option(
    name: [.customShort("l"), .customLong("listen")],
    help: ArgumentHelp(
      "Where to listen: HOST:PORT[=/prefix][?role=NAME]; a prefix pins it to one scope. May be repeated.", valueName: "address"))
  var listen: [String] = ["127.0.0.1:8222"]
  @OptionGroup var client: ClientFlags
  @Option(
    name: [.customShort("c"), .customLong("broker-config")],
    help: ArgumentHelp("A nats-server configuration file for the embedded broker.", valueName: "file"))
  var brokerConfig: String?
  @Option(help: ArgumentHelp("Where clients of the embedded broker connect (default: 127.0.0.1:4222).", valueName: "address"))
  var brokerListen: String?
  @OptionGroup var access: AccessFlags
  @Option(help: ArgumentHelp("The subject prefix of system requests, where an account imports them.", valueName: "subject"))
  var sysReqPrefix = "$SYS.REQ"
  @Option(help: ArgumentHelp("How long an answer may take.", valueName: "duration"))
  var timeout = "2s"
  @Option(help: ArgumentHelp("The longest time a request may ask for.", valueName: "duration"))
  var maxTimeout = "30s"
  @Option(help: ArgumentHelp("Reuse answers this young for everybody.", valueName: "duration"))
  var maxAge = "0s"
  @Option(help: ArgumentHelp("The most rows of a merged answer.", valueName: "number"))
  var maxRows = 100_000
  @Option(help: ArgumentHelp("How long a liveness probe may take.", valueName: "duration"))
  var probe = "1s"
  @Option(help: ArgumentHelp("How long a silent server stays expected.", valueName: "duration"))
  var forgetAfter = "1h"
  @Option(help: ArgumentHelp("Servers that are not coming back, by name.", valueName: "names"))
  var retire: [String] = []
  @Option(help: ArgumentHelp("Servers that have to be there, by name.", valueName: "names"))
  var expect: [String] = []
  @Option(help: ArgumentHelp("Thresholds of /findings, such as near_limit=80,certificate_days=30.", valueName: "name=value"))
  var findings: [String] = []
  @Option(help: ArgumentHelp("A folder that keeps the roster over restarts.", valueName: "folder"))
  var stateDir: String?
  @Flag(inversion: .prefixedNo, help: "Answer equal requests at the same time with one request to the servers.")
  var coalesce = true
  @Option(help: ArgumentHelp("trace, debug, info, notice, warning, error or critical.", valueName: "level"))
  var logLevel = "info"
  @Option(help: ArgumentHelp("text or json.", valueName: "format"))
  var logFormat = "text"

  func run() async throws {
    let output = LogOutput(format: LogFormat(rawValue: logFormat) ?? .text, level: Logger.Level(rawValue: logLevel) ?? .info)
    do {
      try await serve(output)
    } catch let error as AccessError {
      throw CommandFailure(error.description)
    } catch let error as EmbeddedBroker.Failure {
      throw CommandFailure(error.description)
    } catch let error as BrokerConfigurationError {
      throw CommandFailure("\(error)")
    }
  }

  private func serve(_ output: LogOutput) async throws {
    var configuration = try gatewayConfiguration()
    let embedded = try embeddedBroker(output)
    if let embedded {
      configuration.client.name = "natsight"
      configuration.client.inProcess = embedded.inProcess
    } else {
      configuration.client = try client.options(name: "natsight")
    }
    let group = ShardGroup(label: "natsight.http")
    let gateway = Gateway(configuration, shard: group.shards[0], log: output.logger("gateway"))
    if let pages = BrowserPages.findDirectory() { gateway.serveBrowserPages(from: pages) }
    let face = try GatewayFace(gateway, listen: listen, flags: access, shards: group, output: output)
    var urls = face.urls
    if let embedded {
      urls += try MonitoringPort.listen(
        embedded, gateway: gateway, server: face.server, log: output.logger("serve"), access: access.access == nil ? nil : face.access)
    }
    let hangups = ServeCommand.onHangup { ServeCommand.reload(face, gateway, output.logger("serve")) }
    defer { hangups.cancel() }
    gateway.start()
    ServeBanner(urls: urls, system: embedded?.url.map { "its embedded broker, \($0)" } ?? client.serverText).print()
    await ServeCommand.untilStopped()
    // Callers first: what they wait for still needs the connection to the system.
    await withCheckedContinuation { continuation in
      face.server.stop(within: 5) { gateway.stop { continuation.resume() } }
    }
    embedded?.stop()
  }

  /// The broker to run on; nil where another system is named.
  private func embeddedBroker(_ output: LogOutput) throws -> EmbeddedBroker? {
    guard client.namesASystem else { return try .start(file: brokerConfig, listen: brokerListen, log: output.logger("broker")) }
    guard brokerConfig == nil, brokerListen == nil else {
      throw ValidationError("--server (or --context, NATS_URL) names another system: leave out --broker-config and --broker-listen")
    }
    return nil
  }

  private func gatewayConfiguration() throws -> GatewayConfiguration {
    var configuration = GatewayConfiguration()
    configuration.version = Natsight.configuration.version
    configuration.timeout = try seconds("timeout", timeout)
    configuration.maxTimeout = try seconds("max-timeout", maxTimeout)
    configuration.maxAge = try seconds("max-age", maxAge)
    configuration.probe = try seconds("probe", probe)
    configuration.forgetAfter = try seconds("forget-after", forgetAfter)
    guard maxRows > 0 else { throw ValidationError("--max-rows has to be above zero") }
    configuration.maxRows = maxRows
    configuration.retire = retire.flatMap { $0.split(separator: ",").map(String.init) }
    configuration.expect = expect.flatMap { $0.split(separator: ",").map(String.init) }
    for text in findings {
      if let wrong = configuration.findings.read(text) { throw ValidationError("--findings \(wrong)") }
    }
    configuration.stateDirectory = stateDir
    configuration.systemRequestPrefix = sysReqPrefix
    configuration.coalesces = coalesce
    return configuration
  }

  private func seconds(_ flag: String, _ text: String) throws -> Double {
    guard let nanoseconds = GatewayConfiguration.duration(text) else {
      throw ValidationError("--\(flag) \(text): expected a duration such as 500ms, 2s or 1h")
    }
    return nanoseconds
  }

  /// Reads flags, files and certificates again; listeners, access and retired servers follow. What cannot be used is logged, and the
  /// settings in force stay.
  private static func reload(_ face: GatewayFace, _ gateway: Gateway, _ log: Logger) {
    do {
      guard let again = try Natsight.parseAsRoot(try Natsight.arguments()) as? ServeCommand else { return }
      face.reload(listen: again.listen, flags: again.access)
      gateway.retire(again.retire.flatMap { $0.split(separator: ",").map(String.init) })
    } catch {
      log.error("settings not reloaded", metadata: ["reason": "\(error)"])
    }
  }

  /// Calls `body` on each SIGHUP.
  private static func onHangup(_ body: @escaping @Sendable () -> Void) -> any DispatchSourceSignal {
    signal(SIGHUP, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: DispatchQueue(label: "natsight.reload"))
    source.setEventHandler { @Sendable in body() }
    source.activate()
    return source
  }

  /// Waits for SIGINT or SIGTERM.
  static func untilStopped() async {
    let queue = DispatchQueue(label: "natsight.signals")
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      let box = SignalBox()
      for number in [SIGINT, SIGTERM] {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        source.setEventHandler { @Sendable in box.fire { continuation.resume() } }
        source.activate()
        box.keep(source)
      }
    }
  }

  private final class SignalBox: @unchecked Sendable {
    // Sendable: filled before the first signal, then used on the signal queue only.
    private var sources: [any DispatchSourceSignal] = []
    private var isDone = false
    func keep(_ source: any DispatchSourceSignal) { sources.append(source) }
    func fire(_ body: () -> Void) {
      guard !isDone else { return }
      isDone = true
      body()
    }
  }
}
