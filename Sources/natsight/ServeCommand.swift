import ArgumentParser
import BrokerCore
import Flags
import Gateway
import GatewayProcess
import Glibc
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

      With --archive it shows the one moment that is in a file, and connects to nothing:

        natsight serve --archive case-4711.zip

      Every flag may stand in the file of --config, and in a variable: NATSIGHT_LISTEN for --listen, NATSIGHT_CONFIG for the file. A flag \
      goes before a variable, a variable before the file; lists add up. natsight config show tells what comes of it, natsight config check \
      what is wrong with it.

      What none of these says is taken from NATS_URL, NATS_CREDS, NATS_NKEY, NATS_JWT and NATS_SEED, NATS_USER, NATS_PASSWORD, NATS_TOKEN, \
      NATS_CA, NATS_CERT and NATS_KEY, and what no variable says from the context that --context or NATS_CONTEXT names. SIGHUP reads \
      the configuration file, the broker's, the access file and the certificates again and opens and closes listeners, without \
      dropping a connection; SIGTERM answers what is under way, within five seconds, and ends, and with it the NATS server of its own: \
      its clients are cut off at once. SIGUSR2 lets them go one by one (lame duck mode), and then ends as SIGTERM does, which is \
      passed over meanwhile; SIGINT is not. SIGUSR1 does nothing: the log is standard error.
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
    } catch let error as ArchiveOpeningError {
      throw CommandFailure(error.description)
    } catch let error as EmbeddedBroker.Failure {
      throw CommandFailure(error.description)
    } catch let error as BrokerConfigurationError {
      throw CommandFailure("\(error)")
    }
  }

  private func serve(_ output: LogOutput) async throws {
    // Before anything is read: a signal that comes meanwhile must neither end the process nor be lost.
    let (reloads, farewells) = (EarlyRequests(), EarlyRequests())
    let (hangups, signals) = (SignalWatch(label: "natsight.reload"), SignalWatch(label: "natsight.signals"))
    hangups.on(SIGHUP) { reloads.ask() }
    signals.on(SIGUSR1) { output.logger("serve").warning("File log re-open ignored, not a file logger") }
    signals.on(SIGUSR2) { farewells.ask() }
    defer {
      hangups.cancel()
      signals.cancel()
    }
    let variable = { @Sendable (name: String) in getenv(name).map { String(cString: $0) } }
    let server = try GatewayServer(
      ServeOrder(flags, arguments: try Natsight.arguments()), pages: try CarriedPages.files(flags.pages),
      version: Natsight.configuration.version, inherited: InheritedSockets(variable: variable), output: output)
    server.start()
    let manager = ServiceManager(variable: variable)
    let status = "\(server.urls.joined(separator: " ")) \(server.system)"
    reloads.begin {
      manager?.tell(.reloading)
      server.reload(ServeCommand.read)
      manager?.tell(.ready(status))
    }
    let ends = Self.ends(of: server, signals, farewells)
    // Whoever has read where it serves may end it.
    ServeBanner(places: server.places, system: server.system).print()
    manager?.tell(.ready(status))
    // From where requests are answered: a process that answers nobody any more is not alive.
    let heartbeat = manager.flatMap { manager in manager.heartbeat.map { server.every($0) { manager.tell(.alive) } } }
    for await _ in ends { break }
    manager?.tell(.stopping)
    await server.stop()
    withExtendedLifetime(heartbeat) {}
  }

  /// Tells when the server is to stop.
  private static func ends(of server: GatewayServer, _ signals: SignalWatch, _ farewells: EarlyRequests) -> AsyncStream<Void> {
    let (ends, isOver) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    signals.on(SIGINT) { isOver.yield() }
    signals.on(SIGTERM) { server.unlessLameDuck { isOver.yield() } }
    farewells.begin { server.lameDuck { isOver.yield() } }
    return ends
  }

  /// What the command line and the configuration file say now.
  ///
  /// - Throws: The sentence that the start would print.
  private static func read() throws(CommandFailure) -> ServeOrder {
    let arguments = try Natsight.arguments()
    do {
      guard let command = try Natsight.parseAsRoot(arguments) as? ServeCommand else {
        throw CommandFailure("this is not serve's command line")
      }
      return ServeOrder(command.flags, arguments: arguments)
    } catch {
      throw CommandFailure(Natsight.message(for: error))
    }
  }
}
