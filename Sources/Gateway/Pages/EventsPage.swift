import HTTPServer
import Reactor
import SystemAPI
import Wire

extension Gateway {
  /// `/events`: the event stream.
  func eventsPage(_ page: PageRequest, _ responder: Exit) {
    do throws(Refusal) {
      let parameters = ParameterReader(page.query)
      let filter = try eventFilter(page, parameters)
      let replay = try parameters.number(EventsParameters.replay) ?? 0
      guard !watch.feed.isFull else {
        throw Refusal(.tooManyReaders, "\(watch.feed.readerCount) readers of events are connected; no more are taken")
      }
      if page.request.http?.method == .head {
        return Gateway.send(HTTPResponse(contentType: "text/event-stream"), responder)
      }
      let lastEventID = page.request.http?.head.header("last-event-id") ?? parameters.value(EventsParameters.lastEventID)
      // Proxies that gather a response before they pass it on would hold an event stream back for ever.
      let stream = responder.stream(
        contentType: "text/event-stream", headers: [HTTPHeader("X-Accel-Buffering", "no")],
        endless: true)
      watch.feed.add(stream, filter, lastEventID: lastEventID, replay: replay)
    } catch {
      Gateway.send(error.response, responder)
    }
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

  /// `/closed`: the record of closed connections.
  func closedPage(_ page: PageRequest) -> GatewayReply {
    do throws(Refusal) {
      let parameters = ParameterReader(page.query)
      let now = Timestamp.now()
      var query = ClosedQuery()
      query.client = parameters.text(PageParameters.client).lowercased()
      query.reason = parameters.text(ClosedParameters.reason).lowercased()
      query.host = parameters.text(ClosedParameters.host)
      query.user = parameters.text(ClosedParameters.user)
      query.server = parameters.text(PageParameters.server)
      query.cluster = parameters.text(PageParameters.cluster)
      query.account = parameters.text(PageParameters.account)
      query.since = try parameters.moment(PageParameters.since, now: now)
      query.cid = try parameters.unsigned(ClosedParameters.cid)
      switch page.path.scope {
      case .system: break
      case .cluster(let name): query.cluster = name
      case .server(let name, let cluster):
        query.server = name
        query.cluster = cluster ?? query.cluster
      case .account(let name): query.account = name
      }
      let offset = try parameters.number(ClosedParameters.offset) ?? 0
      let limit = try parameters.number(ClosedParameters.limit) ?? 100
      let isTenant = if case .account = page.path.scope { true } else { false }
      let (rows, total) = watch.closed.find(query, offset: offset, limit: limit)
      var json = JSONWriter(indent: 2, capacity: rows.count * 600)
      json.object { json in
        json.member("now", now.rfc3339)
        json.member("since", startedAt.rfc3339)
        // How many there are in all is not a tenant's to know.
        if !isTenant {
          json.member("kept", watch.closed.rows.count)
          json.member("forgotten", watch.closed.forgotten)
        }
        json.member("total", total)
        json.member("offset", offset)
        json.member("limit", limit)
        json.key("closed")
        json.array { json in for row in rows { json.object { row.write(to: &$0) } } }
      }
      return .json(json.bytes + [0x0A])
    } catch {
      return error.response
    }
  }
}
