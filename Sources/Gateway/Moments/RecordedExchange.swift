import HTTPServer
import Reactor
import Recorded
import Recording
import SystemAPI
import SystemModel
import Wire

/// One question to a recorded moment: the model of then is told of what the documents answer, as it would be of replies.
struct RecordedExchange {
  /// What a server says.
  struct Told: Sendable {
    let server: ServerRef
    let reply: RecordedReply
    /// The whole reply as a server would send it; empty where there is none.
    let payload: [UInt8]
    /// The payload, read: documents may be large, and are read by workers.
    var parsed: ParsedReply?
    /// How long the document that it is made of was waited for.
    let rtt: Span
    /// The answer was given, and is not held: it did not fit into the record, or does not fit beside the others.
    var isTooLarge = false
  }

  /// How long the recorded servers are waited for, by their own clock: whoever has said nothing by then is missing.
  private static let patience = Span.seconds(2)

  private var model: SystemModel
  private let question: Question
  private let now: Instant
  private let id = AskID(number: 1)
  private var asked: QuestionID?
  private var ending: Ending?
  private(set) var replies: [Reply] = []

  init(_ model: SystemModel, _ question: Question, at now: Instant) {
    self.model = model
    self.question = question
    self.now = now
  }

  /// Asks the model whom the question is for.
  ///
  /// - Returns: nil where it ends at once.
  mutating func begin() -> [KnownServer]? {
    var targets: [KnownServer]?
    let effects = model.apply(.ask(id, question, until: now.monotonic + RecordedExchange.patience, isStreaming: false), at: now)
    for effect in effects {
      switch effect {
      case .sendQuestion(let id, _, .every):
        asked = id
        targets = model.servers.servers.filter(RecordedExchange.answers)
      case .sendQuestion(let id, _, .server(let ref, _)):
        asked = id
        targets = model.servers[ref].map { [$0] }?.filter(RecordedExchange.answers) ?? []
      default: note(effect)
      }
    }
    answerProbes(effects)
    if targets == nil { end() }
    return targets
  }

  /// Whoever was silent or gone when the moment was whole is missing, also where documents of it had been read by then: one answer is of one
  /// moment, and who is told as suspect answers nothing.
  private static func answers(_ server: KnownServer) -> Bool { server.isIdentified && server.standing.isWaitedFor }

  /// What the documents of servers answer; nothing of those of whom nothing was kept. For workers.
  ///
  /// - Parameter most: Bytes of all answers together; one that does not fit is told as too large.
  static func answers(of servers: [KnownServer], to form: QuestionForm, _ reading: EpochReading, most: Int) -> [Told] {
    var held = 0
    return servers.compactMap { server in
      guard let told = answer(of: server, to: form, reading) else { return nil }
      guard told.payload.count <= most - held else {
        return Told(server: told.server, reply: told.reply, payload: [], rtt: told.rtt, isTooLarge: true)
      }
      held += told.payload.count
      var read = told
      read.parsed = told.payload.isEmpty ? nil : ReplyReader.parse(told.payload, form)
      return read
    }
  }

  private static func answer(of server: KnownServer, to form: QuestionForm, _ reading: EpochReading) -> Told? {
    guard let recorded = reading.server(server.id) else { return nil }
    var reply = recorded.answer(form)
    if case .notRecorded(.document(let name)) = reply {
      if let refusal = reading.refusal(name, of: server.id) { reply = .error(refusal) }
      if reading.isLeftOut(name, of: server.id) {
        return Told(server: server.ref, reply: reply, payload: [], rtt: server.rtt ?? .zero, isTooLarge: true)
      }
    }
    // `account/connz` is made of the server's connz.
    let rtt = reading.rtt(form.endpoint.split(separator: "/").last.map(String.init) ?? "", of: server.id)
    return Told(
      server: server.ref, reply: reply, payload: payload(reply, recorded.server, form.envelope), rtt: rtt ?? server.rtt ?? .zero)
  }

  private static func payload(_ reply: RecordedReply, _ server: [UInt8], _ envelope: Endpoint.Envelope) -> [UInt8] {
    switch reply {
    case .silent, .notRecorded: return []
    case .data(let data) where envelope == .bare: return data
    case .data(let data):
      var bytes = Array("{\"server\":".utf8)
      bytes.reserveCapacity(server.count + data.count + 32)
      bytes += server
      bytes += envelope == .statsz ? ",\"statsz\":".utf8 : ",\"data\":".utf8
      bytes += data
      bytes.append(UInt8(ascii: "}"))
      return bytes
    case .error(let error):
      var bytes = Array("{\"server\":".utf8) + server
      bytes += ",\"error\":{\"code\":\(error.code),\"description\":".utf8
      JSONEscaping.append(error.description, to: &bytes)
      bytes += "}}".utf8
      return bytes
    }
  }

