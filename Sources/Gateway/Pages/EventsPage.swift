import HTTPServer
import Reactor
import SystemAPI
import Wire

/// `/events`: the system's events as they happen.
struct EventsPage: Page {
  let description = PageDescription.events
  let answerer: Answerer
  let watch: GatewayWatch

  func answer(_ page: PageRequest, _ exit: Exit) {
    do throws(Refusal) {
      let parameters = ParameterReader(page.query)
      let filter = try eventFilter(page, parameters)
      let replay = try parameters.number(EventsParameters.replay) ?? 0
      answerer.accountID(filter.account, page.request) { id in
        do throws(Refusal) {
          var filter = filter
          if let id { filter.account = id }
          try stream(page, parameters, filter, replay, exit)
        } catch {
          exit.send(error.response)
        }
      }
    } catch {
      exit.send(error.response)
    }
  }

  private func stream(
    _ page: PageRequest, _ parameters: ParameterReader, _ filter: EventFilter, _ replay: Int, _ exit: Exit
  ) throws(Refusal) {
    guard !watch.feed.isFull else {
      throw Refusal(.tooManyReaders, "\(watch.feed.readerCount) readers of events are connected; no more are taken")
    }
    if page.request.http?.method == .head {
      return exit.send(HTTPResponse(contentType: "text/event-stream"))
    }
    let lastEventID = page.request.http?.head.header("last-event-id") ?? parameters.value(EventsParameters.lastEventID)
    // The feed has taken secrets out, once for all readers. Proxies that gather a response before they pass it on would hold an event stream back for ever.
    let stream = exit.stream(
      contentType: "text/event-stream", headers: [HTTPHeader("X-Accel-Buffering", "no")],
      endless: true, isDisclosed: true)
    watch.feed.add(stream, filter, lastEventID: lastEventID, replay: replay)
  }

  private func eventFilter(_ page: PageRequest, _ parameters: ParameterReader) throws(Refusal) -> EventFilter {
    var filter = EventFilter()
    filter.seesSecrets = page.request.maySeeSecrets
    if let word = filter.readKinds(parameters.text(EventsParameters.type)) {
      let known = WatchedEventKind.allCases.map(\.rawValue).joined(separator: ", ")
      throw ParameterReader.refusal(EventsParameters.type, word, accepted: "\(known); with - in front: all but that")
    }
    filter.account = parameters.text(PageParameters.account)
    filter.server = parameters.text(PageParameters.server)
    filter.cluster = parameters.text(PageParameters.cluster)
    filter.client = parameters.text(PageParameters.client).lowercased()
    switch page.path.scope {
    case .system: break
    case .cluster(let name): filter.cluster = name
    case .server(let name, let cluster):
      filter.server = name
      filter.cluster = cluster ?? ""
    case .account(let name):
      // A tenant sees nothing but its own: events without an account are not for it.
      filter.account = name
    }
    return filter
  }
}
