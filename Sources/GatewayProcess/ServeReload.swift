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

  /// - Parameter read: Reads command line and configuration file again.
  func run(_ read: () throws(CommandFailure) -> ServeOrder) {
    let log = output.logger("serve")
    let order: ServeOrder
    do throws(CommandFailure) {
      order = try read()
    } catch {
      // The sentence that the start would print.
      return log.error("settings not reloaded", metadata: ["reason": "\(error)"])
    }
    output.level = order.flags.logLevel
    face.reload(listen: order.flags.listen, flags: order.flags.access)
    gateway.retire(order.flags.system.retiredNames)
    if let settings = try? order.flags.record.settings() { gateway.reload(settings) }
    do {
      let (settings, mutes) = (try order.flags.notify.settings(), try order.flags.notify.muteList())
      gateway.reload(settings)
      gateway.reload(mutes)
    } catch {
      log.error("receivers of news and mutes are not reloaded", metadata: ["reason": "\(error)"])
    }
    let others = order.settings.differences(from: started)
    if !others.isEmpty {
      log.warning("some changed settings need a restart", metadata: ["settings": "\(others.joined(separator: ", "))"])
    }
    if let fault = broker?.reload() { log.error("the broker's configuration is not reloaded", metadata: ["reason": "\(fault)"]) }
  }
}
