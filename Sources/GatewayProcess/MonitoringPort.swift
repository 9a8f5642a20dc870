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
struct MonitoringPort {
  /// The base URLs that are served.
  private(set) var urls: [String] = []
  /// What stands at their root.
  private(set) var prefix = ""
  /// What is listened on, as it is configured.
  private(set) var listeners: [(scheme: String, host: String, port: UInt16)] = []
  private var https: HTTPListener?

  private init() {}

  /// Presents the certificate that a configuration names, from now on.
  ///
  /// - Throws: When it cannot be used; the old one stays then.
  func follow(_ options: BrokerOptions) throws {
    guard let https, let tls = options.broker.tls else { return }
    https.replaceTLS(try Self.context(tls))
  }

  /// As on nats-server, no client certificate is asked for here, whatever the block says.
  private static func context(_ tls: TLSListenerConfiguration) throws(TLSError) -> TLSContext {
    var settings = tls.options
    settings.clientCertificate = .ignored
    return try TLSContext.server(settings)
  }

  /// What tools made for nats-server's port expect: any page may read, and an error is its sentence.
  private static let asNatsServer = HTTPAdjustment { response in
    if !response.headers.contains(where: { $0.name == "Access-Control-Allow-Origin" }) {
      response.headers.append(HTTPHeader("Access-Control-Allow-Origin", "*"))
    }
    guard response.status >= 400, let body = try? JSONView(validating: response.body), let sentence = body["error"]?["description"]?.string
    else { return }
    response.contentType = "text/plain; charset=utf-8"
    let isNowhere = ["unknown_path", "unknown_endpoint"].contains(body["error"]?["reason"]?.string)
    response.body = isNowhere ? noPage : Array(sentence.utf8)
    response.gzippedBody = nil
  }

  /// What Go's HTTP library says of a path that nobody serves.
  private static let noPage = Array("404 page not found\n".utf8)

  /// Said plainly, because tools and habits ask for it.
  private static let noStacks = HTTPResponse.text("there are no goroutines here whose stacks could be shown", status: 404)

  /// - Parameter access: Who may read what, where an access file says so: it holds for this port too. Nil lets everybody read,
  ///   as nats-server does.
  static func listen(
    _ embedded: EmbeddedBroker, gateway: Gateway, server: HTTPServer, log: Logger, access: Door? = nil
  ) throws -> MonitoringPort {
    var options = embedded.options.monitoring
    // Without a host of its own it is the one of the clients' listener.
    if options.host.isEmpty { options.host = embedded.options.broker.host }
    if options.httpsHost.isEmpty { options.httpsHost = embedded.options.broker.host }
    // Roles are written with the server's name, where it has one.
    let name = embedded.options.broker.serverName
    let scope = PathScope.server(access == nil || name.isEmpty ? embedded.broker.serverID : name, cluster: nil)
    var mount = ListenerMount(prefix: scope.encodedPath, basePath: options.basePath)
    mount.isServersOwn = true
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
    let isAlone = access == nil
    let gate = ListenerGate(mount)
    let handler: HTTPHandler = { [mount] request, responder in
      // Before the request is answered, so that a document counts itself.
      let path = request.head.rawPath
      if path.hasPrefix(mount.basePath) { broker.countMonitoringRequest(String(path.dropFirst(mount.basePath.count))) }
      if isAlone && path == mount.basePath + "/stacksz" { return responder.respond(noStacks) }
      control.handle(request, responder, gate: gate)
    }
    var made = MonitoringPort()
    made.prefix = mount.prefix
    let adjust = isAlone ? asNatsServer : nil
    if let port = options.port {
      let listener = try server.listen(host: options.host, port: port, adjust: adjust, handler: handler)
      made.urls.append(ServeBanner.url(host: options.host, port: listener.port) + mount.basePath)
      made.listeners.append(("http", options.host, listener.port))
      if access == nil { warnWhenExposed(options.host, listener.port, log) }
    }
    if let port = options.httpsPort, let tls = embedded.options.broker.tls {
      let listener = try server.listen(host: options.httpsHost, port: port, tls: try context(tls), adjust: adjust, handler: handler)
      made.https = listener
      made.urls.append(ServeBanner.url(host: options.httpsHost, port: listener.port, scheme: "https") + mount.basePath)
      made.listeners.append(("https", options.httpsHost, listener.port))
      if access == nil { warnWhenExposed(options.httpsHost, listener.port, log) }
    }
    return made
  }

  private static func warnWhenExposed(_ host: String, _ port: UInt16, _ log: Logger) {
    guard !Loopback.contains(host) else { return }
    log.warning("the monitoring port \(port) answers everybody who can reach this machine; give it a loopback address or use --listen")
  }
}
