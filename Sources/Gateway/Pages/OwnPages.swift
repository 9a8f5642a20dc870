import HTTPServer
import Reactor
import SystemAPI
import Wire

extension Gateway {
  /// The pages that stand on what the gateway knows itself. Others register theirs.
  func registerOwnPages() {
    register(
      GatewayPage(.index) { [unowned self] page, responder in
        guard page.path.scope == .system, !page.path.isMerged else { return Gateway.send(scopeIndex(page), responder) }
        if let htmlView, page.request.accept != nil, HTTPNegotiation.prefersHTML(page.request.accept), let view = htmlView(page.request) {
          return Gateway.send(view, responder)
        }
        Gateway.send(IndexPage.reply(pages: descriptions), responder)
      })
    register(GatewayPage(.servers) { [unowned self] page, responder in Gateway.send(serversPage(page), responder) })
    register(GatewayPage(.accounts) { [unowned self] page, responder in accountsPage(page, responder) })
    register(GatewayPage(.liveness) { _, responder in Gateway.send(Gateway.wellness, responder) })
    register(GatewayPage(.readiness) { [unowned self] page, responder in Gateway.send(readiness(page.request), responder) })
    register(GatewayPage(.fields) { _, responder in Gateway.send(FieldsPage.reply(), responder) })
    register(
      GatewayPage(.openAPI) { [unowned self] _, responder in
        Gateway.send(.json(OpenAPIDocument.text(pages: descriptions)), responder)
      })
  }

  private var descriptions: [PageDescription] { pages.values.map(\.description) }

  private static var wellness: GatewayReply { .json(Array("{\"status\":\"ok\"}\n".utf8)) }

  /// Why the gateway cannot answer for its system; nil when it can.
  var unreadiness: Refusal? {
    switch beliefs.connection {
    case .up: break
    case .lost(let loss, _): return ObstacleShape.notConnected(loss)
    case .idle, .connecting, .stopped: return ObstacleShape.notConnected(nil)
    }
    if beliefs.access == .ordinaryAccount { return notInSystemAccount }
    if beliefs.isDiscovering { return Refusal(.discovering, "the servers are not known yet") }
    return nil
  }

  var notInSystemAccount: Refusal { .notInSystemAccount(session.subjects.ping) }

  /// The index of a scope. A pinned listener has it at its root, where nats-server's port has a page of links.
  private func scopeIndex(_ page: PageRequest) -> GatewayReply {
    if let refusal = unknownScope(page.path.scope, page.request) { return refusal.response }
    let index = ScopeIndex(page.path, pages: descriptions)
    return page.request.isPinned ? index.links(basePath: page.request.basePath) : index.document
  }

  private func readiness(_ request: GatewayRequest) -> GatewayReply {
    guard let reason = unreadiness else { return Gateway.wellness }
    guard request.maySeeServers else { return Refusal(.notReady, "not ready").response }
    return reason.response
  }
}
