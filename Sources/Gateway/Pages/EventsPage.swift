import HTTPServer
import Reactor
import SystemAPI
import Wire

/// `/events`: the system's events as they happen; with `since=` or `until=` those that were recorded.
struct EventsPage: Page {
  let description = PageDescription.events
  let answerer: Answerer
  let watch: GatewayWatch
  let keeper: RecordKeeper

  func answer(_ page: PageRequest, _ exit: Exit) {
    do throws(Refusal) {
      let parameters = ParameterReader(page.query)
      let filter = try EventFilter(page)
      if let span = try EventSpan(page, now: WallClock.now()) {
        return RecordedEvents(answerer: answerer, keeper: keeper).answer(page, filter, span, exit)
      }
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
}
