import HTTPServer
import SystemAPI

extension EventReading {
  init(_ page: PageRequest, _ filter: EventFilter) throws(Refusal) {
    self.init(filter: filter)
    let parameters = ParameterReader(page.query)
    if let offset = try parameters.number(EventsParameters.offset) { self.offset = offset }
    if let limit = try parameters.number(EventsParameters.limit) { self.limit = limit }
  }

  /// The same of the account with this id; of the one that was named where nobody knows it.
  func of(account id: String?) -> EventReading {
    guard let id else { return self }
    var filter = filter
    filter.account = id
    var reading = EventReading(filter: filter)
    (reading.span, reading.offset, reading.limit) = (span, offset, limit)
    return reading
  }
}
