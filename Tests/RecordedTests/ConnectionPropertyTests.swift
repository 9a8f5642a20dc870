import Recorded
import SystemAPI
import Testing
import Wire

/// What holds for connz whatever it is asked for.
@Suite struct ConnectionPropertyTests {
  private static let full = #""auth":true,"subscriptions":true"#
  private static let sorts = Endpoint.connz.rows?.sorts.map(\.name).filter { $0 != "stop" && $0 != "reason" } ?? []

  private struct Page {
    let rows: [String]
    let cids: [Int]
    let count: Int
    let total: Int
  }

  private func ask(_ server: RecordedServer, _ options: String) throws -> Page {
    let text = Made.text(server.answer(Made.form(.connz, options)))
    let document = try JSONView(validating: Array(text.utf8))
    let rows = document["connections"]?.elements ?? []
    return Page(
      rows: rows.map(\.rawText), cids: rows.compactMap { $0["cid"]?.int }, count: document["num_connections"]?.int ?? -1,
      total: document["total"]?.int ?? -1)
  }

  private func server(_ made: MadeConnections, version: String) -> RecordedServer {
    Made.recorded(
      version,
      [
        "connz": Made.connz(made.rows.map(\.text)), "accountz": #"{"accounts":["A","B","$G"]}"#,
        "leafz": #"{"leafnodes":0,"leafs":null}"#,
      ])
  }

  @Test(arguments: [("2.9.17", 1 as UInt64), ("2.10.29", 2), ("2.12.3", 3), ("2.15.0-dev", 4)])
  func sortingIsAPermutationAndPagesAreTheWhole(_ version: String, _ seed: UInt64) throws {
    let made = MadeConnections(137, seed: seed)
    let server = server(made, version: version)
    let all = made.rows.map(\.text).sorted()
    for sort in Self.sorts {
      let sorted = try ask(server, Self.full + #","sort":"\#(sort)""#)
      #expect(sorted.rows.sorted() == all, "\(sort)")
      #expect(sorted.count == made.rows.count && sorted.total == made.rows.count)
      var joined: [String] = []
      for offset in stride(from: 0, to: 150, by: 25) {
        let page = try ask(server, Self.full + #","sort":"\#(sort)","offset":\#(offset),"limit":25"#)
        #expect(page.count == page.rows.count && page.total == made.rows.count)
        joined += page.rows
      }
      #expect(joined == sorted.rows, "\(sort): pages put together are the whole")
    }
  }

  @Test func rowsComeByTheirKey() throws {
    let made = MadeConnections(90, seed: 7)
    let server = server(made, version: "2.12.3")
    for key in Endpoint.connz.rows?.sorts ?? [] where Self.sorts.contains(key.name) && key.value == .number {
      let rows = try ask(server, #""sort":"\#(key.name)""#).rows
      let values = try rows.map { try JSONView(validating: Array($0.utf8)).member(named: key.field)?.int ?? 0 }
      #expect(values == (key.descending ? values.sorted(by: >) : values.sorted()), "\(key.name)")
    }
  }

  @Test(arguments: ["2.9.10", "2.12.12"]) func filtersShowAllThatFitAndNothingElse(_ version: String) throws {
    let made = MadeConnections(120, seed: 11)
    let server = server(made, version: version)
    for account in ["A", "B", "$G"] {
      let own = made.rows.filter { ($0.account ?? "$G") == account }
      let page = try ask(server, #""acc":"\#(account)""#)
      #expect(page.cids == own.map(\.cid) && page.total == own.count)
      for user in ["u", "v", "w"] {
        let both = try ask(server, #""acc":"\#(account)","user":"\#(user)""#)
        #expect(both.cids == own.filter { $0.user == user }.map(\.cid))
        #expect(both.total == own.count)
      }
    }
    for row in made.rows.prefix(20) { #expect(try ask(server, #""cid":\#(row.cid)"#).cids == [row.cid]) }
  }

  /// What is shown of a row is a part of it, in its order.
  @Test func nothingIsInvented() throws {
    let made = MadeConnections(60, seed: 13)
    let server = server(made, version: "2.11.6")
    let whole = Dictionary(uniqueKeysWithValues: made.rows.map { ($0.cid, $0.text) })
    for options in ["", #""auth":true"#, #""subscriptions":true"#, Self.full] {
      let page = try ask(server, options)
      for (cid, row) in zip(page.cids, page.rows) {
        let shown = try JSONValue(parsing: row).members ?? []
        var rest = (try JSONValue(parsing: whole[cid] ?? "{}").members ?? [])[...]
        for member in shown {
          while let next = rest.first, next != member { rest = rest.dropFirst() }
          #expect(rest.first == member, "\(member) of \(cid)")
        }
        let names = Set(shown.map(\.name))
        #expect(names.contains("of_tomorrow") == (whole[cid]?.contains("of_tomorrow") ?? false))
        #expect(options.contains("auth") || names.isDisjoint(with: ["account", "authorized_user"]))
        #expect(options.contains("subscriptions") || !names.contains("subscriptions_list"))
      }
    }
  }

  /// Of a document that was cut only what does not need the rest is answered.
  @Test func rowsBeyondThoseKeptAreNotRecorded() throws {
    let made = MadeConnections(50, seed: 17)
    let server = Made.recorded(
      "2.12.0",
      ["connz": Made.connz(made.rows.map(\.text), total: 80), "accountz": #"{"accounts":["A"]}"#])
    let missing = RecordedReply.notRecorded(.rows(.connz, kept: 50, of: 80))
    #expect(try ask(server, #""limit":50"#).count == 50)
    #expect(try ask(server, #""offset":40,"limit":10"#).total == 80)
    #expect(try ask(server, #""cid":\#(made.rows[3].cid)"#).cids == [made.rows[3].cid])
    for options in ["", #""offset":41,"limit":10"#, #""sort":"subs","limit":1"#, #""acc":"A""#, #""cid":99999"#, #""user":"u""#] {
      #expect(server.answer(Made.form(.connz, options)) == missing, "\(options)")
    }
  }
}
