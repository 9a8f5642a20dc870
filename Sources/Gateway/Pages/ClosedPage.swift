import HTTPServer
import Reactor
import SystemAPI
import Wire

/// `/closed`: the record of closed connections.
struct ClosedPage: Page {
  let description = PageDescription.closed
  let reader: any BeliefsReader
  let watch: GatewayWatch

  func answer(_ page: PageRequest, _ exit: Exit) {
    do throws(Refusal) {
      exit.send(try reply(page))
    } catch {
      exit.send(error.response)
    }
  }

  private func reply(_ page: PageRequest) throws(Refusal) -> HTTPResponse {
    let parameters = ParameterReader(page.query)
    let now = WallClock.now()
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
      json.member("since", watch.startedAt.rfc3339)
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
  }
}