  /// Tells the model of a server's reply.
  ///
  /// - Returns: Why the question cannot be answered from what was kept; nil where it can.
  mutating func take(_ told: Told, _ documents: EpochDocuments) -> Refusal? {
    if told.isTooLarge {
      if let asked { apply(.tooLarge(asked, .known(told.server))) }
      return nil
    }
    switch told.reply {
    case .silent: return nil
    case .notRecorded(.document(let name)) where documents.wasAskedFor(name):
      // It was asked and did not answer: it is missing, now as then.
      return nil
    case .notRecorded(let reason):
      return Refusal(.notRecorded, "\(reason.sentence) (epoch \(documents.header.number))")
    case .data, .error: break
    }
    guard let asked, let parsed = told.parsed, let speaker = parsed.speaker(model.servers) else {
      return Refusal(.recordUnreadable, "what was recorded of \(model.servers[told.server]?.name ?? "a server") cannot be read")
    }
    let effects = apply(.reply(asked, speaker, isRefusal: parsed.error != nil))
    for case .keep(_, let ref) in effects { keep(parsed, ref, told.rtt) }
    return nil
  }

  @discardableResult
  private mutating func apply(_ input: Input) -> [Effect] {
    let effects = model.apply(input, at: now)
    for effect in effects { note(effect) }
    answerProbes(effects)
    return effects
  }

  private mutating func keep(_ parsed: ParsedReply, _ ref: ServerRef, _ rtt: Span) {
    guard let server = model.servers[ref] else { return }
    var reply = Reply(
      server: server.description, ordinal: server.ordinal, payload: parsed.payload, serverRange: parsed.serverRange, data: parsed.data,
      error: parsed.error, rtt: rtt)
    if !question.form.rowsOf.isEmpty { reply = AccountRows.checked(reply, account: question.form.rowsOf, now: now.wall) }
    replies.append(reply)
  }

  /// Whoever is probed answers as it stood.
  private mutating func answerProbes(_ effects: [Effect]) {
    for case .sendProbe(let id, let ref, _) in effects {
      guard let server = model.servers[ref], server.standing.isWaitedFor else { continue }
      let beat = Beat(countedServers: server.countedServers, metaLeader: server.metaLeader)
      for effect in model.apply(.probeAnswered(id, server.description, beat), at: now) { note(effect) }
    }
  }

  private mutating func note(_ effect: Effect) {
    if case .finish(let asks, let ending) = effect, asks.contains(id), self.ending == nil { self.ending = ending }
  }

  /// Lets the time run out in which servers may answer.
  private mutating func end() {
    guard ending == nil else { return }
    let late = Instant(monotonic: now.monotonic + RecordedExchange.patience, wall: now.wall + RecordedExchange.patience)
    for effect in model.apply(.tick, at: late) { note(effect) }
  }

  /// What came of it.
  mutating func outcome(_ source: RecordedSource, _ began: MonotonicTime) -> Outcome {
    end()
    let elapsed = source.shard.now - began
    let finishedAt = source.shard.now
    let sorted = replies.sorted { ($0.server.cluster, $0.server.name, $0.server.id) < ($1.server.cluster, $1.server.name, $1.server.id) }
    switch ending {
    case .outcome(_, let completeness)?:
      return Outcome(
        question: question, replies: sorted, completeness: completeness, elapsed: elapsed, finishedAt: finishedAt, now: now.wall,
        mark: source.mark)
    case .obstacle(let obstacle, let completeness)?:
      return Outcome(
        question: question, completeness: completeness, obstacle: obstacle,
        concerned: obstacle.servers.compactMap { model.servers[$0] },
        known: obstacle.isUnknownName ? KnownNames(model.servers) : KnownNames(), elapsed: elapsed, finishedAt: finishedAt, now: now.wall,
        mark: source.mark)
    case nil:
      return Outcome(
        question: question, completeness: .notAsked, obstacle: .notAsked(.busy), elapsed: elapsed, finishedAt: finishedAt, now: now.wall,
        mark: source.mark)
    }
  }
}
