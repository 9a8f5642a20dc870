import HTTPServer
import Reactor
import SystemAPI
import Wire

extension Gateway {
  /// `/events`: the event stream.
  func eventsPage(_ page: PageRequest, _ responder: Exit) {
    do throws(Refusal) {
      let parameters = PageParameters(query: page.query)
      let filter = try eventFilter(page, parameters)
      let replay = try parameters.count("replay", 0, most: 1000)
      guard !watch.feed.isFull else {
        throw Refusal(.tooManyReaders, "\(watch.feed.readerCount) readers of events are connected; no more are taken")
      }
      if page.request.http?.method == .head {
        return Gateway.send(HTTPResponse(contentType: "text/event-stream"), responder)
      }
      let lastEventID = page.request.http?.head.header("last-event-id") ?? RequestOptions.value(page.query, "last_event_id")
      // Proxies that gather a response before they pass it on would hold an event stream back for ever.
      let stream = responder.stream(
        contentType: "text/event-stream", headers: [HTTPHeader("X-Accel-Buffering", "no")],
        endless: true)
      watch.feed.add(stream, filter, lastEventID: lastEventID, replay: replay)
    } catch {
      Gateway.send(error.response, responder)
    }
  }

  private func eventFilter(_ page: PageRequest, _ parameters: PageParameters) throws(Refusal) -> EventFilter {
    var filter = EventFilter()
    filter.seesSecrets = page.request.maySeeSecrets
    if let word = filter.readKinds(parameters.text("type")) {
      let known = WatchedEventKind.allCases.map(\.rawValue).joined(separator: ", ")
      throw RequestOptions.refusal("type", word, "\(known); with - in front: all but that")
    }
    filter.account = parameters.text("account")
    filter.server = parameters.text("server")
    filter.cluster = parameters.text("cluster")
    filter.client = parameters.text("client").lowercased()
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
      let parameters = PageParameters(query: page.query)
      let now = Timestamp.now()
      var query = ClosedQuery()
      query.client = parameters.text("client").lowercased()
      query.reason = parameters.text("reason").lowercased()
      query.host = parameters.text("host")
      query.user = parameters.text("user")
      query.server = parameters.text("server")
      query.cluster = parameters.text("cluster")
      query.account = parameters.text("account")
      query.since = try parameters.since("since", now: now)
      if let value = RequestOptions.value(page.query, "cid") {
        guard let cid = UInt64(value) else { throw RequestOptions.refusal("cid", value, "a whole number") }
        query.cid = cid
      }
      switch page.path.scope {
      case .system: break
      case .cluster(let name): query.cluster = name
      case .server(let name, let cluster):
        query.server = name
        query.cluster = cluster ?? query.cluster
      case .account(let name): query.account = name
      }
      let offset = try parameters.count("offset", 0, most: 1 << 31)
      let limit = try parameters.count("limit", 100, most: 10_000)
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
