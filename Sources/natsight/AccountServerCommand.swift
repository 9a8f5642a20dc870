import AccountServer
import ArgumentParser
@preconcurrency import Dispatch
import Flags
import Glibc
import LogOutput
import Logging
import Reactor
import ServerProcess
import Wire

/// `natsight account-server`, also called `nats-account-server`: account JWTs over HTTP.
struct AccountServerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "account-server", abstract: "Serve account JWTs over HTTP and notify NATS servers (link: nats-account-server).")

  @Option(name: [.customShort("c"), .customLong("config")], help: "Configuration file.") var config: String?
  @Option(name: [.customLong("nsc"), .customLong("nsc", withSingleDash: true)], help: "nsc operator folder, served read-only.") var nsc:
    String?
  @Option(name: [.customLong("dir"), .customLong("dir", withSingleDash: true)], help: "Folder that keeps the JWTs.") var dir: String?
  @Flag(name: [.customLong("ro"), .customLong("ro", withSingleDash: true)], help: "With -dir: nothing is stored from outside.")
  var readOnly = false
  @Option(name: [.customLong("operator"), .customLong("operator", withSingleDash: true)], help: "File of the operator's JWT.")
  var operatorFile: String?
  @Option(name: [.customLong("nats"), .customLong("nats", withSingleDash: true)], help: "NATS servers to notify, with commas.") var nats:
    String?
  @Option(name: [.customLong("creds"), .customLong("creds", withSingleDash: true)], help: "Creds of a system account user.") var creds:
    String?
  @Option(name: [.customLong("primary"), .customLong("primary", withSingleDash: true)], help: "Server that this one repeats.") var primary:
    String?
  @Option(name: [.customLong("hp"), .customLong("hp", withSingleDash: true)], help: "Where to listen, host:port (localhost:9090).")
  var hostPort: String?
  @Flag(name: .customShort("D"), help: "Debug lines.") var debug = false
  @Flag(name: .customShort("V"), help: "Trace lines.") var trace = false
  @Flag(name: .customLong("DV", withSingleDash: true), help: "Both.") var debugAndTrace = false
  @Flag(name: [.customLong("dump"), .customLong("dump", withSingleDash: true)], help: "Print the settings and end.") var dump = false

  func run() async throws {
    let options: AccountServerOptions
    do { options = try settings() } catch { throw failure(error) }
    if dump { return print(options.text) }
    let output = LogOutput(format: .text, level: options.trace ? .trace : options.debug ? .debug : .info)
    let log = output.logger("account-server")
    log.notice("starting NATS Account server, version \(Natsight.configuration.version)")
    let shards = ShardGroup(label: "account-server", count: 2)
    do {
      try await serve(options, shards, log)
    } catch { throw failure(error) }
  }

  /// Returns when a signal has ended the server. SIGHUP begins anew with what the settings are then.
  private func serve(_ options: AccountServerOptions, _ shards: ShardGroup, _ log: Logger) async throws {
    let watch = SignalWatch(label: "natsight.account-server.signals")
    let (signals, arrived) = AsyncStream<Int32>.makeStream()
    for number in [SIGINT, SIGTERM, SIGHUP] { watch.on(number) { arrived.yield(number) } }
    for (number, name) in [(SIGUSR1, "SIGUSR1"), (SIGUSR2, "SIGUSR2")] { watch.on(number) { log.warning("\(name) has no meaning here") } }
    defer { watch.cancel() }
    var (options, server) = (options, try started(options, shards, log))
    for await signal in signals {
      guard signal == SIGHUP else { break }
      guard let fresh = settingsNow(log) else { continue }
      log.notice("received sig-hup, restarting")
      await stop(server)
      do {
        server = try started(fresh, shards, log)
        options = fresh
      } catch {
        log.error("not restarted with the settings of now: \(error)")
        // As it was before. Where that cannot be had any more nothing is served, and whoever watches the process has to know.
        server = try await startedAgain(options, shards, log)
      }
    }
    log.notice("stopping")
    await stop(server)
  }

  /// Nil, with the reason in the log, for those that cannot be used.
  private func settingsNow(_ log: Logger) -> AccountServerOptions? {
    do { return try settings() } catch {
      log.error("settings not read again: \(error)")
      return nil
    }
  }

  private func started(_ options: AccountServerOptions, _ shards: ShardGroup, _ log: Logger) throws -> AccountServer {
    let server = try AccountServer(options, shards: shards, log: log)
    try server.start()
    return server
  }

  /// The same for settings that were in force: somebody else may have the port for a moment.
  private func startedAgain(_ options: AccountServerOptions, _ shards: ShardGroup, _ log: Logger) async throws -> AccountServer {
    for _ in 0..<20 {
      if let server = try? started(options, shards, log) { return server }
      try await Task.sleep(for: .milliseconds(250))
    }
    return try started(options, shards, log)
  }

  private func stop(_ server: AccountServer) async {
    await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in server.stop { done.resume() } }
  }

  private func failure(_ error: any Error) -> ExitCode {
    CommandExit.complain("nats-account-server: \(error)\n")
    return ExitCode(1)
  }

  private func settings() throws -> AccountServerOptions {
    var options = try config.map { try AccountServerOptions.load($0) } ?? AccountServerOptions()
    if let nsc { options.nscDirectory = nsc }
    if let dir { options.directory = dir }
    if readOnly { options.isReadOnly = true }
    if let operatorFile { options.operatorFile = operatorFile }
    if let nats { options.natsURLs = nats.commaSeparated }
    if let creds { options.credentialsFile = creds }
    if let primary { options.primary = primary }
    if let hostPort { try options.listen(on: hostPort) }
    options.debug = options.debug || debug || debugAndTrace
    options.trace = options.trace || trace || debugAndTrace
    return options
  }
}
