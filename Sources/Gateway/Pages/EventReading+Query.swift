import HTTPServer
import SystemAPI

extension EventReading {
  init(_ page: PageRequest, _ filter: EventFilter) throws(Refusal) {
    self.init(filter: filter)
    if case .account = page.path.scope { isOfTenant = true }
    let parameters = ParameterReader(page.query)
    if let offset = try parameters.number(EventsParameters.offset) { self.offset = offset }
    if let limit = try parameters.number(EventsParameters.limit) { self.limit = limit }
  }

  /// The same of the account with this id; of the one that was named where nobody knows it.
  func of(account id: String?) -> EventReading {
    var reading = self
    if let id { reading.filter.account = id }
    return reading
  }
}
