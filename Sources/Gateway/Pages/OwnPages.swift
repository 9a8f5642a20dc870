import HTTPServer
import Reactor
import SystemAPI
import Wire

extension Gateway {
  /// The pages that stand on what the gateway knows itself. Others register theirs.
  func registerOwnPages() {
    register(
      GatewayPage("", scopes: .all, help: "this index") { [unowned self] page, responder in
        guard page.path.scope == .system, !page.path.isMerged else { return Gateway.send(scopeIndex(page), responder) }
        if let htmlView, page.request.accept != nil, HTTPNegotiation.prefersHTML(page.request.accept), let view = htmlView(page.request) {
          return Gateway.send(view, responder)
        }
        Gateway.send(IndexPage.reply(pages: pages.values.map { $0 }), responder)
      })
    register(
      GatewayPage(
        "servers", scopes: [.system, .cluster, .server], hasView: true, help: "the roster: who is there, and since when who is not"
      ) {
        [unowned self] page, responder in Gateway.send(serversPage(page), responder)
      })
    register(
      GatewayPage("accounts", hasView: true, help: "account ids and names, with connections and traffic") {
        [unowned self] page, responder in
        accountsPage(page, responder)
      })
    register(
      GatewayPage("livez", help: "the process lives") { _, responder in Gateway.send(.json(Array("{\"status\":\"ok\"}\n".utf8)), responder)
      })
    register(
      GatewayPage("readyz", help: "it is connected, and its roster is fresh") { [unowned self] page, responder in
        Gateway.send(readiness(page.request), responder)
      })
    register(
      GatewayPage("fields", hasView: true, help: "the merge rule of every field") { _, responder in
        Gateway.send(FieldsPage.reply(), responder)
      })
    register(
      GatewayPage("openapi.json", hasView: true, help: "this interface as OpenAPI") { [unowned self] _, responder in
        Gateway.send(OpenAPIPage.reply(pages: pages.values.map { $0 }), responder)
      })
  }

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
    let index = ScopeIndex(page.path, pages: pages.values.map { $0 })
    return page.request.isPinned ? index.links(basePath: page.request.basePath) : index.document
  }

  private func readiness(_ request: GatewayRequest) -> GatewayReply {
    guard let reason = unreadiness else { return .json(Array("{\"status\":\"ok\"}\n".utf8)) }
    guard request.maySeeServers else { return Refusal(.notReady, "not ready").response }
    return reason.response
  }
}
