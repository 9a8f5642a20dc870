import HTTPServer
import Logging

extension GatewayRequest {
  /// A request that access control has let through.
  public init(_ admitted: AdmittedRequest) {
    let head = admitted.http.head
    self.init(
      path: admitted.path, query: head.rawQuery, accept: admitted.isPinned ? nil : head.list("accept"),
      scrapeTimeout: head.header("x-prometheus-scrape-timeout-seconds"))
    maySeeServers = admitted.maySeeServers
    maySeeSecrets = admitted.maySeeSecrets
    isPinned = admitted.isPinned
    basePath = admitted.basePath
    http = admitted.http
  }
}

extension Gateway {
  /// Access control in front of this gateway.
  public func accessControl(_ options: AccessOptions, log: Logger) throws(AccessError) -> AccessControl {
    try AccessControl(options, log: log) { [self] admitted, responder in
      answer(GatewayRequest(admitted), responder)
    }
  }
}
