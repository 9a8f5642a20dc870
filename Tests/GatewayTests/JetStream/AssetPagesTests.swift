import TestSupport
import Testing

@testable import Gateway

/// `/streams`, `/consumers`, `/subjects` and an account's own figures, of a real server with JetStream.
@Suite(.serialized) struct AssetPagesTests {
  private typealias Object = [String: Any]

  private struct Bed {
    let server: RealServer
    let gateway: TestGateway
    let client: RawNATS

    init() throws {
      server = try RealServer(RealServer.jetStreamConfiguration(), name: "lone")
      gateway = try TestGateway("nats://sys:s@127.0.0.1:\(server.port)")
      try gateway.untilLive(1)
      client = try RawNATS(port: server.port, user: "record", password: "r", options: ["name": "maker-1"])
    }

    func make(_ call: String, _ body: String) throws {
      let made = try client.request("$JS.API.\(call)", body).json
      #expect(made["error"] == nil, "\(made)")
    }

    func rows(_ path: String, _ member: String) throws -> [Object] { try gateway.json(path)[member] as? [Object] ?? [] }
  }

  @Test func streamsAndConsumersAreListedWithWhatGoesThroughThem() throws {
    let bed = try Bed()
    defer { bed.client.connection.close() }
    try bed.make("STREAM.CREATE.ORDERS", #"{"name":"ORDERS","subjects":["orders.>"],"storage":"memory"}"#)
    try bed.make("STREAM.CREATE.KV_cfg", #"{"name":"KV_cfg","subjects":["$KV.cfg.>"],"storage":"memory"}"#)
    try bed.make(
      "CONSUMER.DURABLE.CREATE.ORDERS.slow", #"{"stream_name":"ORDERS","config":{"durable_name":"slow","ack_policy":"explicit"}}"#)

    #expect(try bed.rows("/streams", "streams").map { "\($0["name"] ?? "") \($0["kind"] ?? "")" } == ["KV_cfg bucket", "ORDERS stream"])
    #expect(try bed.rows("/streams?match=order", "streams").count == 1)
    #expect(
      try bed.rows("/account/RECORD/streams?sort=name&order=descending&limit=1", "streams").map { $0["name"] as? String } == ["ORDERS"])
    let first = try #require(try bed.rows("/streams?stream=ORDERS&account=RECORD", "streams").first)
    #expect((first["config"] as? Object)?["subjects"] as? [String] == ["orders.>"] && first["consumer_detail"] == nil)

    try eventually("its rate is told") {
      for number in 0..<5 { try bed.client.publish("orders.\(number)", "x") }
      try bed.client.flush()
      let rates = try bed.rows("/streams?sort=rate", "streams").first?["rates"] as? Object
      return (rates?["stored"] as? Double ?? 0) > 0
    }
    let consumer = try #require(try bed.rows("/consumers?stream=ORDERS", "consumers").first)
    let standing = try #require(consumer["standing"] as? Object)
    #expect(["waits", "stands_still"].contains(standing["state"] as? String), "\(standing)")
    #expect((consumer["holds"] as? [String])?.contains { $0.contains("Nobody asks") } == true)
    #expect(try bed.rows("/consumers?account=PLAIN", "consumers").isEmpty)
    try bed.make(
      "CONSUMER.DURABLE.CREATE.ORDERS.slower", #"{"stream_name":"ORDERS","config":{"durable_name":"slower","ack_policy":"explicit"}}"#)
    // By its whole name, in a page of one.
    for name in ["slow", "slower"] {
      try eventually("\(name) is found alone") {
        try bed.rows("/consumers?stream=ORDERS&consumer=\(name)&limit=1", "consumers").map { $0["name"] as? String } == [name]
      }
    }
    // An account without JetStream has no streams: nothing is missed.
    let search = try bed.gateway.get("/account/PLAIN/search?q=plain")
    #expect(search.complete == "true")
    let gaps = try search.json()
    #expect(gaps["not_read"] == nil && gaps["left_out"] == nil)
    let long = String(repeating: "x", count: 201)
    let answer = try bed.gateway.get("/streams")
    #expect(answer.complete == "true" && answer.responded == "1/1")
    for (path, status) in [
      ("/streams?sort=size", 400), ("/consumers?sort=bytes", 400), ("/streams?order=up", 400), ("/account/NOBODY/streams", 404),
      ("/server/nobody/consumers", 404), ("/merged/streams", 404), ("/streams?match=\(long)", 400), ("/consumers?match=\(long)", 400),
      ("/subjects?match=\(long)", 400),
    ] {
      #expect(try bed.gateway.get(path).status == status, "\(path)")
    }
  }

  @Test func whoReceivesASubjectIsToldByName() throws {
    let bed = try Bed()
    let listener = try RawNATS(port: bed.server.port, user: "record", password: "r", options: ["name": "worker-7"])
    let stranger = try RawNATS(port: bed.server.port, user: "plain", password: "p", options: ["name": "stranger"])
    defer { for each in [bed.client, listener, stranger] { each.connection.close() } }
    try listener.subscribe("news.*", queue: "workers", sid: "1")
    try listener.subscribe("news.>", sid: "2")
    try stranger.subscribe("news.sport", sid: "1")
    for each in [listener, stranger] { try each.flush() }

    let told = try bed.gateway.json("/subjects?subject=news.sport")
    #expect(told["matched"] as? Int == 3 && told["alone"] as? Int == 2 && told["queue_groups"] as? Int == 1)
    let rows = told["subscriptions"] as? [Object] ?? []
    #expect(Set(rows.compactMap { $0["client"] as? String }) == ["worker-7", "stranger"])
    #expect(try bed.gateway.json("/account/RECORD/subjects?subject=news.sport")["matched"] as? Int == 2)
    #expect(try bed.gateway.json("/subjects?subject=nothing")["matched"] as? Int == 0)

    try eventually("what goes to them is told, a level at a time") {
      for _ in 0..<5 { try bed.client.publish("news.sport", "x") }
      try bed.client.flush()
      let token = try bed.rows("/subjects?sort=rate", "tokens").first
      return token?["token"] as? String == "news" && (token?["rate"] as? Double ?? 0) > 0
    }
    #expect(try bed.rows("/subjects?below=news&sort=name", "tokens").map { $0["token"] as? String } == ["*", ">", "sport"])
    #expect(try bed.gateway.json("/subjects?below=news")["matched"] as? Int == 3)
    #expect(try bed.gateway.json("/subjects?below=news.sport")["matched"] as? Int == 0, "nothing is below it")
    #expect(try bed.gateway.get("/search?q=news.sp&kind=subject").json()["found"] as? Int == 1)
    for query in ["subject=a..b", "below=a%20b", "subject=a&below=b", "sort=size", "system=maybe"] {
      #expect(try bed.gateway.get("/subjects?\(query)").status == 400, "\(query)")
    }
  }

  @Test func anAccountHasItsOwnFigures() throws {
    let bed = try Bed()
    defer { bed.client.connection.close() }
    try eventually("its rates are told") {
      try bed.client.publish("x", "12345")
      try bed.client.flush()
      let rows = try bed.rows("/account/RECORD/accounts", "accounts")
      #expect(rows.map { $0["id"] as? String } == ["RECORD"])
      return ((rows.first?["rates"] as? Object)?["received_msgs"] as? Double ?? 0) > 0
    }
    #expect(try bed.gateway.get("/account/NOBODY/accounts").status == 404)
  }
}

/// A stream that was there, and whose only server no longer answers.
@Suite(.serialized) struct UnreachableStreamTests {
  @Test func itIsMissedAndStaysInSight() throws {
    let cluster = try RealCluster(
      3, configuration: testAccounts.replacing("USERS { ", with: "USERS { jetstream: enabled, ")
    ) { "server_tags: [\"away:\($0 > 0)\"]\njetstream { store_dir: \"$DIR/js\", max_mem: 64M, max_file: 256M }\n" }
    let gateway = try TestGateway("nats://admin:changeit@127.0.0.1:\(cluster[0].port)")
    try gateway.untilLive(3)
    let client = try RawNATS(port: cluster[0].port, user: "a", password: "a")
    defer { client.connection.close() }
    try eventually("there is a leader to make a stream") {
      try client.request(
        "$JS.API.STREAM.CREATE.METRICS", #"{"name":"METRICS","subjects":["m"],"storage":"memory","placement":{"tags":["away:true"]}}"#
      ).json["config"] != nil
    }
    func stream() throws -> [String: Any]? { (try gateway.json("/streams")["streams"] as? [[String: Any]])?.first }
    func finding() throws -> [String: Any]? {
      (try gateway.json("/findings")["findings"] as? [[String: Any]])?.first { $0["code"] as? String == "stream_unreachable" }
    }
    var holder = ""
    try eventually("it is known where it is") {
      holder = try stream()?["leader"] as? String ?? ""
      return try finding() == nil && !holder.isEmpty
    }
    let server = try #require(cluster.servers.first { $0.name == holder })
    server.process.freeze()
    defer { server.process.thaw() }
    try eventually("it is missed", timeout: 60) { try finding() != nil }
    #expect(try finding()?["severity"] as? String == "critical")
    #expect((try finding()?["sentence"] as? String)?.hasSuffix("it was on \(holder).") == true)
    // Whoever asks about its server or its cluster is told of it too; of the others it is not said.
    func isTold(_ path: String) throws -> Bool {
      (try gateway.json("\(path)/findings")["findings"] as? [[String: Any]] ?? []).contains {
        $0["code"] as? String == "stream_unreachable"
      }
    }
    let place = try #require(try finding()?["cluster"] as? String), others = cluster.servers.map(\.name).filter { $0 != holder }
    #expect(try isTold("/server/\(holder)") && isTold("/cluster/\(place)") && !others.contains(where: isTold))
    try eventually("it stays in the list") {
      (try stream()?["gone"] as? [String: Any])?["holders"] as? [String] == [holder]
    }
    server.process.thaw()
    try eventually("it is back", timeout: 60) { try finding() == nil && stream()?["gone"] == nil }
  }
}
