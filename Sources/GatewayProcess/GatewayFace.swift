import Flags
import Gateway
import HTTPServer
import LogOutput
import Logging
import Reactor
import Synchronization
import Wire

/// The HTTP side of `serve`: server, access control and listeners, made from flags and files and made again on reload.
final class GatewayFace: Sendable {
  let server: HTTPServer
  /// Follows the access file over reloads.
  let door: Door
  private let listeners: GatewayListeners
  private let settings: Mutex<(listen: [String], flags: AccessFlags)>
  private let log: Logger
  /// Looks now and then whether answers have stopped failing.
  private let watching: ShardTimer
  private let shard: Shard

  /// Opens the listeners.
  ///
  /// - Throws: `AccessError`, one sentence for the operator.
  init(
    _ gateway: Gateway, listen: [String], flags: AccessFlags, shards: ShardGroup, inherited: InheritedSockets?, output: LogOutput
  ) throws(AccessError) {
    settings = Mutex((listen, flags))
    log = output.logger("http")
    let options = try flags.options()
    door = try gateway.door(options, log: output.logger("access"))
    var configuration = HTTPServerConfiguration { _, responder in
      responder.respond(Refusal(GatewayProblem.unknownPath, "nothing is served here").response)
    }
    configuration.logger = log
    configuration.inherited = inherited
    let failures = FailureLog(output.logger("request"))
    configuration.observer = failures.observe
    server = HTTPServer(configuration, shards: shards)
    shard = shards.shards[0]
    watching = shard.every(FailureLog.calm / 4) { failures.settle() }
    listeners = GatewayListeners(server: server, door: door, log: log)
    try listeners.apply(try wanted(listen, flags), options: options, tls: try flags.tls())
  }

  /// Says which sockets that were handed over nobody serves: who connects there waits for ever.
  func tellUnserved() {
    for address in server.configuration.inherited?.unserved ?? [] {
      log.warning("a socket that was handed over is served by nobody: no --listen names its address", metadata: ["address": "\(address)"])
    }
  }

  func every(_ seconds: Double, _ body: @escaping @Sendable () -> Void) -> ShardTimer { shard.every(seconds, body) }

  /// What is served where, in the order of the flags.
  var places: [ServedPlace] {
    let scheme = settings.withLock { $0.flags.httpTlsCert } == nil ? "http" : "https"
    return listeners.places.map { address, mount in
      ServedPlace(url: ServeBanner.url(host: address.host, port: address.port, scheme: scheme) + mount.basePath, prefix: mount.prefix)
    }
  }

  /// Uses other flags, and reads access file and certificates again. What cannot be used is logged, and the settings in force stay.
  func reload(listen: [String], flags: AccessFlags) {
    do throws(AccessError) {
      try listeners.apply(try wanted(listen, flags), options: try flags.options(), tls: try flags.tls())
      settings.withLock { $0 = (listen, flags) }
      log.notice("settings reloaded")
      tellUnserved()
    } catch {
      log.error("settings not reloaded", metadata: ["reason": "\(error)"])
    }
  }

  private func wanted(_ listen: [String], _ flags: AccessFlags) throws(AccessError) -> [ListenAddress] {
    var all: [ListenAddress] = []
    for text in listen { all.append(try ListenAddress(text, basePath: flags.httpBasePath)) }
    return all
  }
}
