import Foundation
import TestSupport
import Testing

/// A whole system read as if it were one server, against what its servers' own ports say.
@Suite struct MergedPathTests {
  private typealias Object = [String: Any]

  private func number(_ object: Object, _ name: String) -> Int { object[name] as? Int ?? -1 }

  @Test func theSystemAsOneServer() throws {
    let system = try Supercluster()
    var clients: [RawNATS] = []
    for (place, server) in system.servers.enumerated() {
      for count in 0...place % 3 {
        let client = try RawNATS(port: server.port, user: "a", password: "a")
        try client.subscribe("work.\(place).\(count)")
        try client.flush()
        clients.append(client)
      }
    }
    let pinned = freePort()
    let gateway = try NatsightProcess.serve([
      "--server", system.systemURL, "--listen", "127.0.0.1:0", "--listen", "127.0.0.1:\(pinned)=/merged",
    ])
    let port = try gateway.httpPort()
    try eventually("all six are known") { (try RawHTTP.get(port: port, "/varz").json()["servers"] as? [Any])?.count == 6 }
    try varz(system, port, pinned)
    try connections(system, port)
    try subscriptions(system, port)
    try health(system, port)
    withExtendedLifetime(clients) {}
  }

  private func varz(_ system: Supercluster, _ port: UInt16, _ pinned: UInt16) throws {
    let own = try system.servers.map { try $0.monitor("/varz") }
    for (place, path) in [(port, "/merged/varz"), (pinned, "/varz")] {
      let reply = try RawHTTP.get(port: place, path)
      let all = try reply.json()
      #expect(reply.headers["natsight-complete"] == "true" && reply.headers["natsight-responded"] == "6/6")
      for name in ["connections", "total_connections", "leafnodes", "max_connections", "cores"] {
        #expect(number(all, name) == own.map { number($0, name) }.reduce(0, +), "\(name)")
      }
      #expect(all["server_name"] as? String == "all" && all["version"] as? String == own[0]["version"] as? String)
      #expect(all["start"] as? String == own.compactMap { $0["start"] as? String }.min())
    }
    let cluster = try RawHTTP.get(port: port, "/cluster/B/merged/varz").json()
    #expect(cluster["server_name"] as? String == "cluster/B")
    #expect(number(cluster, "connections") == own[3...4].map { number($0, "connections") }.reduce(0, +))
  }

  private func connections(_ system: Supercluster, _ port: UInt16) throws {
    let own = try system.servers.flatMap { server in
      (try server.monitor("/connz?acc=USERS&sort=start")["connections"] as? [Object] ?? []).map { (server.name, number($0, "cid")) }
    }
    let all = try RawHTTP.get(port: port, "/merged/connz?acc=USERS").json()
    let rows = try #require(all["connections"] as? [Object])
    #expect(Set(rows.map { "\($0["server_name"] ?? "") \(number($0, "server_cid"))" }) == Set(own.map { "\($0.0) \($0.1)" }))
    #expect(number(all, "total") == own.count && number(all, "num_connections") == own.count)
    #expect(Set(rows.map { number($0, "cid") }).count == rows.count, "each cid is its own")
    #expect(rows.map { number($0, "cid") } == rows.map { number($0, "cid") }.sorted())
    // Pages of one order do not overlap and leave nothing out.
    var paged: [Int] = []
    for offset in stride(from: 0, to: own.count + 3, by: 3) {
      let page = try RawHTTP.get(port: port, "/merged/connz?acc=USERS&sort=start&offset=\(offset)&limit=3").json()
      #expect(number(page, "offset") == offset && number(page, "limit") == 3)
      paged += (page["connections"] as? [Object] ?? []).map { number($0, "cid") }
    }
    #expect(paged.count == own.count && Set(paged) == Set(rows.map { number($0, "cid") }))
    // A cid of a merged row asks its server alone, and gives the same row.
    for row in rows where number(row, "server_cid") > 0 {
      guard row["kind"] as? String == "Client" else { continue }
      let one = try RawHTTP.get(port: port, "/merged/connz?cid=\(number(row, "cid"))").json()
      let found = try #require((one["connections"] as? [Object])?.first)
      #expect(number(found, "cid") == number(row, "cid") && found["server_id"] as? String == row["server_id"] as? String)
      #expect(number(found, "port") == number(row, "port") && number(one, "num_connections") == 1)
    }
    #expect(try RawHTTP.get(port: port, "/merged/connz?sort=bogus").status == 400)
    let tooMany = try RawHTTP.get(port: port, "/merged/connz?limit=100001")
    #expect(tooMany.status == 400 && tooMany.text.contains("format=ndjson"))
    #expect(try RawHTTP.get(port: port, "/merged/connz?sort=idle").status == 501, "nobody here means idleness by it")
  }

  private func subscriptions(_ system: Supercluster, _ port: UInt16) throws {
    try eventually("the lists agree") {
      let own = try system.servers.flatMap { try $0.monitor("/subsz?subs=1&acc=USERS")["subscriptions_list"] as? [Object] ?? [] }
      let all = try RawHTTP.get(port: port, "/merged/subsz?subs=1&acc=USERS&sort=subject").json()
      let subjects = (all["subscriptions_list"] as? [Object] ?? []).map { $0["subject"] as? String ?? "" }
      return subjects == own.map { $0["subject"] as? String ?? "" }.sorted() && number(all, "total") == own.count
    }
    let routes = try RawHTTP.get(port: port, "/merged/routez").json()
    #expect(number(routes, "num_routes") == 8, "six in A, two in B")
    let account = try RawHTTP.get(port: port, "/account/USERS/merged/connz").json()
    #expect(account["server_id"] as? String == "account/USERS")
  }

  private func health(_ system: Supercluster, _ port: UInt16) throws {
    try eventually("all are well") {
      let reply = try RawHTTP.get(port: port, "/merged/healthz")
      return reply.status == 200 && reply.text == "{\"status\":\"ok\"}"
    }
    system.b[1].process.freeze()
    defer { system.b[1].process.thaw() }
    let reply = try RawHTTP.get(port: port, "/merged/healthz?timeout=5s")
    #expect(reply.status == 503 && reply.text.contains("no answer from b2"), "\(reply.status) \(reply.text)")
    let varz = try RawHTTP.get(port: port, "/merged/varz")
    #expect(varz.status == 200 && varz.headers["natsight-complete"] == "false" && varz.headers["natsight-missing"] == "b2")
  }
}
