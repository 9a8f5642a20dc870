import Wire

/// The answer of `/connections`: a page of rows, or of groups, with the totals of all that fit.
struct ConnectionsDocument: Sendable {
  let known: ConnectionReadings.Known
  let question: ConnectionQuestion
  let now: Timestamp

  var body: [UInt8] {
    let reading = known.reading
    let rows = question.rows(of: reading)
    var totals = ConnectionGroup("")
    for place in rows { totals.add(reading.rows[place], reading.rates[place]) }
    let groups = question.grouping.map { question.sorted(ConnectionGroup.groups(reading, rows, by: $0)) }
    var json = JSONWriter(indent: 2, capacity: 4096 + min(question.limit, rows.count) * 900)
    json.object { json in
      known.writeHead(now, to: &json)
      json.member("total", max(reading.total, reading.rows.count))
      json.member("read", reading.rows.count)
      json.member("matched", rows.count)
      json.member("sort", question.order.rawValue)
      json.member("order", question.isAscending ? "ascending" : "descending")
      json.member("offset", question.offset)
      json.member("limit", question.limit)
      json.objectMember("totals") { totals.write(to: &$0) }
      if let groups, let grouping = question.grouping {
        json.member("group", grouping.rawValue)
        json.member("group_count", groups.count)
        json.arrayMember("groups") { json in
          for group in page(groups) {
            json.object { json in
              json.member("name", group.name)
              group.write(to: &json)
            }
          }
        }
      } else {
        json.arrayMember("connections") { json in
          for place in page(rows) { json.object { write(place, to: &$0) } }
        }
      }
    }
    return json.bytes + [0x0A]
  }

  private func page<Element>(_ all: [Element]) -> ArraySlice<Element> { all.dropFirst(question.offset).prefix(question.limit) }

  private func write(_ place: Int, to json: inout JSONWriter) {
    let row = known.reading.rows[place]
    let server = known.reading.servers[row.server]
    json.member("server_name", server.name)
    json.member("server_id", server.id)
    json.member("cluster", unlessEmpty: server.cluster)
    row.write(to: &json)
    if let rates = known.reading.rates[place] { json.objectMember("rates") { rates.write(to: &$0) } }
  }
}
