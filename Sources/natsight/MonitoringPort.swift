import Broker
import BrokerCore
import BrokerOptions
import Gateway
import HTTPServer
import Logging
import Reactor
import Wire

/// The monitoring port that the broker's own configuration asks for (`http`, `http_port`, `https`): a listener of the gateway,
/// pinned to the broker.
enum MonitoringPort {
  /// - Parameter access: Who may read what, where an access file says so: it holds for this port too. Nil lets everybody read,
  ///   as nats-server does.
  /// - Returns: The base URLs that are served.
  static func listen(
    _ embedded: EmbeddedBroker, gateway: Gateway, server: HTTPServer, log: Logger, access: Door? = nil
  ) throws -> [String] {
    var options = embedded.options.monitoring
    // Without a host of its own it is the one of the clients' listener.
    if options.host.isEmpty { options.host = embedded.options.broker.host }
    if options.httpsHost.isEmpty { options.httpsHost = embedded.options.broker.host }
    // Roles are written with the server's name, where it has one.
    let name = embedded.options.broker.serverName
    let scope = PathScope.server(access == nil || name.isEmpty ? embedded.broker.serverID : name, cluster: nil)
    var mount = ListenerMount(prefix: scope.encodedPath, basePath: options.basePath)
    mount.takesAnyHost = true
    let control: Door
    if let access {
      control = access
    } else {
      var open = AccessOptions()
      // As nats-server's own port does, and unlike every other listener of the gateway, this one may face the network.
      open.allowUnauthenticated = true
      control = try gateway.door(open, log: log)
    }
    let broker = embedded.broker
    let gate = ListenerGate(mount)
    let handler: HTTPHandler = { [mount] request, responder in
      // Before the request is answered, so that a document counts itself.
      let path = request.head.rawPath
      if path.hasPrefix(mount.basePath) { broker.countMonitoringRequest(String(path.dropFirst(mount.basePath.count))) }
      control.handle(request, responder, gate: gate)
    }
    var urls: [String] = []
    if let port = options.port {
      let listener = try server.listen(host: options.host, port: port, handler: handler)
      urls.append(ServeBanner.url(host: options.host, port: listener.port) + mount.basePath)
      if access == nil { warnWhenExposed(options.host, listener.port, log) }
    }
    if let port = options.httpsPort, let tls = embedded.options.broker.tls {
      // As on nats-server, no client certificate is asked for here, whatever the block says.
      var settings = tls.options
      settings.clientCertificate = .ignored
      let listener = try server.listen(host: options.httpsHost, port: port, tls: try TLSContext.server(settings), handler: handler)
      urls.append(ServeBanner.url(host: options.httpsHost, port: listener.port, scheme: "https") + mount.basePath)
      if access == nil { warnWhenExposed(options.httpsHost, listener.port, log) }
    }
    return urls
  }

  private static func warnWhenExposed(_ host: String, _ port: UInt16, _ log: Logger) {
    guard !Loopback.contains(host) else { return }
    log.warning("the monitoring port \(port) answers everybody who can reach this machine; give it a loopback address or use --listen")
  }
}
