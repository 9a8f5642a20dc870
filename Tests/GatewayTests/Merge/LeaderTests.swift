import Foundation
import Testing

@testable import Gateway

/// JetStream: replicas are not counted twice, and leaders speak for their groups.
@Suite struct LeaderTests {
  @Test(arguments: ["2.9.10", "2.14.5"])
  func streamsComeFromTheirLeaders(_ version: String) throws {
    let replies = try Captured.replies(version, "JSZ.streams")
    let result = try Captured.object(try merged("jsz", replies).body)
    let streams = try #require(Captured.value(result, "account_details.0.stream_detail") as? [Captured.Object])
    #expect(streams.map { $0["name"] as? String } == ["MEM", "ORDERS"])
    for stream in streams {
      let leader = Captured.value(stream, "cluster.leader") as? String
      let reply = try #require(replies.first { $0.serverName == leader })
      let own = try #require(
        (Captured.value(try Captured.documents([reply])[0], "account_details.0.stream_detail") as? [Captured.Object])?
          .first { $0["name"] as? String == stream["name"] as? String })
      for path in ["cluster", "state", "created"] {
        #expect(Captured.text(Captured.value(stream, path)) == Captured.text(Captured.value(own, path)), "\(path)")
      }
    }
    let consumers = try #require(streams[1]["consumer_detail"] as? [Captured.Object])
    #expect(consumers.count == 1)
    // Of three replicas' views of the consumer only its leader's names two that are current.
    let replicas = try #require(Captured.value(consumers[0], "cluster.replicas") as? [Captured.Object])
    #expect(replicas.allSatisfy { $0["current"] as? Bool == true })
    #expect(replicas.contains { $0["name"] as? String == Captured.value(consumers[0], "cluster.leader") as? String } == false)
  }

  @Test(arguments: ["2.9.10", "2.14.5"])
  func accountUsageIsNotSummed(_ version: String) throws {
    let replies = try Captured.replies(version, "JSZ.streams")
    let body = try merged("jsz", replies).body
    let result = try Captured.object(body)
    #expect(Captured.number(result, "account_details.0.storage") == 735, "an R3 stream of 245 bytes, as each server says")
    #expect(Captured.number(result, "storage") == 735, "245 bytes on each of three servers")
    #expect(String(decoding: body, as: UTF8.self).contains("\"reserved_memory\": 18446744073709551615"))
    #expect(Captured.number(result, "total") == 1 || version == "2.9.10")
  }

  @Test func theMetaGroupComesFromItsLeader() throws {
    let replies = try Captured.replies("2.14.5", "JSZ.streams")
    let result = try Captured.object(try merged("jsz", replies).body)
    #expect(Captured.value(result, "meta_cluster.leader") as? String == "n3")
    #expect((Captured.value(result, "meta_cluster.replicas") as? [Any])?.count == 2)
    let varz = try Captured.object(try merged("varz", Captured.replies("2.14.5", "VARZ")).body)
    #expect((Captured.value(varz, "jetstream.meta.replicas") as? [Any])?.count == 2)
    let groups = try Captured.object(try merged("raftz", Captured.replies("2.14.5", "RAFTZ")).body)
    #expect(Captured.value(groups, "SYS._meta_.state") as? String == "LEADER")
  }

  @Test func streamsOfOneNameInTwoDomainsStayApart() throws {
    func document(_ created: String, _ leader: String) -> String {
      #"{"account_details":[{"id":"A","stream_detail":[{"name":"S","created":"\#(created)","cluster":{"leader":"\#(leader)"}}]}]}"#
    }
    let replies = [
      Captured.reply("hub", document("2026-01-01T00:00:00Z", "hub")), Captured.reply("leaf", document("2026-02-01T00:00:00Z", "leaf")),
    ]
    let result = try Captured.object(try merged("jsz", replies).body)
    #expect((Captured.value(result, "account_details.0.stream_detail") as? [Any])?.count == 2)
  }

  /// Each domain keeps streams of its own, so their usage adds up; the servers of one domain all say the same number.
  @Test(arguments: ["jsz", "account jsz"])
  func theUsageOfTwoDomainsAddsUp(_ endpoint: String) throws {
    func reply(_ name: String, _ domain: String, _ storage: Int, _ reserved: String, _ total: Int) -> MergeReply {
      let row = #"{"id":"A","storage":\#(storage),"reserved_storage":\#(reserved),"api":{"level":\#(total),"total":\#(total)}}"#
      let text = endpoint == "jsz" ? #"{"account_details":[\#(row)]}"# : row
      return MergeReply(
        serverID: "N" + name, serverName: name, cluster: "c", domain: domain, version: "2.14.5", ordinal: 1, bytes: Array(text.utf8))
    }
    let replies = [
      reply("a1", "hub", 100, "7", 3), reply("a2", "hub", 100, "7", 2), reply("leaf1", "leaf", 11, "18446744073709551615", 1),
    ]
    let isAccount = endpoint != "jsz"
    let result = try Captured.object(try merged("jsz", replies, account: isAccount).body)
    let row = isAccount ? result : try #require(Captured.value(result, "account_details.0") as? Captured.Object)
    #expect(Captured.number(row, "storage") == 111)
    #expect(Captured.number(row, "api.total") == 4 && Captured.number(row, "api.level") == 1)
    #expect((row["reserved_storage"] as? NSNumber)?.uint64Value == .max, "no limit")
  }

  @Test func serversWithoutJetStreamHaveNoSay() throws {
    let off = #"{"memory":0,"disabled":true,"config":{"max_memory":0,"max_storage":0},"total":0}"#
    let on = #"{"memory":7,"config":{"max_memory":5,"max_storage":6,"domain":"hub"},"total":1}"#
    let mixed = try Captured.object(try merged("jsz", [Captured.reply("a", off), Captured.reply("b", on)]).body)
    #expect(Captured.value(mixed, "config.domain") as? String == "hub")
    #expect(mixed["disabled"] == nil)
    let none = try Captured.object(try merged("jsz", [Captured.reply("a", off), Captured.reply("b", off)]).body)
    #expect(none["disabled"] as? Bool == true)
  }

  @Test func accountsArePagedOverTheSystem() throws {
    func document(_ names: String) -> String {
      let rows = names.map { #"{"name":"\#($0)","id":"\#($0)","storage":1}"# }.joined(separator: ",")
      return #"{"account_details":[\#(rows)],"total":\#(names.count)}"#
    }
    let replies = [Captured.reply("a", document("CAB")), Captured.reply("b", document("DBA"))]
    let result = try Captured.object(try merged("jsz", replies, query: ["offset": "1", "limit": "2"]).body)
    #expect((result["account_details"] as? [Captured.Object])?.map { $0["id"] as? String } == ["B", "C"])
    #expect(result["total"] as? Int == 4)
  }
}
