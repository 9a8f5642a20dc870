import HTTPServer
import Judgement
import Reactor
import Recording
import Synchronization
import SystemAPI
import SystemModel
import Wire

/// `/incidents`: what was wrong from when to when, and what happened, over the moments that are recorded.
struct IncidentsPage: Page {
  let description = PageDescription.incidents
  let reader: any BeliefsReader
  let keeper: RecordKeeper

  /// How far it looks back where nobody says.
  private static let usual = Span.seconds(86_400)

  private struct Asked: Sendable {
    var since: Timestamp
    var until: Timestamp
    var filter = IncidentFilter()
    var newestFirst = true
    var offset = 0
    var limit = 100
    let now: Timestamp
  }

  func answer(_ page: PageRequest, _ exit: Exit) {
    let asked: Asked
    do throws(Refusal) {
      asked = try read(page)
    } catch {
      return exit.send(error.response)
    }
    let settings = keeper.settings.withLock { $0 }
    let (scope, unknown) = (page.path.scope, reader.unknownScope(page.path.scope, page.request))
    keeper.read({ store throws(RecordError) -> Result<[UInt8], Refusal> in
      var asked = asked
      let gone = try unknown.map { _ throws(RecordError) in try RecordedRoster(store, since: asked.since, until: asked.until) }
      if let gone { asked.filter.server = gone.name(of: asked.filter.server) }
      let fold = try IncidentReading.fold(store, since: asked.since, until: asked.until, asked.filter)
      guard fold.epochs > 0 else { return .failure(.notRecorded(since: asked.since, until: asked.until, try store.extent())) }
      // One that came and went within the span has left its traces.
      if let unknown, let gone, !gone.knows(scope), fold.incidents(newestFirst: true).isEmpty { return .failure(unknown) }
      return .success(IncidentsPage.body(asked, fold, isMemory: !settings.asks))
    }) { result in
      switch result {
      case .success(.success(let body)): exit.send(.json(body))
      case .success(.failure(let refusal)): exit.send(refusal.response)
      case .failure(let error): exit.send(Refusal(error).response)
      }
    }
  }

  private func read(_ page: PageRequest) throws(Refusal) -> Asked {
    let parameters = ParameterReader(page.query)
    let now = WallClock.now()
    let until = try parameters.moment(PageParameters.until, now: now) ?? now
    let since = try parameters.moment(PageParameters.since, now: now) ?? until - IncidentsPage.usual
    guard since <= until else {
      throw Refusal(.badParameter, "since=\(since.rfc3339) is later than until=\(until.rfc3339)")
    }
    var asked = Asked(since: since, until: until, now: now)
    asked.filter.codes = Set(try parameters.words(IncidentParameters.code))
    asked.filter.severities = Set(try parameters.words(IncidentParameters.severity).compactMap(Finding.Severity.init))
    asked.filter.server = name(parameters.text(IncidentParameters.server))
    asked.filter.cluster = parameters.text(PageParameters.cluster)
    asked.filter.account = parameters.text(IncidentParameters.account)
    asked.filter.stream = parameters.text(IncidentParameters.stream)
    switch page.path.scope {
    case .system, .account: break
    case .cluster(let name): asked.filter.cluster = name
    case .server(let server, let cluster):
      asked.filter.server = name(server)
      asked.filter.cluster = cluster ?? asked.filter.cluster
    }
    switch parameters.value(IncidentParameters.order) {
    case nil, "newest"?: asked.newestFirst = true
    case "oldest"?: asked.newestFirst = false
    case let other?: throw ParameterReader.refusal(IncidentParameters.order, other)
    }
    if let offset = try parameters.number(IncidentParameters.offset) { asked.offset = offset }
    if let limit = try parameters.number(IncidentParameters.limit) { asked.limit = limit }
    return asked
  }

  /// Incidents know servers by their names, which outlive restarts.
  private func name(_ server: String) -> String { reader.beliefs.servers.server(id: server)?.name ?? server }

  private static func body(_ asked: Asked, _ fold: IncidentFold, isMemory: Bool) -> [UInt8] {
    let incidents = fold.incidents(newestFirst: asked.newestFirst)
    var json = JSONWriter(indent: 2)
    json.object { json in
      json.member("now", asked.now.rfc3339)
      json.member("since", asked.since.rfc3339)
      json.member("until", asked.until.rfc3339)
      json.member("store", isMemory ? "memory" : "file")
      json.member("epochs", fold.epochs)
      json.member("judged", fold.judgedEpochs)
      if let oldest = fold.oldest { json.member("oldest", oldest.rfc3339) }
      if let newest = fold.newest { json.member("newest", newest.rfc3339) }
      json.arrayMember("gaps") { json in
        for gap in fold.gaps {
          json.object { json in
            json.member("from", gap.from.rfc3339)
            json.member("to", gap.to.rfc3339)
          }
        }
      }
      json.member("more_gaps", unlessZero: fold.moreGaps)
      json.objectMember("counts") { json in
        for severity in Finding.Severity.allCases {
          json.key(severity.rawValue)
          json.integer(incidents.count { $0.severity == severity })
        }
      }
      json.member("total", incidents.count)
      json.member("left_out", unlessZero: fold.leftOut)
      json.member("offset", asked.offset)
      json.member("limit", asked.limit)
      json.arrayMember("incidents") { json in
        for incident in incidents.dropFirst(asked.offset).prefix(asked.limit) { json.object { incident.write(to: &$0) } }
      }
    }
    return json.bytes + [0x0A]
  }
}
