import HTTPServer
import Reactor
import SystemAPI
import SystemModel
import Wire

/// `/diff/<path>`: one answer at two moments, or of two servers at one.
struct DiffPage: Page {
  let description = PageDescription.diff
  let reader: any BeliefsReader
  let answerer: Answerer
  let moments: Moments
  /// What stands for now where there is no system to ask; nil where there is one.
  var present: RecordedMoment?

  /// One of the two sides: who answers, and about which moment.
  private struct Side {
    let answerer: Answerer
    let reader: any BeliefsReader
    /// nil for now.
    let mark: RecordedMark?
    /// Held while it is asked.
    let moment: RecordedMoment?
  }

  /// How whole an answer is, as its own fields say it.
  private struct Wholeness: Sendable {
    let fields: [HTTPHeader]

    init(_ response: HTTPResponse) {
      let names = Set(AnswerField.aboutServers.map(\.rawValue)).subtracting([AnswerField.ignored.rawValue])
      fields = response.headers.filter { names.contains($0.name) }
    }

    /// nil where nobody knows.
    var isComplete: Bool? {
      switch fields.first(where: { $0.name == AnswerField.complete.rawValue })?.value {
      case "true": true
      case "false": false
      default: nil
      }
    }
  }

  private enum Told {
    case answer([UInt8], Wholeness)
    case refused(HTTPResponse)
  }

  func answer(_ page: PageRequest, _ exit: Exit) {
    do throws(Refusal) {
      let parameters = ParameterReader(page.query)
      let with = parameters.text(DiffParameters.with)
      guard with.isEmpty || parameters.value(DiffParameters.to) == nil else {
        throw Refusal(.badParameter, "with= compares two servers at one moment: leave out to=, and give the moment with from=")
      }
      let from = try parameters.earlier(DiffParameters.from)
      let to = try parameters.earlier(DiffParameters.to)
      let path = try innerPath(page)
      let first = try plan(path, page, parameters)
      guard from != nil || !with.isEmpty else {
        throw Refusal(.badParameter, "from= is missing: \(DiffParameters.from.accepted)")
      }
      var second = first
      if !with.isEmpty {
        guard case .server(_, let cluster) = path.scope else {
          throw Refusal(.badParameter, "with= compares servers: the path has to name one, such as /diff/server/a1/varz?with=a2")
        }
        let compared = try other(path, with, cluster)
        guard page.request.mayRead(compared.segments) else {
          throw Refusal(.forbidden, "the caller's role may not read \(compared.canonical)")
        }
        second = try plan(compared, page, parameters)
      }
      let ignored = first.options.ignored
      let exit = ignored.isEmpty ? exit : exit.bearing(StandardFields.ignored(ignored))
      answerer.named(first, page.request) { [second] named in
        switch named {
        case .failure(let refusal): exit.send(refusal.response)
        case .success(let first):
          open(from, exit) { one in
            if !with.isEmpty { return compare((first, one), (second, one), page, exit, isTwoServers: true) }
            open(to, exit) { other in compare((first, one), (first, other), page, exit, isTwoServers: false) }
          }
        }
      }
    } catch {
      exit.send(error.response)
    }
  }

  // MARK: What is compared

  private func innerPath(_ page: PageRequest) throws(Refusal) -> RequestPath {
    let more = page.more.map(PathScope.encoded).joined(separator: "/")
    guard !more.isEmpty else {
      throw Refusal(.unknownPath, "what is to be compared is missing, such as /diff/merged/connz?from=-2h or /diff/server/a1/varz?from=-2h")
    }
    return try RequestPath("/" + more)
  }

  private func other(_ path: RequestPath, _ name: String, _ cluster: String?) throws(Refusal) -> RequestPath {
    let rest = path.rest.map(PathScope.encoded).joined(separator: "/")
    return try RequestPath(PathScope.server(name, cluster: cluster).encodedPath + "/" + rest)
  }

  private func plan(_ path: RequestPath, _ page: PageRequest, _ parameters: ParameterReader) throws(Refusal) -> RequestPlan {
    guard let endpoint = RequestPlanner.endpoint(path) else {
      throw Refusal(.unknownEndpoint, "\"\(path.rest.joined(separator: "/"))\" is no endpoint that can be compared")
    }
    let paging = ["limit", "offset"]
    if let page = paging.first(where: { parameters.value($0) != nil }), endpoint.parameter(page) != nil {
      throw Refusal(.badParameter, "parameter '\(page)' has no place here: what is compared are all rows, not pages of them")
    }
    let own = Set(DiffParameters.all.map(\.name) + [CommonParameters.format.name, CommonParameters.at.name] + paging)
    var kept = page.query.items.filter { !own.contains($0.name) }.map { (name: $0.name, value: $0.value) }
    if endpoint.parameter("limit") != nil {
      kept.append(("limit", String(path.isMerged ? answerer.planner.settings.maxRows : EndpointParameter.countLimit)))
    }
    let query = kept.map { PathScope.encoded($0.name) + "=" + PathScope.encoded($0.value) }.joined(separator: "&")
    return try answerer.planner.plan(path, endpoint, query: HTTPQuery(query), scrapeTimeout: page.request.scrapeTimeout)
  }

