import ArgumentParser
import Flags
import Gateway
import LogOutput
import Logging

/// What SIGHUP does to `serve`: flags, files and certificates are read again; listeners, access, retired servers, the log's level and the
/// embedded broker follow. What cannot be used is logged, and what is in force stays.
struct ServeReload: Sendable {
  let face: GatewayFace
  let gateway: Gateway
  let broker: EmbeddedBroker?
  /// What was said at the start.
  let started: ServeSettings
  let output: LogOutput

  func run() {
    let log = output.logger("serve")
    let arguments: [String]
    let flags: ServeFlags
    do {
      arguments = try Natsight.arguments()
      guard let again = try Natsight.parseAsRoot(arguments) as? ServeCommand else { return }
      flags = again.flags
    } catch {
      // The sentence that the start would print.
      return log.error("settings not reloaded", metadata: ["reason": "\(Natsight.message(for: error))"])
    }
    output.level = flags.logLevel
    face.reload(listen: flags.listen, flags: flags.access)
    gateway.retire(flags.system.retiredNames)
    let others = ServeSettings(arguments).differences(from: started)
    if !others.isEmpty {
      log.warning("some changed settings need a restart", metadata: ["settings": "\(others.joined(separator: ", "))"])
    }
    if let fault = broker?.reload() { log.error("the broker's configuration is not reloaded", metadata: ["reason": "\(fault)"]) }
  }
}
