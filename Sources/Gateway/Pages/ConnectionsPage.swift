import HTTPServer
import Reactor
import SystemAPI
import SystemModel
import Wire

/// `/connections`: every connection of a scope by what goes through it now; searched, sorted, paged and summed up here.
struct ConnectionsPage: Page {
  let description = PageDescription.connections
  let answerer: Answerer
  let readings: ConnectionReadings
  /// Nothing goes through a recorded connection.
  var isRecorded = false

  func answer(_ page: PageRequest, _ exit: Exit) {
    do throws(Refusal) {
      var question = try ConnectionsParameters.question(ParameterReader(page.query))
      if isRecorded, question.order.isRate { question.order = .outBytes }
      let wanted = question
      readings.read(page.path.scope, page.request, needsRates: !isRecorded) { result in
        switch result {
        case .failure(let refusal): exit.send(refusal.response)
        case .success(let known):
          let document = ConnectionsDocument(known: known, question: wanted, now: answerer.reader.now.wall)
          let work: @Sendable () -> Void = { exit.send(.json(document.body, headers: known.completeness.headers())) }
          if !WorkerQueue.shared.run(work) { work() }
        }
      }
    } catch {
      exit.send(error.response)
    }
  }
}

enum ConnectionsParameters {
  static let match = EndpointParameter(
    "match", nil, .text, "only connections with this in the name, address, user, account, server, library or cid, in any letter case")
  static let sort = EndpointParameter(
    "sort", nil, .choice(ConnectionQuestion.Order.allCases.map(\.rawValue)),
    "order of the rows; default rate_out_bytes. What begins with rate_ is a second, the others are since the connection began; "
      + "connections is of groups")
  static let order = EndpointParameter(
    "order", nil, .choice(SortDirection.allCases.map(\.rawValue)), "default descending for figures, ascending for words")
  static let group = EndpointParameter(
    "group", nil, .choice(ConnectionQuestion.Grouping.allCases.map(\.rawValue)),
    "sums in place of rows; stem puts browser-01 and browser-02 together")
  static let offset = EndpointParameter("offset", nil, .atMost(EndpointParameter.countLimit), "rows to skip")
  static let limit = EndpointParameter("limit", nil, .atMost(10_000), "the most rows; default 100")
  static let all = [match, sort, order, group, offset, limit, CommonParameters.at]

  static func question(_ parameters: ParameterReader) throws(Refusal) -> ConnectionQuestion {
    var question = ConnectionQuestion()
    question.match = String(decoding: FoldedText.folded(try parameters.sought(match)), as: UTF8.self)
    if let order = try parameters.choice(sort, of: ConnectionQuestion.Order.self) { question.order = order }
    question.isAscending =
      try parameters.choice(order, of: SortDirection.self).map { $0 == .ascending } ?? question.order.isAscendingByItself
    question.grouping = try parameters.choice(group, of: ConnectionQuestion.Grouping.self)
    guard question.order != .connections || question.grouping != nil else {
      throw Refusal(.badParameter, "parameter 'sort' is 'connections', which counts those of a group, and there is no 'group'")
    }
    if let offset = try parameters.number(offset) { question.offset = offset }
    if let limit = try parameters.number(limit) { question.limit = limit }
    return question
  }
}

extension PageDescription {
  static let connections = PageDescription(
    "connections", scopes: .all, help: "connections by what goes through them now: searched, sorted, paged, and summed up",
    parameters: ConnectionsParameters.all)
}
