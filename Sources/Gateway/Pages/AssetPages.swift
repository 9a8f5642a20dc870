import HTTPServer
import Reactor
import SystemAPI
import SystemModel
import Wire

/// `/streams`: every stream once, as its leader tells, with what it stores a second.
struct StreamsPage: Page {
  let description = PageDescription.streams
  let answerer: Answerer
  let readings: JetStreamReadings
  /// Nothing goes through a recorded stream.
  var isRecorded = false

  func answer(_ page: PageRequest, _ exit: Exit) {
    AssetAnswer(answerer: answerer, readings: readings, isRecorded: isRecorded).send(page, exit) { (parameters) throws(Refusal) in
      let question = try AssetParameters.question(parameters, AssetParameters.streamSort, StreamOrder.name, \.isAscendingByItself)
      return { known, json in
        let all = known.streams
        let places = question.places(
          of: all, texts: { [$0.key.name, $0.accountName, $0.leader] },
          where: { $0.fits(account: question.account, stream: question.stream) }, key: question.order.key)
        AssetParameters.write(question, total: all.count, matched: places.count, to: &json)
        json.member("left_out", unlessZero: known.leftOut)
        json.member("consumers", known.consumers.count)
        json.arrayMember("streams") { json in
          for place in question.page(places) { json.object { all[place].write(to: &$0) } }
        }
      }
    }
  }
}

/// `/consumers`: every consumer once, as its leader tells, with how it stands.
struct ConsumersPage: Page {
  let description = PageDescription.consumers
  let answerer: Answerer
  let readings: JetStreamReadings
  var isRecorded = false

  func answer(_ page: PageRequest, _ exit: Exit) {
    AssetAnswer(answerer: answerer, readings: readings, isRecorded: isRecorded).send(page, exit) { (parameters) throws(Refusal) in
      let question = try AssetParameters.question(parameters, AssetParameters.consumerSort, ConsumerOrder.standing, \.isAscendingByItself)
      return { known, json in
        let all = known.consumers
        let places = question.places(
          of: all, texts: { [$0.key.name, $0.key.stream.name, $0.accountName, $0.leader] },
          where: { $0.fits(account: question.account, stream: question.stream, consumer: question.consumer) }, key: question.order.key)
        AssetParameters.write(question, total: all.count, matched: places.count, to: &json)
        json.member("left_out", unlessZero: known.leftOut)
        json.arrayMember("consumers") { json in
          for place in question.page(places) { json.object { all[place].write(to: &$0) } }
        }
      }
    }
  }
}

extension LiveStream {
  fileprivate func fits(account: String, stream: String) -> Bool {
    (account.isEmpty || accountName == account || key.account == account) && (stream.isEmpty || key.name == stream)
  }
}

extension LiveConsumer {
  fileprivate func fits(account: String, stream: String, consumer: String) -> Bool {
    (account.isEmpty || accountName == account || key.stream.account == account) && (stream.isEmpty || key.stream.name == stream)
      && (consumer.isEmpty || key.name == consumer)
  }
}

/// What the two pages have in common.
private struct AssetAnswer {
  typealias Body = @Sendable (JetStreamReading, inout JSONWriter) -> Void

  let answerer: Answerer
  let readings: JetStreamReadings
  let isRecorded: Bool

  func send(_ page: PageRequest, _ exit: Exit, _ body: (ParameterReader) throws(Refusal) -> Body) {
    do throws(Refusal) {
      let write = try body(ParameterReader(page.query))
      readings.read(page.path.scope, page.request, needsRates: !isRecorded) { result in
        switch result {
        case .failure(let refusal): exit.send(refusal.response)
        case .success(let known):
          let now = answerer.reader.now.wall
          let work: @Sendable () -> Void = {
            exit.send(.json(AssetAnswer.document(known, now, write), headers: known.completeness.headers()))
          }
          if !WorkerQueue.shared.run(work) { work() }
        }
      }
    } catch {
      exit.send(error.response)
    }
  }

  private static func document(_ known: JetStreamReadings.Known, _ now: Timestamp, _ write: Body) -> [UInt8] {
    var json = JSONWriter(indent: 2, capacity: 64 << 10)
    json.object { json in
      known.writeHead(now, to: &json)
      write(known.reading, &json)
    }
    return json.bytes + [0x0A]
  }
}

enum AssetParameters {
  static let match = EndpointParameter(
    "match", nil, .text, "only with this in the name, the stream, the account or the leader, in any letter case")
  static let account = EndpointParameter("account", nil, .text, "only of this account: its name or id")
  static let stream = EndpointParameter("stream", nil, .text, "only of this stream")
  static let consumer = EndpointParameter("consumer", nil, .text, "only consumers of this name")
  static let streamSort = EndpointParameter(
    "sort", nil, .choice(StreamOrder.allCases.map(\.rawValue)), "order of the rows; default name; rate is what is stored a second")
  static let consumerSort = EndpointParameter(
    "sort", nil, .choice(ConsumerOrder.allCases.map(\.rawValue)),
    "order of the rows; default standing, the worst first; delivered is a second")
  static let order = EndpointParameter(
    "order", nil, .choice(SortDirection.allCases.map(\.rawValue)), "default descending for figures, ascending for words")
  static let offset = EndpointParameter("offset", nil, .atMost(EndpointParameter.countLimit), "rows to skip")
  static let limit = EndpointParameter("limit", nil, .atMost(10_000), "the most rows; default 200")
  static let streams = [match, account, stream, streamSort, order, offset, limit, CommonParameters.at]
  static let consumers = [match, account, stream, consumer, consumerSort, order, offset, limit, CommonParameters.at]

  static func question<Order>(
    _ parameters: ParameterReader, _ sort: EndpointParameter, _ standard: Order, _ isAscending: (Order) -> Bool
  ) throws(Refusal) -> AssetQuestion<Order> {
    let chosen = try parameters.choice(sort, of: Order.self) ?? standard
    var question = AssetQuestion(order: chosen)
    question.isAscending = try parameters.choice(order, of: SortDirection.self).map { $0 == .ascending } ?? isAscending(chosen)
    question.match = String(decoding: FoldedText.folded(try parameters.sought(match)), as: UTF8.self)
    question.account = parameters.text(account)
    question.stream = parameters.text(stream)
    question.consumer = parameters.text(consumer)
    if let offset = try parameters.number(offset) { question.offset = offset }
    if let limit = try parameters.number(limit) { question.limit = limit }
    return question
  }

  static func write<Order>(_ question: AssetQuestion<Order>, total: Int, matched: Int, to json: inout JSONWriter) {
    json.member("total", total)
    json.member("matched", matched)
    json.member("sort", question.order.rawValue)
    json.member("order", question.isAscending ? "ascending" : "descending")
    json.member("offset", question.offset)
    json.member("limit", question.limit)
  }
}

extension PageDescription {
  static let streams = PageDescription(
    "streams", scopes: .all, help: "every stream once, as its leader tells, with what it stores a second: searched, sorted and paged",
    parameters: AssetParameters.streams)
  static let consumers = PageDescription(
    "consumers", scopes: .all, help: "every consumer once, as its leader tells, with how it stands: searched, sorted and paged",
    parameters: AssetParameters.consumers)
}
