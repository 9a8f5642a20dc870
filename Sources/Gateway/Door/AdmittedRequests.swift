import HTTPServer
import Wire

extension GatewayRequest {
  /// A request that access control has let through.
  init(_ admitted: AdmittedRequest) {
    let head = admitted.http.head
    self.init(
      path: admitted.path, query: head.rawQuery, accept: admitted.isPinned ? nil : head.list("accept"),
      scrapeTimeout: head.header("x-prometheus-scrape-timeout-seconds"), basePath: admitted.basePath, http: admitted.http,
      rights: admitted)
    maySeeServers = admitted.maySeeServers
    maySeeSecrets = admitted.maySeeSecrets
    isPinned = admitted.isPinned
  }
}
