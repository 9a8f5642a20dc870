import HTTPServer
import SystemAPI

extension EventFilter {
  /// Reads which events a request is about.
  init(_ page: PageRequest) throws(Refusal) {
    self.init()
    let parameters = ParameterReader(page.query)
    seesSecrets = page.request.maySeeSecrets
    if let word = readKinds(parameters.text(EventsParameters.type)) {
      let known = WatchedEventKind.allCases.map(\.rawValue).joined(separator: ", ")
      throw ParameterReader.refusal(EventsParameters.type, word, accepted: "\(known); with - in front: all but that")
    }
    account = parameters.text(PageParameters.account)
    server = parameters.text(PageParameters.server)
    cluster = parameters.text(PageParameters.cluster)
    client = parameters.text(PageParameters.client).lowercased()
    switch page.path.scope {
    case .system: break
    case .cluster(let name): cluster = name
    case .server(let name, let its):
      server = name
      cluster = its ?? ""
    case .account(let name):
      // A tenant sees nothing but its own: events without an account are not for it.
      account = name
    }
  }
}