  private func open(_ asked: EarlierMoment?, _ exit: Exit, _ completion: @escaping (Side) -> Void) {
    guard let asked else {
      return completion(Side(answerer: answerer, reader: reader, mark: present?.mark, moment: present))
    }
    moments.open(asked) { result in
      switch result {
      case .failure(let refusal): exit.send(refusal.response)
      case .success(let moment):
        completion(Side(answerer: moment.answerer, reader: moment.source, mark: moment.mark, moment: moment))
      }
    }
  }

  // MARK: Comparing

  private func compare(
    _ one: (plan: RequestPlan, side: Side), _ other: (plan: RequestPlan, side: Side), _ page: PageRequest, _ exit: Exit,
    isTwoServers: Bool
  ) {
    tell(one.plan, one.side, page) { before in
      if case .refused(let response) = before { return exit.send(response) }
      tell(other.plan, other.side, page) { after in
        switch (before, after) {
        case (_, .refused(let response)), (.refused(let response), _): exit.send(response)
        case (.answer(let from, let had), .answer(let to, let has)):
          let restarted = isTwoServers ? [] : DiffPage.restarted(one.plan.path.scope, one.side.reader, other.side.reader)
          let now = WallClock.now()
          let maySeeServers = page.request.maySeeServers
          let isTaken = WorkerQueue.shared.run {
            guard let from = try? JSONValue(parsing: from), let to = try? JSONValue(parsing: to) else {
              return exit.send(Refusal(.unreadableReply, "one of the two answers cannot be read").response)
            }
            let body = DiffPage.body(
              from, to, one.side.mark, other.side.mark, had, has, restarted, one.plan, now, isTwoServers: isTwoServers,
              namesServers: maySeeServers)
            // The comparison is as whole as the less whole of the two.
            exit.send(.json(body, headers: (had.isComplete == true ? has : had).fields))
          }
          if !isTaken { exit.send(Refusal(.notAsked, "too much is being compared at once").response) }
        }
      }
    }
  }

  private func tell(_ plan: RequestPlan, _ side: Side, _ page: PageRequest, _ completion: @escaping (Told) -> Void) {
    side.answerer.answer(plan, page.request) { answer in
      withExtendedLifetime(side.moment) {
        guard answer.response.status < 400 else { return completion(.refused(answer.response)) }
        completion(.answer(answer.response.body, Wholeness(answer.response)))
      }
    }
  }

  /// Servers of a scope that were started anew between two moments, by name.
  private static func restarted(_ scope: PathScope, _ before: any BeliefsReader, _ after: any BeliefsReader) -> [String] {
    func ids(_ reader: any BeliefsReader) -> [String: ServerID] {
      let there = reader.servers(in: scope).filter { $0.standing.isExpected && $0.isIdentified }
      return Dictionary(there.map { ($0.cluster + "/" + $0.name, $0.id) }) { first, _ in first }
    }
    let later = ids(after)
    return ids(before).filter { later[$0.key] != nil && later[$0.key] != $0.value }.map {
      String($0.key.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).last ?? "")
    }.sorted()
  }

  private static func body(
    _ from: JSONValue, _ to: JSONValue, _ before: RecordedMark?, _ after: RecordedMark?, _ had: Wholeness, _ has: Wholeness,
    _ restarted: [String], _ plan: RequestPlan, _ now: Timestamp, isTwoServers: Bool, namesServers: Bool
  ) -> [UInt8] {
    let difference = DocumentComparison.difference(from, to)
    let (start, end) = (before?.at ?? now, after?.at ?? now)
    let isRestarted = DocumentComparison.start(from) != DocumentComparison.start(to) || (plan.path.isMerged && !restarted.isEmpty)
    // A server that is missing on one side takes its counts with it: what is left is no growth.
    let isUneven = plan.path.isMerged && (had.isComplete != true || has.isComplete != true)
    let document = DifferenceDocument(span: isTwoServers ? nil : end - start)
    var json = JSONWriter(indent: 2)
    json.object { json in
      json.member("path", plan.path.canonical)
      json.objectMember("from") { write(before, now, had, to: &$0) }
      json.objectMember("to") { write(after, now, has, to: &$0) }
      if !isTwoServers { json.member("seconds", (end - start).seconds) }
      json.member("restarted", namesServers ? restarted : [])
      json.member("equal", difference.isEmpty)
      document.write(difference, isRestarted: isRestarted || isTwoServers || isUneven, to: &json)
    }
    return json.bytes + [0x0A]
  }

  private static func write(_ mark: RecordedMark?, _ now: Timestamp, _ whole: Wholeness, to json: inout JSONWriter) {
    json.member("at", (mark?.at ?? now).rfc3339)
    json.key("epoch")
    if let mark { json.integer(mark.epoch) } else { json.null() }
    json.key("complete")
    if let complete = whole.isComplete { json.bool(complete) } else { json.null() }
  }
}
