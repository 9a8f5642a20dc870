import Foundation
import Recorded
import Recording
import Series
import SystemAPI
import TestSupport
import Testing
import Wire

@testable import Gateway
@testable import Judgement

/// What is told of the time before: from memory, and from a record.
@Suite struct TrendTests {
  private static func reply(_ text: String, _ server: String, id: String? = nil) throws -> DocumentReply {
    var description = ServerDescription()
    (description.name, description.id, description.cluster, description.version) = (server, id ?? "ID" + server, "A", "2.12.4")
    return DocumentReply(server: description, document: try JSONView(validating: Array(text.utf8)))
  }

  private static func system(_ at: Timestamp, _ need: Need, _ replies: [DocumentReply]) -> JudgedSystem {
    var system = JudgedSystem(now: at)
    system.take(need, replies)
    return system
  }

  private static func found(_ system: JudgedSystem, _ code: String) throws -> (findings: [String], unknown: [String]) {
    let judged = Judge.judge(system, by: [try #require(CheckTable.check(code))])
    return (judged.findings.map(\.sentence), judged.unknown.flatMap { $0.reasons.map(\.sentence) })
  }

  // MARK: A record

  private static func store(_ played: PlayedEpochs, _ count: Int) -> MemoryRecordStore {
    let store = MemoryRecordStore()
    for place in 0..<count { _ = store.write(EpochWithSeries(played.epoch(place), every: played.every).epoch) }
    return store
  }

  private static let limited =
    #"{"meta_cluster":{"leader":"a1"},"account_details":[{"name":"T","id":"T","stream_detail":[{"name":"S","cluster":{"name":"A","leader":"a1"},"config":{"discard":"new","max_msgs":1000},"state":{"messages":60,"bytes":9,"last_seq":9999}}]}]}"#

  /// The series of epochs tell how what is there now went.
  @Test func aRecordTells() throws {
    let played = PlayedEpochs()
    let past = RecordedPast(store: Self.store(played, 31), moment: played.at(30))
    var now = Self.system(played.at(30), .streams, [try Self.reply(Self.limited, "a1")])
    past.fill(&now)
    let found = try Self.found(now, "stream_filling").findings
    #expect(
      found == [
        "Stream T > S has grown by 2 messages a minute over 15m: it is full in 7h50m, at \((played.at(30) + .seconds(28_200)).rfc3339), and then refuses messages."
      ], "\(found)")
    // Hours that were not recorded are not known.
    #expect(try Self.found(now, "stream_idle").unknown == ["figures of streams are known for 25m, and not for 1d"])
  }

  /// A gateway that is started anew goes on where the record ends.
  @Test func aStartGoesOn() throws {
    let played = PlayedEpochs()
    let store = Self.store(played, 31)
    let past = LivingPast(earlier: EarlierSystem(store: store))
    past.begin(store, until: played.at(30))
    var now = Self.system(played.at(31), .streams, [try Self.reply(Self.limited.replacingOccurrences(of: "60", with: "62"), "a1")])
    past.fill(&now)
    let found = try Self.found(now, "stream_filling")
    #expect(found.findings.first?.contains("by 2 messages a minute") == true, "\(found)")
    #expect(now.before?.at == played.at(30))
  }

  /// What is seen while the record is read comes behind what the record has.
  @Test(arguments: [true, false]) func looksWhileTheRecordIsReadAreKept(isSeen: Bool) throws {
    let played = PlayedEpochs()
    let store = Self.store(played, 31)
    let past = LivingPast(earlier: EarlierSystem(store: store), begins: true)
    func look(_ place: Int, _ messages: Int) throws -> JudgedSystem {
      let text = Self.limited.replacingOccurrences(of: "60", with: "\(messages)")
      var now = Self.system(played.at(place), .streams, [try Self.reply(text, "a1")])
      past.fill(&now)
      return now
    }
    // It was fuller then: it does not fill.
    if isSeen { _ = try look(33, 900) }
    past.begin(store, until: played.at(30))
    #expect(try Self.found(look(36, 80), "stream_filling").findings.isEmpty == isSeen)
  }

  /// A thing has one name, in series and in judgement: of a domain, and of a server that stands alone.
  @Test(arguments: ["", #""config":{"domain":"hub"},"#]) func namesAreTheSame(domain: String) throws {
    for meta in ["", #""meta_cluster":{"leader":"a1"},"#] {
      let text =
        #"{\#(domain)\#(meta)"account_details":[{"name":"T","id":"T","stream_detail":[{"name":"S","created":"c","state":{"messages":1}}]}]}"#
      let source = SeriesSource(id: "IDa1", name: "a1", cluster: "A", documents: [.jsz: Array(text.utf8)])
      let point = try #require(SeriesReading([source], every: 60, began: 0, at: 1).sheet(.stream).points.first)
      let facts = JetStreamFacts([try Self.reply(text, "a1")])
      let key = Trends.AssetKey(try #require(facts.streams.first).key, facts)
      #expect([key.account, key.stream, key.place] == point.parts)
    }
  }

  // MARK: Memory

  /// Without a record the last look but one is compared with, and no look of a moment ago.
  @Test func memoryTells() throws {
    let past = LivingPast(earlier: nil)
    let start = Timestamp(seconds: 1_770_000_000)
    func look(_ seconds: Double, _ stale: Int) throws -> JudgedSystem {
      var now = Self.system(start + .seconds(seconds), .varz, [try Self.reply(#"{"stale_connections":\#(stale)}"#, "a1")])
      past.fill(&now)
      return now
    }
    #expect(try look(0, 1).before == nil)
    #expect(try look(20, 1).before == nil)
    let third = try look(60, 4)
    #expect(third.before?.at == start)
    #expect(try Self.found(third, "stale_connections").findings == ["a1 has closed 3 connections that answered no more within 1m."])
    #expect(try look(65, 4).before?.at == start && look(120, 4).before?.at == start + .seconds(60))
    // Nobody has looked for hours.
    #expect(try look(9000, 4).before == nil)
  }

  // MARK: A real server

  /// A consumer of a real server that nobody reads from lags, and by how much more a minute; the looks are dated as if they were minutes
  /// apart.
  @Test func aConsumerThatLags() throws {
    let server = try RealServer(RealServer.jetStreamConfiguration(), name: "one")
    let client = try RawNATS(port: server.port, user: "record", password: "r")
    for (subject, payload) in [
      ("STREAM.CREATE.S1", #"{"name":"S1","subjects":["s1.>"],"storage":"memory","max_msgs":1000,"discard":"new"}"#),
      ("CONSUMER.DURABLE.CREATE.S1.C1", #"{"stream_name":"S1","config":{"durable_name":"C1","ack_policy":"explicit"}}"#),
    ] {
      try eventually("\(subject) is done") { try client.request("$JS.API." + subject, payload).json["error"] == nil }
    }
    var trends = Trends()
    var now = JudgedSystem(now: .zero)
    for look in 0..<4 {
      for _ in 0..<50 { _ = try client.request("s1.x", "hello") }
      let text = try RawHTTP.get(port: server.monitoringPort, "/jsz?accounts=1&streams=1&consumers=1&config=1").text
      now = Self.system(Timestamp(seconds: 1_770_000_000 + Int64(look) * 300), .consumers, [try Self.reply(text, "one")])
      now.thresholds[.backlog] = 250
      trends.take(now)
    }
    now.trends = trends
    let lag = try Self.found(now, "consumer_lag_grows").findings
    #expect(
      lag.first?.hasPrefix("200 messages wait for consumer RECORD > S1 > C1, 10 a minute more over 15m: it has 250 in 5m") == true,
      "\(lag)")
    #expect(
      try Self.found(now, "stream_filling").findings.first?.contains("by 10 messages a minute over 15m: it is full in 1h20m") == true)
    #expect(try Self.found(now, "consumer_falls_behind").findings.isEmpty)
    // What waits is thrown away: it lags no more.
    #expect(try client.request("$JS.API.STREAM.PURGE.S1", "").json["success"] as? Bool == true)
    let text = try RawHTTP.get(port: server.monitoringPort, "/jsz?accounts=1&streams=1&consumers=1&config=1").text
    var later = Self.system(now.now + .seconds(300), .consumers, [try Self.reply(text, "one")])
    later.thresholds[.backlog] = 250
    trends.take(later)
    later.trends = trends
    #expect(try Self.found(later, "consumer_lag_grows").findings.isEmpty)
  }
}
