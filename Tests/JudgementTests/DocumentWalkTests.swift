import Foundation
import SystemAPI
import Testing
import Wire

@testable import Judgement

/// How documents are read: whatever the order of their members, the blanks between them and the way in which names are written.
@Suite struct DocumentWalkTests {
  private static let text = #"""
    {"memory":7,"config":{"max_memory":100,"domain":"hub"},"api":{"total":5,"errors":1},"meta_cluster":{"name":"A","leader":"a1",
    "replicas":[{"name":"a2","current":true,"active":12,"lag":3},{"name":"a3","current":false,"offline":true,"active":1.5e9}],"cluster_size":3},
    "account_details":[{"name":"APP","id":"APPID","memory":1,"storage":2,"reserved_storage":18446744073709551615,"stream_detail":[
    {"name":"ORD\u00c4RS \"1\"","cluster":{"name":"A","leader":"a1","replicas":[{"name":"a2","current":true}]},
    "config":{"retention":"workqueue","storage":"memory","num_replicas":3,"max_msgs":-1,"max_bytes":1000,"max_age":3600000000000,
    "max_msgs_per_subject":9,"discard":"new","sealed":true,"compression":"s2","metadata":{"io.nats.monitor.enabled":"true","other":"x"}},
    "state":{"messages":9,"bytes":90,"first_seq":1,"last_seq":9,"num_subjects":2,"consumer_count":2},
    "consumer_detail":[{"name":"one","config":{"ack_policy":"explicit","max_ack_pending":50,"deliver_subject":"d",
    "metadata":{"io.nats.monitor.enabled":"1"}},"delivered":{"consumer_seq":4,"stream_seq":3,"last_active":"2026-03-01T00:00:00Z"},
    "ack_floor":{"consumer_seq":2,"stream_seq":1},"num_ack_pending":2,"num_redelivered":1,"num_waiting":0,"num_pending":6,
    "cluster":{"name":"A","leader":"a1"},"push_bound":true,"paused":true,"priority_groups":[{"pinned_client_id":"c"},{}]},
    {"name":"two","config":{"ack_policy":"none","priority_policy":"overflow"},"cluster":{"name":"A","leader":"a2"}}],
    "mirror":{"name":"ORIGIN","lag":4,"active":-1,"error":{"description":"no"}},"sources":[{"name":"S","active":5000000000}]}]}]}
    """#

  private static func facts(_ bytes: [UInt8]) -> JetStreamFacts {
    var server = ServerDescription()
    (server.name, server.id, server.cluster) = ("a1", "NA1", "A")
    return JetStreamFacts([DocumentReply(server: server, document: JSONView(bytes: bytes, range: 0..<bytes.count))])
  }

  /// All that is read, as one text.
  private static func dump(_ facts: JetStreamFacts) -> String {
    var text = ""
    for part in [facts.servers as Any, facts.accounts, facts.streams, facts.consumers] { Swift.dump(part, to: &text) }
    // Of dictionaries the order differs.
    return text.split(separator: "\n").filter { !$0.contains("metadata") && !$0.contains("key: \"") && !$0.contains("value: \"") }
      .joined(separator: "\n")
  }

  @Test func allIsRead() throws {
    let facts = Self.facts(Array(Self.text.utf8))
    let server = try #require(facts.servers.first)
    #expect(server.memory == 7 && server.maxMemory == 100 && server.maxStorage == nil && server.domain == "hub" && server.errors == 1)
    let meta = try #require(server.meta)
    #expect(meta.size == 3 && meta.raft.peers.map(\.isOffline) == [false, true] && meta.raft.peers[1].silence == .seconds(1.5))
    #expect(facts.accounts.map(\.id) == ["APPID"] && facts.accounts[0].storage == 2 && facts.accounts[0].mayUseStorage == nil)
    let stream = try #require(facts.streams.first), settings = try #require(stream.settings)
    #expect(stream.key == .init(group: "hub", account: "APPID", name: "ORDÄRS \"1\"") && stream.cluster == "A" && stream.isToldByLeader)
    #expect(settings.retention == .workqueue && settings.storage == .memory && settings.replicas == 3 && settings.maxMessages == nil)
    #expect(settings.maxBytes == 1000 && settings.maxAge == .seconds(3600) && settings.maxMessagesPerSubject == 9)
    #expect(settings.refusesWhenFull && settings.isSealed && settings.isCompressed && settings.metadata == ["enabled": "true"])
    #expect(stream.state.messages == 9 && stream.state.lastSequence == 9 && stream.state.consumers == 2 && stream.state.deleted == 0)
    #expect(stream.mirror?.stream == "ORIGIN" && stream.mirror?.silence == nil && stream.mirror?.error == "no")
    #expect(stream.sources.map(\.silence) == [.seconds(5)])
    let (one, two) = (try #require(facts.consumers.first), try #require(facts.consumers.last))
    #expect(facts.consumers.map(\.name) == ["one", "two"] && one.isToldByLeader && !two.isToldByLeader)
    #expect(one.settings?.isAcknowledged == true && one.settings?.maxAckPending == 50 && one.settings?.deliverSubject == "d")
    #expect(one.delivered.lastActive == Timestamp(rfc3339: "2026-03-01T00:00:00Z") && one.ackFloor.lastActive == nil)
    #expect(one.delivered.consumer == 4 && one.ackFloor.stream == 1 && one.unacknowledged == 2 && one.redelivered == 1 && one.pending == 6)
    #expect(one.isBound && one.isPaused && one.groups == 2 && one.pinnedGroups == 1)
    #expect(two.settings?.isAcknowledged == false && two.settings?.holdsBack == true && two.isBound)
  }

  /// Nobody promises an order of members, nor how much blank is between them.
  @Test func orderAndBlanksDoNotMatter() throws {
    let bytes = Array(Self.text.utf8), usual = Self.dump(Self.facts(bytes))
    let document = try JSONSerialization.jsonObject(with: Data(bytes))
    for options in [JSONSerialization.WritingOptions.prettyPrinted, .sortedKeys, []] {
      for _ in 0..<4 {
        let written = Array(try JSONSerialization.data(withJSONObject: document, options: options))
        #expect(Self.dump(Self.facts(written)) == usual)
      }
    }
    // Names that are written with escapes are the same names.
    let escaped = Self.text.replacing("\"name\":", with: #""n\u0061me":"#).replacing("\"stream_detail\"", with: #""stream\u005fdetail""#)
    #expect(Self.dump(Self.facts(Array(escaped.utf8))) == usual)
    // Of members of one name the first counts.
    let twice = Self.text.replacing("\"messages\":9", with: "\"messages\":9,\"messages\":8").replacing(
      "\"state\":{", with: "\"unheard_of\":[{\"name\":\"x\"},\"]\"],\"state\":{")
    #expect(Self.dump(Self.facts(Array(twice.utf8))) == usual)
  }

  /// What is of another type than it should be is not told; the rest is.
  @Test func otherTypesAreNotTold() {
    for other in ["null", "true", "\"x\"", "[1,{}]", "{\"name\":1}", "1.5e300", "-", "123456789012345678901234567890"] {
      for name in ["config", "cluster", "state", "num_pending", "replicas", "metadata", "consumer_detail", "mirror", "delivered", "name"] {
        let text = Self.text.replacing("\"\(name)\":", with: "\"\(name)\":\(other),\"not\":")
        let facts = Self.facts(Array(text.utf8))
        #expect(facts.servers.count == 1 && facts.streams.count <= 1, "\(name): \(other)")
      }
    }
  }

  /// Documents are checked before; over others the walk ends somewhere.
  @Test func anyBytesDoNoHarm() {
    let bytes = Array(Self.text.utf8)
    for count in 0..<bytes.count {
      _ = Self.facts(Array(bytes[..<count]))
      var changed = bytes
      changed[count] = [UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "]"), UInt8(ascii: "\\"), 0, 0xFF][count % 6]
      _ = Self.facts(changed)
    }
  }

  @Test func namesAreFound() {
    let names: [StaticString] = ["", "a", "name", "max_msgs_per_subject", "eight_by", "sixteen_letters_", "a_name_of_24_letters_is_!"]
    let table = MemberNames(names)
    for (place, name) in names.enumerated() {
      let bytes = Array("\(name)".utf8)
      #expect(bytes.withUnsafeBytes { table.place(.init($0, 0..<bytes.count)) } == (bytes.count <= 24 ? place : -1), "\(name)")
      let other = bytes + [UInt8(ascii: "x")]
      #expect(other.withUnsafeBytes { table.place(.init($0, 0..<other.count)) } == -1, "\(name)x")
    }
  }
}
