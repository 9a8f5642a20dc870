import HTTPServer
import Reactor
import SystemAPI
import Wire

/// Requests about earlier moments: the same answers, by what was recorded.
extension Gateway {
  func answer(_ plan: RequestPlan, at asked: EarlierMoment, _ request: GatewayRequest, _ exit: Exit) {
    if wantsHTML(request, plan), let view = assets?.view(request) { return exit.send(view) }
    var exit = exit
    if plan.options.format != .ndjson, !plan.options.ignored.isEmpty {
      exit = exit.bearing(StandardFields.ignored(plan.options.ignored))
    }
    // In an archive names are those of its moment, which its own directory knows.
    if pinned != nil { return open(asked, plan, request, exit) }
    answerer.named(plan, request) { [self, exit] named in
      switch named {
      case .failure(let refusal): exit.send(refusal.response)
      case .success(let plan): open(asked, plan, request, exit)
      }
    }
  }

  private func open(_ asked: EarlierMoment, _ plan: RequestPlan, _ request: GatewayRequest, _ exit: Exit) {
    // Without a system nobody has rates, as in the first seconds with one.
    if plan.rate != nil, pinned == nil {
      return exit.send(
        Refusal(.notRecorded, "rate= looks back over heartbeats, which epochs do not hold; two moments are compared by /diff").response)
    }
    moments.open(asked) { [self, exit] result in
      switch result {
      case .failure(let refusal): exit.send(refusal.response)
      case .success(let moment):
        let exit = moment.mark.fields.reduce(exit) { $0.bearing($1) }
        if plan.options.format == .ndjson { return stream(plan, request, exit, moment.answerer) }
        moment.answerer.answer(plan, request) { answer in withExtendedLifetime(moment) { exit.send(answer) } }
      }
    }
  }

  func answer(_ page: any Page, at asked: EarlierMoment, _ request: PageRequest, _ exit: Exit) {
    moments.open(asked) { [self] result in
      switch result {
      case .failure(let refusal): exit.send(refusal.response)
      case .success(let moment):
        guard let page = moment.pages[page.description.name] else {
          return exit.send(Refusal(.notRecorded, "/\(page.description.name) is not recorded").response)
        }
        let exit = moment.mark.fields.reduce(exit) { $0.bearing($1) }
        send(page, request, exit, reader: moment.source, answerer: moment.answerer)
      }
    }
  }
}
