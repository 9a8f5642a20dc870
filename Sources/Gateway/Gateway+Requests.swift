import HTTPServer
import Reactor
import SystemAPI
import Wire

extension Gateway {
  func answer(_ request: GatewayRequest, _ responder: Exit) {
    do throws(Refusal) {
      let plan: RequestPlan
      if let known = answerer.knownPlan(request) {
        plan = known
      } else {
        let path = try RequestPath(request.path)
        if let page = page(path) {
          return try answer(page, PageRequest(request: request, path: path, query: HTTPQuery(request.query)), responder)
        }
        guard let endpoint = RequestPlanner.endpoint(path) else { throw unknownPath(path) }
        plan = try answerer.plan(path, endpoint, request)
      }
      if let htmlView, wantsHTML(request, plan), let view = htmlView(request) { return Gateway.send(view, responder) }
      if plan.options.format == .ndjson { return stream(plan, request, responder) }
      answerer.answer(plan, request) { answer in
        guard !plan.options.ignored.isEmpty else { return responder.send(answer) }
        var answer = answer
        answer.response.headers.append(StandardFields.ignored(plan.options.ignored))
        responder.send(answer)
      }
    } catch {
      Gateway.send(error.response, responder)
    }
  }

  private func answer(_ page: GatewayPage, _ request: PageRequest, _ exit: Exit) throws(Refusal) {
    let description = page.description
    let reader = ParameterReader(request.query)
    if description.hasView {
      if let value = reader.value(PageDescription.format), value != "json", value != "html" {
        throw ParameterReader.refusal(PageDescription.format, value)
      }
      if let htmlView, wantsHTML(request.request, request.query), let view = htmlView(request.request) { return exit.send(view) }
    }
    let ignored = reader.ignored { name in description.parameters.contains { $0.name == name } }
    page.handler(request, ignored.isEmpty ? exit : exit.bearing(StandardFields.ignored(ignored)))
  }

  /// Sends an answer.
  static func send(_ reply: GatewayReply, _ exit: Exit, ignored: [String] = []) {
    var reply = reply
    if !ignored.isEmpty { reply.headers.append(StandardFields.ignored(ignored)) }
    exit.send(reply)
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
    guard let page = pages[name], page.description.stands(under: path.scope), path.rest.count <= 1 || page.description.takesMore else {
      return nil
    }
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
