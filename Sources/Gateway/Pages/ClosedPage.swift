import HTTPServer
import Reactor
import SystemAPI
import Wire

/// `/closed`: the record of closed connections.
struct ClosedPage: Page {
  let description = PageDescription.closed
  let answerer: Answerer
  let watch: GatewayWatch

  func answer(_ page: PageRequest, _ exit: Exit) {
    do throws(Refusal) {
      let asked = try query(page)
      answerer.accountID(asked.query.account, page.request) { id in
        var asked = asked
        if let id { asked.query.account = id }
        let (rows, total) = watch.closed.find(asked.query, offset: asked.offset, limit: asked.limit)
        exit.send(reply(page, asked, rows, total))
      }
    } catch {
      exit.send(error.response)
    }
  }

  private struct Asked {
    var query = ClosedQuery()
    var offset = 0
    var limit = 100
    let now = WallClock.now()
  }

  private func query(_ page: PageRequest) throws(Refusal) -> Asked {
    var asked = Asked()
    let parameters = ParameterReader(page.query)
    var query = ClosedQuery()
    query.client = parameters.text(PageParameters.client).lowercased()
    query.reason = parameters.text(ClosedParameters.reason).lowercased()
    query.host = parameters.text(ClosedParameters.host)
    query.user = parameters.text(ClosedParameters.user)
    query.server = parameters.text(PageParameters.server)
    query.cluster = parameters.text(PageParameters.cluster)
    query.account = parameters.text(PageParameters.account)
    query.since = try parameters.moment(PageParameters.since, now: asked.now)
    query.cid = try parameters.unsigned(ClosedParameters.cid)
    switch page.path.scope {
    case .system: break
    case .cluster(let name): query.cluster = name
    case .server(let name, let cluster):
      query.server = name
      query.cluster = cluster ?? query.cluster
    case .account(let name): query.account = name
    }
    asked.query = query
    if let offset = try parameters.number(ClosedParameters.offset) { asked.offset = offset }
    if let limit = try parameters.number(ClosedParameters.limit) { asked.limit = limit }
    return asked
  }

  private func reply(_ page: PageRequest, _ asked: Asked, _ rows: [ClosedConnection], _ total: Int) -> HTTPResponse {
    let isTenant = if case .account = page.path.scope { true } else { false }
    var json = JSONWriter(indent: 2, capacity: rows.count * 600)
    json.object { json in
      json.member("now", asked.now.rfc3339)
      json.member("since", watch.startedAt.rfc3339)
      // How many there are in all is not a tenant's to know.
      if !isTenant {
        json.member("kept", watch.closed.rows.count)
        json.member("forgotten", watch.closed.forgotten)
      }
      json.member("total", total)
      json.member("offset", asked.offset)
      json.member("limit", asked.limit)
      json.key("closed")
      json.array { json in for row in rows { json.object { row.write(to: &$0) } } }
    }
    return .json(json.bytes + [0x0A], headers: answerer.reader.rosterHeaders(page.path.scope))
  }
}
