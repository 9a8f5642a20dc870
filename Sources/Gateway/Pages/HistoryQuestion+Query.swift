import HTTPServer
import Series
import SystemAPI
import SystemModel
import Wire

extension HistoryParameters {
  static let kind = EndpointParameter(
    "kind", nil, .choice(SeriesKind.allCases.map(\.rawValue)), "of what, from the record; default what consumer=, stream= … say, or server")
  static let field = EndpointParameter(
    "field", nil, .words(fieldNames), "fields, separated by commas; docs/series.md has those of each kind")
  static let step = EndpointParameter(
    "step", nil, .duration(aboveZero: true), "how long each step is, from the record; default what suits the span")
  static let stream = EndpointParameter("stream", nil, .text, "only this stream, from the record")
  static let consumer = EndpointParameter("consumer", nil, .text, "only this consumer, from the record")
  static let remote = EndpointParameter("remote", nil, .text, "only routes to this server, from the record")
  static let gateway = EndpointParameter("gateway", nil, .text, "only gateways to this cluster, from the record")

  static let all = [
    PageParameters.server, field, PageParameters.since, PageParameters.until, step, kind, PageParameters.account, PageParameters.cluster,
    stream,
    consumer, remote, gateway,
  ]

  /// What a thing is told apart by, and the kind that is meant where it is given: the first that is.
  static let parts: [(parameter: EndpointParameter, kind: SeriesKind)] = [
    (consumer, .consumer), (stream, .stream), (remote, .route), (gateway, .gateway), (PageParameters.account, .account),
  ]

  private static let fieldNames: [String] = {
    var seen: Set<String> = []
    return (HistoryField.allCases.map(\.rawValue) + SeriesField.table.map(\.name)).filter { seen.insert($0).inserted }
  }()
}

extension HistoryQuestion {
  /// Seconds that are shown where nobody says since when.
  private static let usualSpan: Int64 = 3600

  /// - Parameter account: The id of the account that is meant; empty where none is.
  init(_ page: PageRequest, account: String, reader: any BeliefsReader, now: Timestamp) throws(Refusal) {
    let parameters = ParameterReader(page.query)
    let isTenant = if case .account = page.path.scope { true } else { false }
    let kind = try HistoryQuestion.kind(parameters, isTenant: isTenant)
    let until = try parameters.moment(PageParameters.until, now: now) ?? now
    let since = try parameters.moment(PageParameters.since, now: now) ?? until - .wholeSeconds(HistoryQuestion.usualSpan)
    guard since < until else {
      throw Refusal(.badParameter, "since= has to be earlier than until=: it is \(since.rfc3339), which is not before \(until.rfc3339)")
    }
    let server = HistoryQuestion.server(parameters.text(PageParameters.server), reader)
    var given = ["server": server, "account": account]
    for (parameter, _) in HistoryParameters.parts where parameter.name != "account" { given[parameter.name] = parameters.text(parameter) }
    for (parameter, _) in HistoryParameters.parts where !(given[parameter.name] ?? "").isEmpty && !kind.parts.contains(parameter.name) {
      throw Refusal(
        .badParameter, "\(parameter.name)= does not tell one \(kind.rawValue) from another: \(kind.parts.joined(separator: "=, "))= do")
    }
    self.init(
      kind: kind, places: try HistoryQuestion.places(parameters, kind), since: since, until: until,
      step: try HistoryQuestion.step(parameters),
      parts: kind.parts.map { part in given[part].flatMap { $0.isEmpty ? nil : $0 } })
    let cluster = parameters.text(PageParameters.cluster)
    if !cluster.isEmpty { tellers.cluster = cluster }
    if !kind.parts.contains("server"), !server.isEmpty { tellers.server = server }
    try narrow(to: page.path.scope, reader)
  }

  private static func kind(_ parameters: ParameterReader, isTenant: Bool) throws(Refusal) -> SeriesKind {
    let kind: SeriesKind
    if let word = parameters.value(HistoryParameters.kind) {
      guard let known = SeriesKind(rawValue: word) else {
        throw ParameterReader.refusal(HistoryParameters.kind, word)
      }
      kind = known
    } else {
      kind = HistoryParameters.parts.first { !parameters.text($0.parameter).isEmpty }?.kind ?? (isTenant ? .account : .server)
    }
    guard !isTenant || kind.isOfAccount else {
      let own = SeriesKind.allCases.filter(\.isOfAccount).map(\.rawValue).joined(separator: ", ")
      throw Refusal(
        .badParameter, "kind=\(kind.rawValue) is no account's: its own kinds are \(own); servers, routes and gateways are under /history")
    }
    return kind
  }

  private static func places(_ parameters: ParameterReader, _ kind: SeriesKind) throws(Refusal) -> [Int] {
    var places: [Int] = []
    for word in try parameters.words(HistoryParameters.field) {
      // Rates stand beside every counter; heartbeats have names of their own for them.
      let counter = word.hasSuffix("_rate") ? kind.place(of: String(word.dropLast(5))) : nil
      guard let place = kind.place(of: word) ?? counter.flatMap({ kind.fields[$0].measure == .counter ? $0 : nil }) else {
        throw Refusal(
          .badParameter, "a \(kind.rawValue) has no field \"\(word)\"; it has \(kind.fields.map(\.name).joined(separator: ", "))")
      }
      if !places.contains(place) { places.append(place) }
    }
    return places.isEmpty ? Array(kind.fields.indices.prefix(SeriesField.usual)) : places
  }

  private static func step(_ parameters: ParameterReader) throws(Refusal) -> Int? {
    guard let step = try parameters.duration(HistoryParameters.step) else { return nil }
    guard step >= .seconds(1), step.nanoseconds % Span.perSecond == 0 else {
      throw Refusal(.badParameter, "step= has to be whole seconds, such as 60s or 1h")
    }
    return Int(min(step.wholeSeconds, 31_536_000))
  }

  /// A server's name, which outlives its id.
  private static func server(_ word: String, _ reader: any BeliefsReader) -> String {
    reader.beliefs.servers.ordered.first { $0.id == word }?.name ?? word
  }

  private mutating func narrow(to scope: PathScope, _ reader: any BeliefsReader) throws(Refusal) {
    switch scope {
    case .system, .account: break
    case .cluster(let name): tellers.cluster = name
    case .server(let name, let cluster):
      tellers.server = HistoryQuestion.server(name, reader)
      tellers.cluster = cluster ?? tellers.cluster
      if let place = kind.parts.firstIndex(of: "server") {
        guard parts[place] == nil || parts[place] == tellers.server else {
          throw Refusal(.badParameter, "server=\(parts[place] ?? "") is another server than the path's")
        }
        parts[place] = tellers.server
      }
    }
  }
}
