import HTTPServer
import Reactor
import SystemAPI
import SystemModel
import Wire

/// Everything about a request for an endpoint that its path and query decide.
///
/// Plans are cached by target, so that a repeated request costs a dictionary look-up.
final class RequestPlan: Sendable {
  enum Shape: Sendable { case plain, gathered, merged }

  let path: RequestPath
  /// What it was made from.
  let query: HTTPQuery
  let scrapeTimeout: String?
  let endpoint: Endpoint
  let shape: Shape
  let options: RequestOptions
  let question: Question
  /// What the servers are asked under, for people.
  let subject: String
  /// For merged paths: the page, and how the answers become one document.
  let merge: MergePlan?
  /// Rows without connections are kept.
  let keepsUnused: Bool
  /// Rows of accounts that nobody in scope has a connection of are left out.
  var dropsUnusedRows: Bool { endpoint.dropsUnusedRows && !keepsUnused }
  /// `rate=` of statsz.
  let rate: Span?
  let hasEndpointFilter: Bool
  /// One server's path only: values that cannot be read, of parameters that older servers do not look at.
  let unread: [(since: [ServerVersion], refusal: Refusal)]

  /// Names one of the ways in which an outcome is laid out.
  let shapeKey: String
  /// The same for callers who may not see secrets.
  let redactedShapeKey: String

  init(
    path: RequestPath, query: HTTPQuery, scrapeTimeout: String?, endpoint: Endpoint, shape: Shape, options: RequestOptions,
    question: Question, subject: String,
    merge: MergePlan?, keepsUnused: Bool, rate: Span?, hasEndpointFilter: Bool,
    unread: [(since: [ServerVersion], refusal: Refusal)]
  ) {
    self.path = path
    self.query = query
    self.scrapeTimeout = scrapeTimeout
    self.endpoint = endpoint
    self.shape = shape
    self.options = options
    self.question = question
    self.subject = subject
    self.merge = merge
    self.keepsUnused = keepsUnused
    self.rate = rate
    self.hasEndpointFilter = hasEndpointFilter
    self.unread = unread
    // Every plan of one key shares a question too, so what decides it need not stand here.
    let page = merge.map { "\($0.page.offset) \($0.page.limit ?? -1) \($0.page.sort ?? "-") \($0.page.closed)" } ?? ""
    let key =
      "\(shape) \(endpoint.name) \(path.scope.title) \(keepsUnused) \(options.requiresComplete) \(page) \(options.quorum ?? -1) \(rate?.nanoseconds ?? 0) \(path.rest.count)"
    shapeKey = key
    redactedShapeKey = key + " redacted"
  }
}

/// Turns paths and queries into plans.
struct RequestPlanner: Sendable {
  let settings: RequestSettings
  let subjects: SystemSubject

  /// The endpoint of a path; nil where none has this name.
  static func endpoint(_ path: RequestPath) -> Endpoint? {
    let name = path.rest.joined(separator: "/")
    if case .account = path.scope { return EndpointTable.accountEndpoint(name) }
    return EndpointTable.endpoint(name)
  }

  func plan(_ path: RequestPath, _ endpoint: Endpoint, query: HTTPQuery, scrapeTimeout: String?) throws(Refusal) -> RequestPlan {
    let isServer = if case .server = path.scope { true } else { false }
    if isServer, path.isMerged { throw Refusal(.unknownPath, "one server's answers are not merged; leave out /merged") }
    var known = Set(endpoint.parameters.map(\.name))
    let quorum = endpoint.quorum.map(CommonParameters.quorum)
    if let quorum { known.insert(quorum.name) }
    if path.isMerged { known.formUnion(MergePlan.parameters(of: endpoint)) }
    var options = try RequestOptions(
      query, settings: settings, scrapeTimeout: scrapeTimeout, takesFilters: !isServer, known: known)
    let reader = ParameterReader(query)
    if let quorum { options.quorum = try reader.number(quorum) }
    if options.format == .ndjson, isServer || path.isMerged {
      throw ParameterReader.refusal(
        CommonParameters.format, "ndjson", accepted: "json here; ndjson is for answers that name several servers")
    }
    if options.format == .ndjson, options.requiresComplete {
      throw Refusal(
        .badParameter,
        "require=complete cannot hold for a stream, whose status is out first; its summary says whether it is complete")
    }
    var fragments: [String] = []
    var unread: [(since: [ServerVersion], refusal: Refusal)] = []
    var leaderOnly = false
    var hasFilter = false
    for parameter in endpoint.parameters {
      if path.isMerged, MergePlan.handled.contains(parameter.name) { continue }
      let read: String?
      do throws(Refusal) {
        read = try reader.option(parameter)
      } catch {
        // As on its own port, a server that does not know the parameter does not mind its value.
        guard isServer, !parameter.since.isEmpty else { throw error }
        unread.append((parameter.since, error))
        continue
      }
      guard let option = read else { continue }
      if parameter.name == endpoint.leaderOnly { leaderOnly = option.hasSuffix("true") }
      if endpoint.filters.contains(parameter.name) { hasFilter = true }
      if !parameter.field.isEmpty { fragments.append(option) }
    }
    var merge: MergePlan?
    if path.isMerged {
      let plan = try MergePlan(endpoint, scope: path.scope.title, maxRows: settings.maxRows) { reader.value($0) }
      fragments += plan.options
      merge = plan
    }
    let keepsUnused = reader.value("unused").flatMap(EndpointParameter.boolean) ?? false
    let rate = endpoint.rates ? try endpoint.parameter("rate").flatMap(reader.duration) : nil
    if !endpoint.fixedOptions.isEmpty { fragments.append(endpoint.fixedOptions) }
    let (question, subject) = try question(path, endpoint, options, fragments, leaderOnly: leaderOnly, merge: merge)
    return RequestPlan(
      path: path, query: query, scrapeTimeout: scrapeTimeout, endpoint: endpoint,
      shape: isServer ? .plain : (path.isMerged ? .merged : .gathered), options: options,
      question: question, subject: subject, merge: merge, keepsUnused: keepsUnused, rate: rate, hasEndpointFilter: hasFilter, unread: unread
    )
  }

