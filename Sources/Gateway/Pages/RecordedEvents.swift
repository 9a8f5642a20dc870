import HTTPServer
import Reactor
import Recording
import SystemAPI
import SystemModel
import Wire

/// From when to when recorded events are asked for.
struct EventSpan: Sendable {
  /// How far it goes back where only its end is said.
  private static let usual = Span.seconds(3600)

  let since: Timestamp
  let until: Timestamp
  let now: Timestamp

  /// nil where those are asked for that happen.
  init?(_ page: PageRequest, now: Timestamp) throws(Refusal) {
    let parameters = ParameterReader(page.query)
    let since = try parameters.moment(PageParameters.since, now: now)
    let until = try parameters.moment(PageParameters.until, now: now)
    guard since != nil || until != nil else {
      for parameter in [EventsParameters.offset, EventsParameters.limit] where parameters.value(parameter) != nil {
        throw Refusal(.badParameter, "\(parameter.name)= is for what was recorded, from since= to until=; those that happen have no pages")
      }
      return nil
    }
    for parameter in EventsParameters.ofTheStream where parameters.value(parameter) != nil {
      throw Refusal(.badParameter, "\(parameter.name)= is for the events that happen; since= and until= ask for what was recorded")
    }
    self.now = now
    self.until = until ?? now
    self.since = since ?? self.until - EventSpan.usual
    guard self.since <= self.until else {
      throw Refusal(.badParameter, "since=\(self.since.rfc3339) is later than until=\(self.until.rfc3339)")
    }
  }
}

/// `/events?since=`: the events that epochs kept.
struct RecordedEvents {
  let answerer: Answerer
  let keeper: RecordKeeper

  func answer(_ page: PageRequest, _ filter: EventFilter, _ span: EventSpan, _ exit: Exit) {
    var reading: EventReading
    do throws(Refusal) {
      reading = try EventReading(page, filter)
    } catch {
      return exit.send(error.response)
    }
    reading.span = (span.since, span.until)
    let (scope, unknown) = (page.path.scope, answerer.reader.unknownScope(page.path.scope, page.request))
    answerer.accountID(filter.account, page.request) { [keeper] id in
      let reading = reading.of(account: id)
      let isMemory = !keeper.asks
      // One that nobody knows by now may have been there.
      let stranger: Refusal? =
        if case .account(let name) = scope, id == nil { Refusal(.unknownAccount, "no account named \"\(name)\"") } else { unknown }
      keeper.read({ store throws(RecordError) -> Result<[UInt8], Refusal> in
        guard let found = try reading.read(store) else {
          return .failure(.notRecorded(since: span.since, until: span.until, try store.extent()))
        }
        if let stranger, found.total == 0, try RecordedEvents.isUnknown(scope, span, store) { return .failure(stranger) }
        return .success(RecordedEvents.body(found, reading, span, isMemory: isMemory))
      }) { result in
        switch result {
        case .success(.success(let body)): exit.send(.json(body))
        case .success(.failure(let refusal)): exit.send(refusal.response)
        case .failure(let error): exit.send(Refusal(error).response)
        }
      }
    }
  }

  private static func isUnknown(_ scope: PathScope, _ span: EventSpan, _ store: any RecordStore) throws(RecordError) -> Bool {
    if case .account = scope { return true }
    return !(try RecordedRoster(store, since: span.since, until: span.until).knows(scope))
  }

  private static func body(_ found: EventReading.Found, _ reading: EventReading, _ span: EventSpan, isMemory: Bool) -> [UInt8] {
    var json = JSONWriter(indent: 2)
    json.object { json in
      json.member("now", span.now.rfc3339)
      json.member("since", span.since.rfc3339)
      json.member("until", span.until.rfc3339)
      json.member("source", isMemory ? "memory" : "record")
      found.write(reading, to: &json)
    }
    return json.bytes + [0x0A]
  }
}
