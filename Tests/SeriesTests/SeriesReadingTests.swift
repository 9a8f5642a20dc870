import Recorded
import Testing
import Wire

@testable import Series

/// Points of documents.
struct SeriesReadingTests {
  private static let began: Int64 = 1_796_000_000_000

  private static func source(_ name: String, _ document: FullDocument.Name, _ text: String) -> SeriesSource {
    SeriesSource(id: "ID" + name, name: name, cluster: "A", documents: [document: Array(text.utf8)])
  }

  private static func sheet(_ kind: SeriesKind, _ sources: [SeriesSource], most: Int = 100) -> SeriesSheet {
    SeriesReading(sources, every: 60, began: began, at: began + 40_000).sheet(kind, most: most)
  }

  private static func now(_ second: Int64) -> String { Timestamp(unixNanoseconds: (began / 1000 + second) * 1_000_000_000).rfc3339 }

  private static func jsz(_ second: Int64, leader: String?, messages: Int, created: String = "c", consumerLeader: String = "n1") -> String {
    let cluster = leader.map { #","cluster":{"leader":"\#($0)"}"# } ?? ""
    let group = leader == nil ? "" : #""meta_cluster":{"leader":"n1"},"#
    return
      #"{"now":"\#(now(second))",\#(group)"account_details":[{"name":"Orders","id":"AORD","stream_detail":[{"name":"S","created":"\#(created)"\#(cluster),"state":{"messages":\#(messages),"bytes":7,"first_seq":1,"last_seq":9,"consumer_count":1},"consumer_detail":[{"stream_name":"S","name":"C","created":"k","delivered":{"consumer_seq":4,"stream_seq":3},"ack_floor":{"consumer_seq":2,"stream_seq":2},"num_ack_pending":1,"num_pending":\#(messages),"cluster":{"leader":"\#(consumerLeader)"}}]}]}]}"#
  }

  @Test func onlyTheLeadersRowCounts() throws {
    let sheet = Self.sheet(
      .stream,
      [
        Self.source("n1", .jsz, Self.jsz(1, leader: "n2", messages: 10)), Self.source("n2", .jsz, Self.jsz(2, leader: "n2", messages: 20)),
        Self.source("n3", .jsz, Self.jsz(3, leader: "n2", messages: 30)),
      ])
    let point = try #require(sheet.points.first)
    #expect(sheet.points.count == 1 && point.parts == ["AORD", "S", ""] && point.server == "n2" && point.origin == "c")
    #expect(point.values == [20, 7, 9, 1, 1, 0, 0])
    #expect(point.time == Self.began + 2000)
  }

  @Test func whereNobodyLeadsNothingIsKnown() throws {
    for leader in ["", "n9"] {
      let sheet = Self.sheet(.stream, [Self.source("n1", .jsz, Self.jsz(1, leader: leader, messages: 10))])
      let point = try #require(sheet.points.first)
      #expect(point.server.isEmpty && point.values.allSatisfy { $0 == nil })
    }
    // Without replicas there is nobody to lead.
    let alone = Self.sheet(.stream, [Self.source("n1", .jsz, Self.jsz(1, leader: nil, messages: 10))])
    #expect(alone.points.first?.server == "n1" && alone.points.first?.values[0] == 10)
  }

  @Test func ofTwoLeadersTheLaterCounts() {
    let sources = [
      Self.source("n1", .jsz, Self.jsz(9, leader: "n1", messages: 10)), Self.source("n2", .jsz, Self.jsz(4, leader: "n2", messages: 20)),
    ]
    #expect(Self.sheet(.stream, sources).points.first?.server == "n1")
    #expect(Self.sheet(.stream, sources.reversed()).points.first?.values[0] == 10)
  }

  @Test func aConsumerHasALeaderOfItsOwn() throws {
    let sheet = Self.sheet(
      .consumer,
      [
        Self.source("n1", .jsz, Self.jsz(1, leader: "n2", messages: 10)), Self.source("n2", .jsz, Self.jsz(2, leader: "n2", messages: 20)),
      ])
    let point = try #require(sheet.points.first)
    #expect(point.parts == ["AORD", "S", "C", ""] && point.server == "n1" && point.values == [10, 1, 4, nil, nil, 3, 2])
  }

  @Test func connectionsOfARouteAreOne() throws {
    let text = """
      {"now":"\(Self.now(5))","routes":[
       {"rid":7,"remote_id":"IDn2","rtt":"1.5004ms","in_msgs":10,"out_msgs":1,"pending_size":3},
       {"rid":5,"remote_id":"IDn2","rtt":"200µs","in_msgs":5,"out_msgs":2,"pending_size":0},
       {"rid":9,"remote_id":"IDx","remote_name":"n3","rtt":"1s","in_msgs":1,"out_msgs":1}]}
      """
    let sheet = Self.sheet(.route, [Self.source("n1", .routez, text), Self.source("n2", .routez, "{}")])
    #expect(sheet.points.map(\.parts) == [["n1", "n2", "A"], ["n1", "n3", "A"]])
    let point = try #require(sheet.points.first)
    #expect(Array(point.values[..<4]) == [15, 3, 1.5, 3] && point.values[7] == 2)
    #expect(point.origin == "IDn1 5,7")
    #expect(sheet.points[1].values[2] == 1000)
  }

  @Test func aGatewayHasTwoDirections() throws {
    let text = """
      {"now":"\(Self.now(5))","outbound_gateways":{"B":{"connection":{"cid":4,"rtt":"2ms","in_msgs":0,"out_msgs":26,"pending_bytes":1}}},
       "inbound_gateways":{"B":[{"connection":{"cid":8,"in_msgs":17}},{"connection":{"cid":6,"in_msgs":3}}],"C":[]}}
      """
    let sheet = Self.sheet(.gateway, [Self.source("n1", .gatewayz, text)])
    #expect(sheet.points.map(\.parts) == [["n1", "B", "A"], ["n1", "C", "A"]])
    #expect(Array(sheet.points[0].values[..<4]) == [20, 26, 2, 1] && sheet.points[0].values[6] == 2 && sheet.points[0].values[7] == 1)
    #expect(sheet.points[0].origin == "IDn1 4,6,8")
    #expect(sheet.points[1].values[0] == nil && sheet.points[1].values[7] == 0)
  }

  /// Names repeat: each has a series of its own.
  @Test func whatHasOneNameInTwoPlacesIsTwo() {
    func sources(_ documents: (String) -> [FullDocument.Name: String]) -> [SeriesSource] {
      ["east", "west"].map { cluster in
        SeriesSource(
          id: "ID" + cluster, name: "nats-0", cluster: cluster, documents: documents(cluster).mapValues { Array($0.utf8) })
      }
    }
    let rows: [(SeriesKind, String, [String])] = [
      (.server, #"{"mem":1}"#, ["nats-0"]), (.account, #"{"account_statz":[{"acc":"A"}]}"#, ["A", "nats-0"]),
      (.route, #"{"routes":[{"rid":1,"remote_name":"nats-1"}]}"#, ["nats-0", "nats-1"]),
      (.gateway, #"{"outbound_gateways":{"B":{"connection":{"cid":4}}}}"#, ["nats-0", "B"]),
    ]
    for (kind, text, parts) in rows {
      let sheet = Self.sheet(kind, sources { _ in [kind.document: text] })
      #expect(sheet.points.map(\.parts) == [parts + ["east"], parts + ["west"]])
      #expect(sheet.points.map(\.cluster) == ["east", "west"])
    }
    // Assets: by domain, and of servers that have a JetStream of their own by these. One meta group's are one.
    let asset =
      #""account_details":[{"id":"A","stream_detail":[{"name":"S","cluster":{"leader":"nats-0"},"consumer_detail":[{"name":"C","cluster":{"leader":"nats-0"}}]}]}]}"#
    let group = #""meta_cluster":{"leader":"nats-0"},"#
    let places: [((String) -> String, [String])] = [
      ({ #"{"config":{"domain":"\#($0)"},"# + group }, ["east", "west"]), ({ _ in "{" }, ["/east/nats-0", "/west/nats-0"]),
      ({ _ in #"{"config":{"domain":"leaf"},"# }, ["leaf/east/nats-0", "leaf/west/nats-0"]), ({ _ in "{" + group }, [""]),
    ]
    for (head, expected) in places {
      for (kind, parts) in [(SeriesKind.stream, ["A", "S"]), (.consumer, ["A", "S", "C"])] {
        let sheet = Self.sheet(kind, sources { [.jsz: head($0) + asset] })
        #expect(sheet.points.map(\.parts) == expected.map { parts + [$0] })
      }
    }
    #expect(["", "hub", "/east/n", "leaf/east/n"].map(SeriesEntity.domain(ofPlace:)) == ["", "hub", "", "leaf"])
  }

  @Test func timesStayWithinTheEpoch() {
    for (second, expected) in [(Int64(-500), Int64(0)), (0, 0), (17, 17), (40, 40), (90_000, 40)] {
      let sheet = Self.sheet(.server, [Self.source("n1", .varz, #"{"now":"\#(Self.now(second))","mem":5}"#)])
      #expect(sheet.points.first?.time == Self.began + expected * 1000, "\(second)")
    }
    #expect(Self.sheet(.server, [Self.source("n1", .varz, "{}")]).points.first?.time == Self.began + 40_000)
  }

  @Test func whatIsMissingIsUnknown() throws {
    let sheet = Self.sheet(.server, [Self.source("n1", .varz, #"{"cpu":2.5,"mem":0,"in_msgs":"7","routes":null}"#)])
    let values = try #require(sheet.points.first?.values)
    #expect(values[0] == 2.5 && values[1] == 0 && values[2] == nil && values[10] == nil && values[12] == nil)
  }

  @Test func theLargestAreKeptAndTheOthersCounted() {
    let rows = (0..<50).map { #"{"acc":"A\#($0)","conns":\#(($0 * 7) % 50)}"# }.joined(separator: ",")
    let sheet = Self.sheet(.account, [Self.source("n1", .accstatz, #"{"account_statz":[\#(rows)]}"#)], most: 3)
    #expect(sheet.leftOut == 47)
    #expect(Set(sheet.points.map { $0.values[0] ?? 0 }) == [49, 48, 47])
    #expect(sheet.points.map(\.entity) == sheet.points.map(\.entity).sorted())
  }

  @Test(arguments: ["", "{", "null", "[]", #"{"account_details":7}"#, #"{"account_details":[{"id":"A","stream_detail":[3,{"name":""}]}]}"#])
  func whatIsNoDocumentHasNoPoints(_ text: String) {
    for kind in SeriesKind.allCases where kind != .server {
      #expect(Self.sheet(kind, [Self.source("n1", kind.document, text)]).points.isEmpty)
    }
  }

  @Test func aSheetIsReadAgain() throws {
    let points = [
      SeriesPoint(
        parts: ["A", "S ☃\"", "hub"], server: "n1", cluster: "A", time: 1, origin: "x", values: [1, nil, 0.5, 9e15, -1, nil, 3]),
      SeriesPoint(parts: ["B", "", ""], server: "", cluster: "", time: 2, origin: "", values: Array(repeating: nil, count: 7)),
    ]
    let sheet = SeriesSheet(kind: .stream, every: 60, leftOut: 4, points: points)
    #expect(SeriesSheet(.stream, text: sheet.text) == sheet)
    // A later version's, with a field that nobody knows here.
    let later =
      #"{"every":10,"fields":["messages","moon","bytes"],"points":[[["A","S",""],"n","c",5,"o",[1,2,3]],[["A","S"],"n","c",5,"o",[1]],7]}"#
    let read = try #require(SeriesSheet(.stream, text: Array(later.utf8)))
    #expect(read.points.count == 1 && read.points[0].values == [1, 3, nil, nil, nil, nil, nil] && read.leftOut == 0)
    for text in ["", "{}", #"{"every":0,"fields":[],"points":[]}"#, "[1,2]"] {
      #expect(SeriesSheet(.stream, text: Array(text.utf8)) == nil)
    }
  }
}
