import HTTPServer
import Reactor
import SystemAPI
import Wire

extension Gateway {
  func answerHere(_ request: GatewayRequest, _ responder: HTTPResponder) {
    do throws(Refusal) {
      let plan: RequestPlan
      if let known = answerer.knownPlan(request) {
        plan = known
      } else {
        let path = try RequestPath(request.path)
        if let page = page(path) { return show(page, path, request, responder) }
        guard let endpoint = RequestPlanner.endpoint(path) else { throw unknownPath(path) }
        plan = try answerer.plan(path, endpoint, request)
      }
      if let htmlView, wantsHTML(request, plan), let view = htmlView(request) { return Gateway.send(view, responder) }
      if plan.options.format == .ndjson { return stream(plan, request, responder) }
      answerer.answer(plan, request) { reply in
        guard !plan.options.ignored.isEmpty else { return responder.respond(reply) }
        var reply = reply
        reply.headers.append(Gateway.ignoredField(plan.options.ignored))
        responder.respond(reply)
      }
    } catch {
      Gateway.send(error.response, responder)
    }
  }

  private func show(_ page: GatewayPage, _ path: RequestPath, _ request: GatewayRequest, _ responder: HTTPResponder) {
    let query = HTTPQuery(request.query)
    if page.hasView, let htmlView, wantsHTML(request, query), let view = htmlView(request) { return Gateway.send(view, responder) }
    page.handler(PageRequest(request: request, path: path, query: query), responder)
  }

  private static let alwaysSent = [
    HTTPHeader("Cache-Control", "no-store"), HTTPHeader("Vary", "Accept, Accept-Encoding, Authorization"),
  ]

  /// Sends an answer with the fields that every answer bears.
  static func send(_ reply: GatewayReply, _ responder: HTTPResponder, ignored: [String] = []) {
    var reply = withStandardFields(reply)
    if !ignored.isEmpty { reply.headers.append(ignoredField(ignored)) }
    responder.respond(reply)
  }

  static func withStandardFields(_ reply: GatewayReply) -> GatewayReply {
    var reply = reply
    reply.headers += alwaysSent
    return reply
  }

  /// Parameters that nothing knows.
  static func ignoredField(_ names: [String]) -> HTTPHeader {
    HTTPHeader("Natsight-Ignored", HTTPHeader.fieldValue(names.joined(separator: ", ")))
  }

  private func wantsHTML(_ request: GatewayRequest, _ query: HTTPQuery) -> Bool {
    if let format = query["format"] { return format == "html" && request.accept != nil }
    return HTTPNegotiation.prefersHTML(request.accept)
  }

  private func wantsHTML(_ request: GatewayRequest, _ plan: RequestPlan) -> Bool {
    if let wanted = plan.options.wantsHTML { return wanted && request.accept != nil }
    return HTTPNegotiation.prefersHTML(request.accept)
  }

  private func page(_ path: RequestPath) -> GatewayPage? {
    let name = path.rest.first ?? ""
    guard !path.isMerged || name.isEmpty else { return nil }
    guard let page = pages[name], page.stands(under: path.scope), path.rest.count <= 1 || page.takesMore else { return nil }
    return page
  }

  private func unknownPath(_ path: RequestPath) -> Refusal {
    let name = path.rest.joined(separator: "/")
    let list = if case .account = path.scope { EndpointTable.accountEndpoints } else { EndpointTable.endpoints }
    let known = list.map(\.name).joined(separator: ", ")
    if name.isEmpty { return Refusal(.unknownPath, "an endpoint is missing; known: \(known)") }
    return Refusal(.unknownEndpoint, "no endpoint named \"\(name)\"; known: \(known)")
  }
}
