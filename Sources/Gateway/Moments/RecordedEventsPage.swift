import HTTPServer
import Reactor
import Recording
import SystemAPI
import Wire

/// `/events?at=`: the events between a recorded moment and the one before it.
struct RecordedEventsPage: Page {
  let description = PageDescription.events
  let source: RecordedSource
  let answerer: Answerer

  func answer(_ page: PageRequest, _ exit: Exit) {
    let filter: EventFilter
    var reading: EventReading
    do throws(Refusal) {
      let parameters = ParameterReader(page.query)
      for parameter in [PageParameters.since, PageParameters.until] where parameters.value(parameter) != nil {
        throw Refusal(.badParameter, "\(parameter.name)= and at= exclude each other: at= is of one epoch")
      }
      filter = try EventFilter(page)
      reading = try EventReading(page, filter)
    } catch {
      return exit.send(error.response)
    }
    answerer.accountID(filter.account, page.request) { [source] id in
      reading = reading.of(account: id)
      let (store, header, reading) = (source.documents.store, source.documents.header, reading)
      let isTaken = RecordKeeper.workers.run {
        do throws(RecordError) {
          guard let found = try reading.read(store, ofEpoch: header.number) else {
            throw RecordError.gone(epoch: header.number)
          }
          exit.send(.json(RecordedEventsPage.body(found, reading, header)))
        } catch {
          exit.send(RecordedEventsPage.refusal(error, header).response)
        }
      }
      if !isTaken { exit.send(Refusal(.recordUnreadable, "too much of the record is being read at once").response) }
    }
  }

  private static func refusal(_ error: RecordError, _ header: EpochHeader) -> Refusal {
    guard case .gone = error else { return Refusal(error) }
    return Refusal(.notRecorded, "epoch \(header.number) does not tell which events came before it")
  }

  private static func body(_ found: EventReading.Found, _ reading: EventReading, _ header: EpochHeader) -> [UInt8] {
    var json = JSONWriter(indent: 2)
    json.object { json in
      json.member("at", header.at.rfc3339)
      json.member("epoch", header.number)
      found.write(reading, to: &json)
    }
    return json.bytes + [0x0A]
  }
}