  /// The same plan for an account that was named otherwise.
  func plan(_ plan: RequestPlan, account id: String) throws(Refusal) -> RequestPlan {
    try self.plan(plan.path.withAccount(id), plan.endpoint, query: plan.query, scrapeTimeout: plan.scrapeTimeout)
  }

  private func question(
    _ path: RequestPath, _ endpoint: Endpoint, _ options: RequestOptions, _ fragments: [String], leaderOnly: Bool,
    merge: MergePlan?
  ) throws(Refusal) -> (Question, subject: String) {
    var fragments = fragments
    var who = Who.every
    var service = QuestionForm.Service.server(endpoint.service)
    var part: ReplyPart?
    var rowsOf = ""
    switch path.scope {
    case .system: fragments += try filterOptions(options.filters)
    case .cluster(let name):
      who = .cluster(name)
      var filters = options.filters
      filters.cluster = name
      // `exact_match` would make the other filters exact too; the cluster is checked on receipt.
      if options.filters.isEmpty { filters.exact = true }
      fragments += try filterOptions(filters)
    case .server(let name, let cluster): who = .server(name, cluster: cluster)
    case .account(let name):
      (service, part) = accountService(name, endpoint, &fragments)
      fragments += try filterOptions(options.filters)
      if let checked = endpoint.account?.rowsCheckedWith, fragments.contains(where: { $0.hasPrefix("\"\(checked)\":") }) {
        rowsOf = name
        fragments.removeAll { $0.hasPrefix("\"auth\":") }
        fragments.append("\"auth\":true")
      }
    }
    if endpoint.form == .accountStatistics { service = .accountStatistics }
    let cluster: String? = if case .cluster(let name) = path.scope { name } else { nil }
    if let connection = merge?.connection { who = .connection(connection.ordinal, cluster: cluster) }
    if let named = merge?.named { who = .server(named.server, cluster: cluster) }
    let form = QuestionForm(
      service, payload: fragments.isEmpty ? "" : "{" + fragments.joined(separator: ",") + "}",
      endpoint: endpoint.form == .account ? "account/" + endpoint.name : endpoint.name, envelope: endpoint.envelope,
      compress: settings.asksForCompression && endpoint.size == .large, part: part, rowsOf: rowsOf)
    let question = Question(who, filters: options.filters, since: endpoint.since, oneAnswer: leaderOnly, form: form)
    return (question, subject(service))
  }

  private func subject(_ service: QuestionForm.Service) -> String {
    switch service {
    case .server(let service): subjects.everyServer(service)
    case .accountStatistics: subjects.accountStatistics
    case .subject(let subject): subject
    }
  }

  /// An account whose name holds a dot cannot be a subject token: it is asked for with the option that filters.
  private func accountService(
    _ name: String, _ endpoint: Endpoint, _ fragments: inout [String]
  ) -> (QuestionForm.Service, ReplyPart?) {
    if let token = try? SubjectToken(name) { return (.subject(subjects.account(token, endpoint.service)), nil) }
    guard let fallback = endpoint.account else { return (.server(endpoint.service), nil) }
    var quoted: [UInt8] = []
    JSONEscaping.append(name, to: &quoted)
    let json = String(decoding: quoted, as: UTF8.self)
    fragments.append("\"\(fallback.option)\":" + (fallback.isList ? "[\(json)]" : json))
    let service: QuestionForm.Service =
      switch fallback.target {
      case .everyServer(let service): .server(service)
      case .accountStatistics: .accountStatistics
      }
    switch fallback.part {
    case .whole: return (service, nil)
    case .accountDetail: return (service, .accountDetail)
    case .jetStreamAccount: return (service, .jetStreamAccount(name))
    }
  }

  private func filterOptions(_ filters: ServerFilters) throws(Refusal) -> [String] {
    let wanted = [
      (CommonParameters.name, filters.name), (CommonParameters.host, filters.host), (CommonParameters.cluster, filters.cluster),
      (CommonParameters.domain, filters.domain), (CommonParameters.tags, filters.tags.joined(separator: ",")),
      (CommonParameters.exact, filters.exact ? "true" : ""),
    ]
    var options: [String] = []
    for (parameter, value) in wanted where !value.isEmpty {
      do throws(EndpointParameter.Refusal) { options.append(try parameter.option(value)) } catch {
        throw Refusal(.badParameter, error.sentence)
      }
    }
    return options
  }
}
