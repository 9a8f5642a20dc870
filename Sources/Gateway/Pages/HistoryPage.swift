import HTTPServer
import Reactor
import Recording
import Synchronization
import SystemAPI
import SystemModel
import Wire

/// `/history`: what the heartbeats of the last quarter of an hour say, and what the record says of any span.
struct HistoryPage: Page {
  let description = PageDescription.history
  let answerer: Answerer
  let reader: any BeliefsReader
  let watch: GatewayWatch
  let keeper: RecordKeeper

  /// How far heartbeats go back, and how much further they may be asked for: a request takes its time.
  private static let heartbeats = Span.seconds(900)
  private static let tolerance = Span.seconds(10)
  /// What only the record can tell.
  private static let recordOnly =
    [PageParameters.until, HistoryParameters.step, HistoryParameters.kind, PageParameters.cluster]
    + HistoryParameters.parts.map(\.parameter)

  func answer(_ page: PageRequest, _ exit: Exit) {
    do throws(Refusal) {
      let now = WallClock.now()
      if let asked = try heartbeats(page, now) { return exit.send(reply(page, asked.fields, since: asked.since, now: now)) }
      try record(page, exit, now)
    } catch {
      exit.send(error.response)
    }
  }

  /// What is asked of heartbeats; nil where the record is meant.
  private func heartbeats(_ page: PageRequest, _ now: Timestamp) throws(Refusal) -> (fields: [HistoryField], since: Timestamp)? {
    let parameters = ParameterReader(page.query)
    let words = try parameters.words(HistoryParameters.field)
    let since = try parameters.moment(PageParameters.since, now: now) ?? now - HistoryPage.heartbeats
    if case .account = page.path.scope { return nil }
    // Nobody has heard of one that is known by the record alone.
    guard reader.unknownScope(page.path.scope, page.request) == nil, since >= now - HistoryPage.heartbeats - HistoryPage.tolerance,
      HistoryPage.recordOnly.allSatisfy({ parameters.value($0) == nil })
    else { return nil }
    var fields: [HistoryField] = []
    for word in words {
      guard let field = HistoryField(rawValue: word) else { return nil }
      if !fields.contains(field) { fields.append(field) }
    }
    return (fields.isEmpty ? [.inMessagesRate, .outMessagesRate, .inBytesRate, .outBytesRate] : fields, since)
  }

  // MARK: The record

  private func record(_ page: PageRequest, _ exit: Exit, _ now: Timestamp) throws(Refusal) {
    // Whatever is wrong with the rest of the question is said before anybody is asked for the account.
    _ = try HistoryQuestion(page, account: "", reader: reader, now: now)
    var account = ParameterReader(page.query).text(PageParameters.account)
    if case .account(let name) = page.path.scope {
      guard account.isEmpty || account == name else {
        throw Refusal(.badParameter, "account=\(account) is another account than the path's")
      }
      account = name
    }
    guard !account.isEmpty else { return read(try HistoryQuestion(page, account: "", reader: reader, now: now), page, exit, now) }
    answerer.accountID(account, page.request) { id in
      do throws(Refusal) {
        read(try HistoryQuestion(page, account: id ?? account, reader: reader, now: now), page, exit, now)
      } catch {
        exit.send(error.response)
      }
    }
  }

  private func read(_ question: HistoryQuestion, _ page: PageRequest, _ exit: Exit, _ now: Timestamp) {
    let settings = keeper.settings.withLock { $0 }
    guard settings.asks else {
      let sentence = "nothing is recorded: without --record there are the heartbeats of the last quarter of an hour alone"
      return exit.send(Refusal(.notRecorded, sentence).response)
    }
    let headers = reader.rosterHeaders(page.path.scope)
    keeper.read({ store throws(RecordError) -> HistoryPage.Told in
      switch try HistoryReading(question, store, every: settings.every).read() {
      case .refused(let refusal): .refused(refusal)
      case .found(let found): .document(HistoryDocument(question: question, found: found, now: now).bytes)
      }
    }) { result in
      switch result {
      case .success(.document(let bytes)): exit.send(.json(bytes, headers: headers))
      case .success(.refused(let refusal)): exit.send(refusal.response)
      case .failure(let error): exit.send(Refusal(error).response)
      }
    }
  }

  private enum Told: Sendable {
    case document([UInt8])
    case refused(Refusal)
  }

  // MARK: Heartbeats

  private func reply(_ page: PageRequest, _ fields: [HistoryField], since: Timestamp, now: Timestamp) -> HTTPResponse {
    let parameters = ParameterReader(page.query)
    var entries = reader.servers(in: page.path.scope)
    let server = parameters.text(PageParameters.server)
    if !server.isEmpty { entries = entries.filter { $0.name == server || $0.id == server } }
    var json = JSONWriter(capacity: entries.count * fields.count * 600)
    json.object { json in
      json.member("now", now.rfc3339)
      json.member("source", "heartbeats")
      json.member("since", since.rfc3339)
      json.member("fields", fields.map(\.rawValue))
      json.key("servers")
      json.array { json in
        for entry in entries {
          let (before, samples) = watch.history.samples(entry.id, since: since.unixNanoseconds / 1_000_000)
          if samples.isEmpty { continue }
          json.object { write(entry, before, samples, fields, to: &$0) }
        }
      }
    }
    return .json(json.bytes + [0x0A], headers: reader.rosterHeaders(page.path.scope))
  }

  private func write(
    _ entry: KnownServer, _ before: HistorySample?, _ samples: ArraySlice<HistorySample>, _ fields: [HistoryField],
    to json: inout JSONWriter
  ) {
    json.key("server")
    json.object { json in
      json.member("name", entry.name)
      json.member("id", entry.id)
      json.member("cluster", unlessEmpty: entry.cluster)
    }
    json.key("times")
    json.array { json in for sample in samples { json.double(Double(sample.time) / 1000) } }
    json.key("values")
    json.object { json in
      for field in fields {
        json.key(field.rawValue)
        json.array { json in
          var last = before
          for sample in samples {
            if let value = field.value(sample, before: last) { json.double(value) } else { json.null() }
            last = sample
          }
        }
      }
    }
  }
}
