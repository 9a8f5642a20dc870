import ArgumentParser
import Broker
import BrokerCore
import Flags
import Gateway
import Glibc
import HTTPServer
import Identity
import LogOutput
import Logging
import NATSClient
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

      What no flag says is taken from NATS_URL, NATS_CREDS, NATS_NKEY, NATS_JWT and NATS_SEED, NATS_USER, NATS_PASSWORD, NATS_TOKEN, \
      NATS_CA, NATS_CERT and NATS_KEY, and what no variable says from the context that --context or NATS_CONTEXT names. SIGHUP reads \
      the configuration file, the broker's, the access file and the certificates again and opens and closes listeners, without \
      dropping a connection; SIGTERM answers what is under way, within five seconds, and ends.
      """)

  @Option(help: ArgumentHelp("A file with any of these flags, in the NATS configuration language.", valueName: "file"))
  var config: String?
  @OptionGroup var flags: ServeFlags

  func run() async throws {
    let output = LogOutput(format: flags.logFormat.format, level: flags.logLevel)
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
    var configuration = try flags.configuration()
    configuration.version = Natsight.configuration.version
    let log = output.logger("serve")
    let embedded = try embeddedBroker(output)
    if let embedded {
      configuration.embeddedServer = embedded.broker.serverID
      configuration.client.name = "natsight"
      configuration.client.inProcess = embedded.inProcess
      if let selected = NATSContext.selected() {
        log.notice("the selected context of the nats command is not used; --context names it", metadata: ["context": "\(selected)"])
      }
    } else {
      configuration.client = try flags.client.options(name: "natsight", usesSelectedContext: false)
    }
    let group = ShardGroup(label: "natsight.http")
    let gateway = Gateway(configuration, shard: group.shards[0], log: output.logger("gateway"))
    gateway.serveBrowserPages(try CarriedPages.files(flags.pages))
    let face = try GatewayFace(gateway, listen: flags.listen, flags: flags.access, shards: group, output: output)
    var urls = face.urls
    if let embedded {
      let port = try MonitoringPort.listen(
        embedded, gateway: gateway, server: face.server, log: log, access: flags.access.access == nil ? nil : face.door)
      urls += port.urls
      embedded.reloaded = { try port.follow($0) }
    }
    let reloading = ServeReload(
      face: face, gateway: gateway, broker: embedded, started: ServeSettings(try Natsight.arguments()), output: output)
    let hangups = SignalWatch(label: "natsight.reload")
    hangups.on(SIGHUP) { reloading.run() }
    defer { hangups.cancel() }
    gateway.start()
    ServeBanner(urls: urls, system: embedded?.url.map { "its embedded broker, \($0)" } ?? flags.client.serverText).print()
    await SignalWatch.first(of: [SIGINT, SIGTERM])
    log.notice("stopping: what is under way is answered, within five seconds")
    // Callers first: what they wait for still needs the connection to the system.
    await withCheckedContinuation { continuation in
      face.server.stop(within: 5) { gateway.stop { continuation.resume() } }
    }
    embedded?.stop()
  }

  /// The broker to run on; nil where another system is named.
  private func embeddedBroker(_ output: LogOutput) throws -> EmbeddedBroker? {
    let broker = flags.broker
    guard flags.client.namesASystem else {
      let folder = flags.system.stateDir
      let kept = folder.flatMap(GatewayConfiguration.embeddedServer(keptIn:))
      return try .start(
        file: broker.brokerConfig, listen: broker.brokerListen, id: kept, keepsID: folder != nil, log: output.logger("broker"))
    }
    guard broker.brokerConfig == nil, broker.brokerListen == nil else {
      throw ValidationError("--server (or --context, NATS_URL) names another system: leave out --broker-config and --broker-listen")
    }
    return nil
  }
}
