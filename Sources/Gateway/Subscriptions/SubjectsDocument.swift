import Wire

/// The answer of `/subjects`: who would receive a subject, or a level of the tree of subjects.
struct SubjectsDocument: Sendable {
  let known: SubscriptionReadings.Known
  let question: SubjectQuestion
  let now: Timestamp
  /// Names of clients by their servers' ids and their numbers there, as far as they are known.
  var clients: [ClientKey: String] = [:]

  struct ClientKey: Hashable, Sendable {
    let server: String
    let cid: UInt64
  }

  var body: [UInt8] {
    let reading = known.reading
    let rows = question.rows(of: reading)
    let branches = question.subject.isEmpty ? SubjectBranch.all(reading, rows, question) : nil
    var json = JSONWriter(indent: 2, capacity: 4096 + min(question.limit, rows.count) * 300)
    json.object { json in
      known.writeHead(now, to: &json)
      json.member("total", max(reading.total, reading.rows.count))
      json.member("read", reading.rows.count)
      // Of a level of the tree, those below it.
      json.member("matched", branches.map { $0.reduce(0) { $0 + $1.subscriptions } } ?? rows.count)
      json.member("offset", question.offset)
      json.member("limit", question.limit)
      if let branches { writeLevel(branches, to: &json) } else { writeReceivers(rows, to: &json) }
    }
    return json.bytes + [0x0A]
  }

  private func page<Element>(_ all: [Element]) -> ArraySlice<Element> { all.dropFirst(question.offset).prefix(question.limit) }

  private func writeLevel(_ branches: [SubjectBranch], to json: inout JSONWriter) {
    let above = question.below.joined(separator: ".")
    json.member("below", above)
    json.member("branches", branches.count)
    json.arrayMember("tokens") { json in
      for branch in page(branches) {
        json.object { json in
          json.member("token", branch.token)
          json.member("subject", above.isEmpty ? branch.token : "\(above).\(branch.token)")
          json.member("subscriptions", branch.subscriptions)
          json.member("ending", branch.ending)
          json.member("branches", branch.branches)
          json.member("queues", unlessEmpty: branch.queues)
          json.member("accounts", unlessEmpty: branch.accounts)
          json.member("rated", branch.rated)
          // Where no rate is known the sum is not zero: it is not known.
          if branch.rated > 0 { json.member("rate", (branch.rate * 100).rounded() / 100) }
        }
      }
    }
  }

  private func writeReceivers(_ rows: [Int], to json: inout JSONWriter) {
    let reading = known.reading
    let sorted = rows.sorted { (reading.rows[$0].subject, $0) < (reading.rows[$1].subject, $1) }
    let grouped = rows.filter { !reading.rows[$0].queue.isEmpty }
    json.member("subject", question.subject)
    json.member("alone", rows.count - grouped.count)
    json.member("queue_groups", Set(grouped.map { [reading.rows[$0].account, reading.rows[$0].queue] }).count)
    json.arrayMember("subscriptions") { json in
      for place in page(sorted) { json.object { write(place, to: &$0) } }
    }
  }

  private func write(_ place: Int, to json: inout JSONWriter) {
    let row = known.reading.rows[place]
    let server = known.reading.servers[row.server]
    json.member("subject", row.subject)
    json.member("qgroup", unlessEmpty: row.queue)
    json.member("account", unlessEmpty: row.account)
    json.member("account_tag", unlessEmpty: row.accountName)
    json.member("server_name", server.name)
    json.member("server_id", server.id)
    json.member("cluster", unlessEmpty: server.cluster)
    json.member("cid", row.cid)
    json.member("client", unlessEmpty: clients[ClientKey(server: server.id, cid: row.cid)] ?? "")
    json.member("sid", unlessEmpty: row.sid)
    json.member("msgs", row.messages)
    if let rate = known.reading.rates[place] { json.member("rate", rate) }
  }
}
