import Reactor
import SystemModel
import Testing
import Wire

@testable import Gateway

/// What is remembered of links, and how fast they carry.
@Suite struct LinkRecordTests {
  static let start = TopologyTests.now

  static func after(_ seconds: Int64) -> Timestamp { start + .wholeSeconds(seconds) }

  static func link(_ topology: Topology, _ kind: Topology.LinkKind, _ from: String, _ to: String) -> Topology.Link? {
    topology.links.first { $0.kind == kind && $0.from.name == from && ($0.to.name == to || $0.to.cluster == to) }
  }

  @Test func aLinkThatIsLostKeepsItsPlaceForAQuarterOfAnHour() throws {
    var record = LinkRecord()
    var whole = Topology(try TopologyTests.system("2.14.5"))
    record.take(&whole, at: LinkRecordTests.start)
    #expect(whole.links.allSatisfy { $0.state == .agreed || $0.kind == .leafnode })
    let route = try #require(LinkRecordTests.link(whole, .route, "n1", "n2"))
    #expect(route.since == [route.from.figures?.start, route.to.figures?.start].compactMap(\.self).min())

    // n2 dies: it is silent, and the others no longer have a connection to it.
    var sources = try TopologyTests.system("2.14.5")
    let id = try #require(sources.servers.first { $0.name == "n2" }).id
    TopologyTests.remove("n2", from: &sources)
    TopologyTests.set("n2", .suspect(.silent), in: &sources)
    sources.routez = try sources.routez.map { reply in
      let routes = (reply.document["routes"]?.elements ?? []).filter { $0["remote_id"]?.string != id }.map(\.rawText)
      return try metricReply(reply.name, reply.cluster, id: reply.id, #"{"routes":[\#(routes.joined(separator: ","))]}"#)
    }
    sources.gatewayz = try sources.gatewayz.map { reply in
      try metricReply(
        reply.name, reply.cluster, id: reply.id, String(decoding: reply.document.raw, as: UTF8.self).replacing(id, with: ""))
    }
    for (seconds, isThere) in [(5, true), (60, true), (899, true), (901, false)] as [(Int64, Bool)] {
      sources.now = LinkRecordTests.after(seconds)
      var topology = Topology(sources)
      record.take(&topology, at: sources.now)
      let lost = LinkRecordTests.link(topology, .route, "n1", "n2")
      #expect((lost != nil) == isThere, "after \(seconds) s")
      guard let lost else { continue }
      #expect(lost.state == .lost && lost.since == LinkRecordTests.start && lost.from.says == .no && lost.to.says == .silent)
      #expect(lost.sentence == "It was there. Now n1 does not report it, and n2 has not answered.")
      #expect(LinkRecordTests.link(topology, .gateway, "n2", "c2")?.state == .lost)
    }

    // It is back.
    var again = Topology(try TopologyTests.system("2.14.5"))
    record.take(&again, at: LinkRecordTests.after(905))
    #expect(TopologyTests.lines(again) == TopologyTests.lines(whole))
  }

  /// A link began when it did, whatever the clocks of its servers say; where nobody knows what they say, nobody knows when.
  @Test(arguments: [(3_600, -90), (-3_600, -3_600), (0, 0), (nil, 120), (nil, nil)] as [(Int64?, Int64?)])
  func clocksOfServers(_ one: Int64?, _ other: Int64?) throws {
    func took(_ jitter: Int64) throws -> (TopologySources, Topology) {
      var sources = try TopologyTests.system("2.14.5")
      for place in sources.servers.indices {
        let ahead = sources.servers[place].name == "n1" ? one : other
        sources.servers[place].clockDifference = ahead.map { .wholeSeconds($0) + .milliseconds(jitter) }
      }
      sources.routez = try sources.routez.map { reply in
        // Half a minute ago by the gateway's clock, as each server's own has it.
        let ahead = (reply.name == "n1" ? one : other) ?? 7
        let start = (LinkRecordTests.start + .wholeSeconds(ahead - 30)).rfc3339
        let routes = try (reply.document["routes"]?.elements ?? []).map { route in
          let told = try #require(route["start"]).rawText
          return route.rawText.replacing(told, with: "\"\(start)\"")
        }
        return try metricReply(reply.name, reply.cluster, id: reply.id, #"{"routes":[\#(routes.joined(separator: ","))]}"#)
      }
      return (sources, Topology(sources))
    }
    var record = LinkRecord()
    var seen: [Timestamp?] = []
    for jitter in [0, 3, -2] as [Int64] {
      var (_, topology) = try took(jitter)
      record.take(&topology, at: LinkRecordTests.start)
      seen.append(try #require(LinkRecordTests.link(topology, .route, "n1", "n2")).since)
    }
    let began: Timestamp? = one == nil && other == nil ? nil : LinkRecordTests.after(-30)
    #expect(seen == [began, began, began])
  }

  @Test func aFaultIsSoSinceItWasFirstSeen() throws {
    var record = LinkRecord()
    var whole = Topology(try TopologyTests.system("2.14.5"))
    record.take(&whole, at: LinkRecordTests.start)
    var sources = try TopologyTests.system("2.14.5")
    TopologyTests.remove("n2", from: &sources)
    TopologyTests.set("n2", .suspect(.silent), in: &sources)
    for seconds in [10, 20] as [Int64] {
      var topology = Topology(sources)
      record.take(&topology, at: LinkRecordTests.after(seconds))
      let link = try #require(LinkRecordTests.link(topology, .route, "n1", "n2"))
      #expect(link.state == .unconfirmed && link.since == LinkRecordTests.after(10))
      #expect(link.sentence == "n1 reports it; n2 has not answered.")
    }
  }

  /// Heartbeats alone tell that a link was there, without anybody having looked.
  @Test func heartbeatsAreHeard() throws {
    var record = LinkRecord()
    let n1 = TopologyServer(id: "N1", name: "n1", cluster: "c1")
    let n2 = TopologyServer(id: "N2", name: "n2", cluster: "c1", standing: .suspect(.silent), lastSeen: LinkRecordTests.start)
    let beat = #"{"routes":[{"rid":4,"name":"n2"},{"rid":5,"name":"n2"}],"gateways":[{"gwid":9,"name":"c2"}]}"#
    record.heard(Array(beat.utf8), from: n1, at: LinkRecordTests.start)
    #expect(record.count == 2)
    var sources = TopologySources(now: LinkRecordTests.after(60), servers: [n1, n2])
    sources.routez = [try metricReply("n1", "c1", id: "N1", #"{"routes":[]}"#)]
    sources.gatewayz = [try metricReply("n1", "c1", id: "N1", #"{"name":"c1","outbound_gateways":{}}"#)]
    var topology = Topology(sources)
    record.take(&topology, at: sources.now)
    #expect(TopologyTests.lines(topology) == ["gateway n1–cluster c2 lost no unasked", "route n1–n2 lost no silent"])
    #expect(topology.links.allSatisfy { $0.since == LinkRecordTests.start })
    record.trim(now: LinkRecordTests.after(901))
    #expect(record.count == 0)
  }

  @Test func whatIsRememberedIsBounded() {
    var record = LinkRecord()
    for server in 0..<400 {
      let rows = (0..<100).map { #"{"rid":\#($0),"name":"r\#(server)-\#($0)"}"# }.joined(separator: ",")
      record.heard(
        Array(#"{"routes":[\#(rows)]}"#.utf8), from: TopologyServer(id: "N", name: "s\(server)", cluster: "c"), at: WallClock.now())
    }
    #expect(record.count == 20_000)
  }

  @Test func longNamesAreNotRemembered() {
    var record = LinkRecord()
    let long = String(repeating: "r", count: 256)
    let beat = #"{"routes":[{"rid":1,"name":"\#(long)"},{"rid":2,"name":"n2"}],"gateways":[{"gwid":3,"name":"\#(long)"}]}"#
    record.heard(Array(beat.utf8), from: TopologyServer(id: "N", name: "s", cluster: "c"), at: WallClock.now())
    #expect(record.count == 1)
  }

  // MARK: Rates

  static func beat(_ counters: String, at seconds: UInt64) -> Heartbeat {
    Heartbeat(statsz: Array(counters.utf8), arrived: .origin + .wholeSeconds(Int64(seconds)), at: after(Int64(seconds)))
  }

  static func row(_ number: String, _ name: String, _ sent: Int, _ received: Int) -> String {
    #"{\#(number),"name":"\#(name)","sent":{"msgs":\#(sent),"bytes":\#(sent * 10)},"received":{"msgs":\#(received),"bytes":\#(received * 10)}}"#
  }

  @Test func ratesComeFromHeartbeats() throws {
    var sources = try TopologyTests.system("2.14.5")
    for place in sources.servers.indices where sources.servers[place].name == "n2" {
      let before = [("\"rid\":4", "n1", 0, 0), ("\"rid\":5", "n1", 100, 50), ("\"rid\":6", "n3", 0, 0)]
      // A connection was replaced meanwhile: it tells nothing yet.
      let after = [("\"rid\":4", "n1", 100, 20), ("\"rid\":5", "n1", 150, 80), ("\"rid\":7", "n3", 9999, 0)]
      func statsz(_ rows: [(String, String, Int, Int)], _ sent: Int) -> String {
        #"{"routes":[\#(rows.map { LinkRecordTests.row($0.0, $0.1, $0.2, $0.3) }.joined(separator: ","))],"gateways":[\#(LinkRecordTests.row("\"gwid\":9", "c2", sent, 7))]}"#
      }
      sources.servers[place].previousHeartbeat = LinkRecordTests.beat(statsz(before, 0), at: 0)
      sources.servers[place].heartbeat = LinkRecordTests.beat(statsz(after, 40), at: 10)
    }
    sources.now = LinkRecordTests.after(15)
    let topology = Topology(sources)
    // n1 has not reported: what n2 sends, n1 receives.
    let route = LinkRecordTests.link(topology, .route, "n1", "n2")?.rates
    #expect(
      route == LinkRates(seconds: 10, sentMessages: 5, sentBytes: 50, receivedMessages: 15, receivedBytes: 150))
    #expect(LinkRecordTests.link(topology, .route, "n2", "n3")?.rates == nil)
    let gateway = LinkRecordTests.link(topology, .gateway, "n2", "c2")?.rates
    #expect(gateway == LinkRates(seconds: 10, sentMessages: 4, sentBytes: 40))
    // A server that has fallen silent carries nothing that is known.
    sources.now = LinkRecordTests.after(80)
    #expect(Topology(sources).links.allSatisfy { $0.rates == nil })
    sources.now = LinkRecordTests.after(15)
    TopologyTests.set("n2", .suspect(.silent), in: &sources)
    #expect(Topology(sources).links.allSatisfy { $0.rates == nil })
  }
}
