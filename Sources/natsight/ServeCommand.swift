import ArgumentParser
import BrokerCore
import Gateway
import Glibc
import HTTPServer
import LogOutput
import Logging
import Reactor
import ServerProcess

/// `natsight serve`: the gateway.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serve the monitoring data of a whole NATS deployment over HTTP.",
    discussion: """
      Without --server it runs on a NATS server of its own, which clients reach on 127.0.0.1:4222. To watch a system that is there, \
      connect as a user of its system account:

        natsight serve --server nats://admin:changeit@nats1:4222,nats://nats2:4222
        natsight serve --server nats://nats1:4222 --creds sys.creds
        natsight serve --context production

      What no flag says is taken from the context, and what no context says from NATS_CONTEXT, NATS_URL, NATS_USER, NATS_PASSWORD, \
      NATS_TOKEN, NATS_CREDS, NATS_NKEY, NATS_CA, NATS_CERT and NATS_KEY. SIGHUP reads the configuration file, the access file and the \
      certificates again and opens and closes listeners, without dropping a connection; SIGTERM answers what is under way, within five \
      seconds, and ends.
      """)

  @Option(help: ArgumentHelp("A file with any of these flags, in the NATS configuration language.", valueName: "file"))
  var config: String?
  @Option(
    name: [.customShort("l"), .customLong("listen")],
    help: ArgumentHelp(
      """
      Where to listen: HOST:PORT[=/prefix][?role=NAME]. With =/server/a1 it is a1's monitoring port, with =/merged the whole system as \
      one server; ?role gives callers without credentials that role. May be repeated.
      """, valueName: "address"))
  var listen: [String] = ["127.0.0.1:8222"]
  @Option(help: "trace, debug (a line for each request), info, notice, warning, error or critical.")
  var logLevel = Logger.Level.info
  @Option(help: "How log lines look.")
  var logFormat = ServeLogFormat.text
  @OptionGroup(title: "The NATS system") var client: ClientFlags
  @OptionGroup(title: "The servers of the system") var system: SystemFlags
  @OptionGroup(title: "The embedded broker, where no system is named") var broker: EmbeddedBrokerFlags
  @OptionGroup(title: "Who may read") var access: AccessFlags
  @OptionGroup(title: "Answers") var answers: AnswerFlags

  func run() async throws {
    let output = LogOutput(format: logFormat.format, level: logLevel)
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
        embedded, gateway: gateway, server: face.server, log: output.logger("serve"), access: access.access == nil ? nil : face.door)
    }
    let settings = try ServeSettings(Natsight.arguments())
    let hangups = SignalWatch(label: "natsight.reload")
    hangups.on(SIGHUP) { ServeCommand.reload(face, gateway, settings, output) }
    defer { hangups.cancel() }
    gateway.start()
    ServeBanner(urls: urls, system: embedded?.url.map { "its embedded broker, \($0)" } ?? client.serverText).print()
    await SignalWatch.first(of: [SIGINT, SIGTERM])
    // Callers first: what they wait for still needs the connection to the system.
    await withCheckedContinuation { continuation in
      face.server.stop(within: 5) { gateway.stop { continuation.resume() } }
    }
    embedded?.stop()
  }

  /// The broker to run on; nil where another system is named.
  private func embeddedBroker(_ output: LogOutput) throws -> EmbeddedBroker? {
    guard client.namesASystem else {
      return try .start(file: broker.brokerConfig, listen: broker.brokerListen, log: output.logger("broker"))
    }
    guard broker.brokerConfig == nil, broker.brokerListen == nil else {
      throw ValidationError("--server (or --context, NATS_URL) names another system: leave out --broker-config and --broker-listen")
    }
    return nil
  }

  private func gatewayConfiguration() throws -> GatewayConfiguration {
    var configuration = GatewayConfiguration()
    configuration.version = Natsight.configuration.version
    try answers.apply(to: &configuration)
    try system.apply(to: &configuration)
    return configuration
  }

  /// Reads flags, files and certificates again; listeners, access and retired servers follow. What cannot be used is logged, and the
  /// settings in force stay.
  private static func reload(_ face: GatewayFace, _ gateway: Gateway, _ settings: ServeSettings, _ output: LogOutput) {
    let log = output.logger("serve")
    do {
      let arguments = try Natsight.arguments()
      guard let again = try Natsight.parseAsRoot(arguments) as? ServeCommand else { return }
      output.level = again.logLevel
      face.reload(listen: again.listen, flags: again.access)
      gateway.retire(again.system.retiredNames)
      let others = ServeSettings(arguments).differences(from: settings)
      if !others.isEmpty {
        log.warning("some changed settings need a restart", metadata: ["settings": "\(others.joined(separator: ", "))"])
      }
    } catch {
      log.error("settings not reloaded", metadata: ["reason": "\(error)"])
    }
  }
}
