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
    try jetStream(system, port, clients[0])
    try accounts(system, port)
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
      // So does its server's id with its number there, which a restart of the gateway changes nothing about.
      let named = try RawHTTP.get(port: port, "/merged/connz?cid=\(row["server_id"] as? String ?? "")/\(number(row, "server_cid"))").json()
      #expect(((named["connections"] as? [Object])?.first).map { number($0, "port") } == number(row, "port"))
    }
    #expect(try RawHTTP.get(port: port, "/merged/connz?cid=NOBODY/3").status == 404)
    #expect(try RawHTTP.get(port: port, "/merged/connz?cid=x/y").status == 400)
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

  /// Streams once, from their leaders; the account's usage as each server tells it, not three times that.
  private func jetStream(_ system: Supercluster, _ port: UInt16, _ client: RawNATS) throws {
    try eventually("JetStream has its leader") {
      try system.a.servers.allSatisfy { server in
        let group = try server.monitor("/jsz")["meta_cluster"] as? Object
        let health = try RawHTTP.get(port: server.monitoringPort, "/healthz")
        return (group?["leader"] as? String)?.isEmpty == false && health.status == 200
      }
    }
    for (name, replicas) in [("ONE", 1), ("THREE", 3)] {
      try eventually("\(name) is there") {
        let wanted = #"{"name":"\#(name)","subjects":["\#(name).>"],"num_replicas":\#(replicas),"storage":"file"}"#
        return try client.request("$JS.API.STREAM.CREATE.\(name)", wanted).json["config"] != nil
      }
      let consumer = #"{"stream_name":"\#(name)","config":{"durable_name":"D","ack_policy":"explicit"}}"#
      _ = try client.request("$JS.API.CONSUMER.DURABLE.CREATE.\(name).D", consumer)
      for number in 0..<10 { _ = try client.request("\(name).\(number)", "message") }
    }
    try eventually("the merged streams are what their leaders say") {
      let own = try system.a.servers.map { ($0.name, try $0.monitor("/jsz?consumers=1&config=1")) }
      let all = try RawHTTP.get(port: port, "/merged/jsz?consumers=1&config=1").json()
      guard let account = (all["account_details"] as? [Object])?.first, let streams = account["stream_detail"] as? [Object] else {
        return false
      }
      let storages = own.compactMap { ($0.1["account_details"] as? [Object])?.first.map { number($0, "storage") } }
      let led = own.flatMap { name, document in
        ((document["account_details"] as? [Object])?.first?["stream_detail"] as? [Object] ?? []).filter {
          ($0["cluster"] as? Object)?["leader"] as? String == name
        }
      }
      func messages(_ streams: [Object]) -> [String] {
        streams.map { "\($0["name"] ?? "") \(number($0["state"] as? Object ?? [:], "messages"))" }.sorted()
      }
      return messages(streams) == ["ONE 10", "THREE 10"] && messages(streams) == messages(led)
        && streams.allSatisfy { ($0["consumer_detail"] as? [Object])?.count == 1 }
        && Set(storages).count == 1 && number(account, "storage") == storages[0]
        && number(all, "storage") == own.map { number($0.1, "storage") }.reduce(0, +)
        && number(all, "streams") == own.map { number($0.1, "streams") }.reduce(0, +)
    }
    let leader = try RawHTTP.get(port: port, "/merged/jsz?leader-only=1")
    #expect(leader.status == 200, "\(leader.text)")
    let page = try RawHTTP.get(port: port, "/merged/jsz?accounts=1&offset=1&limit=5").json()
    #expect((page["account_details"] as? [Any])?.count == 0 && number(page, "total") <= 1)
  }

  /// Accounts added up over the servers.
  private func accounts(_ system: Supercluster, _ port: UInt16) throws {
    try eventually("the sums agree") {
      let own = try system.servers.map { try $0.monitor("/accstatz?unused=1")["account_statz"] as? [Object] ?? [] }
      let all = try RawHTTP.get(port: port, "/merged/accstatz?unused=1").json()["account_statz"] as? [Object] ?? []
      return all.count == 4
        && ["USERS", "OTHER"].allSatisfy { name in
          let sum = own.flatMap { $0.filter { $0["acc"] as? String == name } }.map { number($0, "total_conns") }.reduce(0, +)
          return all.first { $0["acc"] as? String == name }.map { number($0, "total_conns") } == sum
        }
    }
    let names = try RawHTTP.get(port: port, "/merged/accountz").json()["accounts"] as? [String]
    #expect(names == ["$G", "OTHER", "SYS", "USERS"])
    let gateways = try RawHTTP.get(port: port, "/merged/gatewayz").json()
    #expect(Set((gateways["outbound_gateways"] as? Object ?? [:]).keys) == ["A", "B"])
    let leafs = try RawHTTP.get(port: port, "/merged/leafz").json()
    #expect(number(leafs, "leafnodes") == 4, "two links, each seen from both ends")
    let user = try RawHTTP.get(port: port, "/account/USERS/merged/info").json()
    #expect(user["account_name"] as? String == "USERS")
    // Three of the six have no JetStream and say so: that is an answer.
    let usage = try RawHTTP.get(port: port, "/account/USERS/merged/jsz")
    #expect(usage.status == 200 && usage.headers["natsight-complete"] == "true" && usage.headers["natsight-responded"] == "6/6")
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
