import HTTPServer
import Reactor
import SystemAPI
import Wire

extension Gateway {
  func answer(_ request: GatewayRequest, _ exit: Exit) {
    var exit = exit
    do throws(Refusal) {
      let plan: RequestPlan
      if let known = answerer.knownPlan(request) {
        plan = known
      } else {
        let path = try RequestPath(request.path)
        if let page = page(path) {
          if page.description.isAboutServers { exit = exit.aboutServers() }
          return try answer(page, PageRequest(request: request, path: path, query: HTTPQuery(request.query)), exit)
        }
        guard let endpoint = RequestPlanner.endpoint(path) else { throw unknownPath(path) }
        exit = exit.aboutServers()
        plan = try answerer.plan(path, endpoint, request)
      }
      if let at = plan.options.at ?? pinned.map({ .epoch($0) }) { return answer(plan, at: at, request, exit) }
      if wantsHTML(request, plan), let view = assets?.view(request) { return exit.send(view) }
      if plan.options.format == .ndjson { return stream(plan, request, exit, answerer) }
      if !plan.options.ignored.isEmpty { exit = exit.bearing(StandardFields.ignored(plan.options.ignored)) }
      answerer.answer(plan, request) { [exit] answer in exit.send(answer) }
    } catch {
      exit.send(error.response)
    }
  }

  private func answer(_ page: any Page, _ request: PageRequest, _ exit: Exit) throws(Refusal) {
    let description = page.description
    let reader = ParameterReader(request.query)
    if description.hasView {
      if let value = reader.value(PageDescription.format), value != "json", value != "html" {
        throw ParameterReader.refusal(PageDescription.format, value)
      }
    }
    let isRoot = description.name.isEmpty && request.path.scope == .system && !request.path.isMerged
    if description.hasView || isRoot, let assets, wantsHTML(request.request, request.query), let view = assets.view(request.request) {
      return exit.send(view)
    }
    if description.parameters.contains(where: { $0.name == CommonParameters.at.name }), let at = try reader.earlier(CommonParameters.at) {
      return answer(page, at: at, request, exit)
    }
    // Passed over, it would be an answer about now. What is compared says itself which parameters it takes.
    if description.isAboutServers, description.name != PageDescription.diff.name, !reader.text(CommonParameters.at).isEmpty,
      !description.parameters.contains(where: { $0.name == CommonParameters.at.name })
    {
      throw Refusal(
        .notRecorded,
        "/\(description.name) is not told of an earlier moment: /incidents and /history tell what happened, from since= to until=")
    }
    if let pinned { return answer(page, pinned: pinned, request, exit) }
    send(page, request, exit, reader: session, answerer: answerer)
  }

  /// Has a page answer, where its scope is one that is known.
  func send(_ page: any Page, _ request: PageRequest, _ exit: Exit, reader: any BeliefsReader, answerer: Answerer) {
    // Whatever is compared takes its own parameters, and says itself which it does not know.
    let ignored =
      page.description.name == PageDescription.diff.name && !request.more.isEmpty
      ? [] : ParameterReader(request.query).ignored { name in page.description.parameters.contains { $0.name == name } }
    let exit = ignored.isEmpty ? exit : exit.bearing(StandardFields.ignored(ignored))
    unknownScope(request, reader, answerer) { [self, exit] refusal in
      if let refusal, !mayBeKnownByTheRecord(page.description, request, reader) {
        exit.send(refusal.response)
      } else {
        page.answer(request, exit)
      }
    }
  }

  /// A server or an account that nobody knows any more may be known by what was recorded, of which the page tells.
  private func mayBeKnownByTheRecord(_ page: PageDescription, _ request: PageRequest, _ reader: any BeliefsReader) -> Bool {
    guard reader === session, keeper.asks else { return false }
    switch page.past {
    case .never: return false
    case .always: break
    case .with(let parameters):
      guard parameters.contains(where: { ParameterReader(request.query).value($0) != nil }) else { return false }
    }
    // Whoever gets a name after somebody else does not read what was the other's.
    if case .account = request.path.scope { return request.request.mayRead([PageDescription.accounts.name]) }
    return true
  }

  /// Why a page's scope cannot be spoken of: nobody knows it.
  private func unknownScope(
    _ request: PageRequest, _ reader: any BeliefsReader, _ answerer: Answerer, _ completion: @escaping (Refusal?) -> Void
  ) {
    guard case .account(let name) = request.path.scope else {
      return completion(reader.unknownScope(request.path.scope, request.request))
    }
    answerer.unknownAccount(name, until: request.request.deadline ?? answerer.standardDeadline) { [watch] refusal in
      // In operator mode servers forget accounts that nobody uses; what is kept of them is there all the same.
      completion(refusal.flatMap { watch.closed.knows(account: name) ? nil : $0 })
    }
  }

  private func wantsHTML(_ request: GatewayRequest, _ query: HTTPQuery) -> Bool {
    if let format = query["format"] { return format == "html" && request.accept != nil }
    return HTTPNegotiation.prefersHTML(request.accept)
  }

  func wantsHTML(_ request: GatewayRequest, _ plan: RequestPlan) -> Bool {
    if let wanted = plan.options.wantsHTML { return wanted && request.accept != nil }
    return HTTPNegotiation.prefersHTML(request.accept)
  }

  private func page(_ path: RequestPath) -> (any Page)? {
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
    let here = path.isMerged ? [] : pages.values.map { $0.description }.filter { $0.stands(under: path.scope) }.map(\.name)
    let hint = NearestWord.hint(name, in: list.map(\.name) + here.sorted())
    return Refusal(.unknownEndpoint, "no endpoint named \"\(name)\"\(hint); known: \(known)")
  }
}
