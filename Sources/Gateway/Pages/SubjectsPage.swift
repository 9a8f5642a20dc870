import HTTPServer
import Reactor
import SystemAPI
import SystemModel
import Wire

/// `/subjects`: who would receive a subject, by name; and the tree of all subjects, a level at a time, with what goes through it now.
struct SubjectsPage: Page {
  let description = PageDescription.subjects
  let answerer: Answerer
  let subscriptions: SubscriptionReadings
  let connections: ConnectionReadings
  /// Nothing goes to a recorded subscription.
  var isRecorded = false

  /// Names of clients change with their connections only.
  private static let nameAge = Span.seconds(15)

  func answer(_ page: PageRequest, _ exit: Exit) {
    do throws(Refusal) {
      let question = try SubjectParameters.question(ParameterReader(page.query))
      subscriptions.read(page.path.scope, page.request, needsRates: !isRecorded) { result in
        switch result {
        case .failure(let refusal): exit.send(refusal.response)
        case .success(let known):
          let document = SubjectsDocument(known: known, question: question, now: answerer.reader.now.wall)
          guard !question.subject.isEmpty else { return send(document, nil, exit) }
          // Who it is that listens: where that cannot be told, its number is all there is.
          connections.read(page.path.scope, page.request, needsRates: false, maxAge: SubjectsPage.nameAge) { result in
            send(document, try? result.get().reading, exit)
          }
        }
      }
    } catch {
      exit.send(error.response)
    }
  }

  private func send(_ document: SubjectsDocument, _ connections: ConnectionReading?, _ exit: Exit) {
    let work: @Sendable () -> Void = {
      var document = document
      if let connections { document.clients = SubjectsPage.names(connections) }
      exit.send(.json(document.body, headers: document.known.completeness.headers()))
    }
    if !WorkerQueue.shared.run(work) { work() }
  }

  private static func names(_ reading: ConnectionReading) -> [SubjectsDocument.ClientKey: String] {
    Dictionary(
      reading.rows.map { (SubjectsDocument.ClientKey(server: reading.servers[$0.server].id, cid: $0.cid), $0.shownName) }
    ) { first, _ in first }
  }
}

enum SubjectParameters {
  static let subject = EndpointParameter(
    "subject", nil, .text, "who would receive this subject; with wildcards, whose subscriptions overlap it")
  static let below = EndpointParameter("below", nil, .text, "tokens, as in orders.eu: the level of the tree below them; default the top")
  static let match = EndpointParameter("match", nil, .text, "only with this in the subject or the queue group, in any letter case")
  static let system = EndpointParameter("system", nil, .boolean, "also the subjects of servers, of JetStream and of replies")
  static let sort = EndpointParameter(
    "sort", nil, .choice(SubjectQuestion.Order.allCases.map(\.rawValue)), "order of a level; default subscriptions")
  static let offset = EndpointParameter("offset", nil, .atMost(EndpointParameter.countLimit), "rows to skip")
  static let limit = EndpointParameter("limit", nil, .atMost(10_000), "the most rows; default 200")
  static let all = [subject, below, match, system, sort, offset, limit, CommonParameters.at]
  /// Bytes of a subject, and of what is above a level.
  private static let longest = 4096

  static func question(_ parameters: ParameterReader) throws(Refusal) -> SubjectQuestion {
    var question = SubjectQuestion()
    question.subject = parameters.text(subject)
    let above = parameters.text(below)
    for (parameter, text) in [(subject, question.subject), (below, above)] where !text.isEmpty {
      guard text.utf8.count <= longest, Subject.isValid(text) else {
        throw ParameterReader.refusal(parameter, String(text.prefix(200)), accepted: "a subject of up to \(longest) bytes")
      }
    }
    guard question.subject.isEmpty || above.isEmpty else {
      throw Refusal(
        .badParameter, "parameters 'subject' and 'below' are both given: one asks who receives, the other for a level of the tree")
    }
    question.below = above.isEmpty ? [] : above.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    question.match = String(decoding: FoldedText.folded(try parameters.sought(match)), as: UTF8.self)
    question.hasSystems = try parameters.flag(system) ?? false
    if let order = try parameters.choice(sort, of: SubjectQuestion.Order.self) { question.order = order }
    if let offset = try parameters.number(offset) { question.offset = offset }
    if let limit = try parameters.number(limit) { question.limit = limit }
    return question
  }
}

extension PageDescription {
  static let subjects = PageDescription(
    "subjects", scopes: .all, help: "who would receive a subject, by name; and the tree of subjects with what goes through it now",
    parameters: SubjectParameters.all)
}
