import HTTPServer
import SystemModel

/// `/livez`: the process lives.
struct LivenessPage: Page {
  let description = PageDescription.liveness
  static let wellness = HTTPResponse.json(Array("{\"status\":\"ok\"}\n".utf8))

  func answer(_ page: PageRequest, _ exit: Exit) { exit.send(LivenessPage.wellness) }
}

/// `/readyz`: the gateway is connected, and its roster is fresh.
struct ReadinessPage: Page {
  let description = PageDescription.readiness
  let reader: any BeliefsReader
  let answerer: Answerer

  func answer(_ page: PageRequest, _ exit: Exit) {
    guard let reason = unreadiness else { return exit.send(LivenessPage.wellness) }
    exit.send((page.request.maySeeServers ? reason : Refusal(.notReady, "not ready")).response)
  }

  /// Why the gateway cannot answer for its system; nil when it can.
  var unreadiness: Refusal? {
    switch reader.beliefs.connection {
    case .up: break
    case .lost(let loss, _): return ObstacleShape.notConnected(loss)
    case .idle, .connecting, .stopped: return ObstacleShape.notConnected(nil)
    }
    if reader.beliefs.access == .ordinaryAccount { return answerer.notInSystemAccount }
    if reader.beliefs.isDiscovering { return Refusal(.discovering, "the servers are not known yet") }
    return nil
  }
}
