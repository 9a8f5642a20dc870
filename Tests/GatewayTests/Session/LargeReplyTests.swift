import Compression
import Foundation
import TestSupport
import Testing

@testable import Gateway

/// Replies that are long, and replies that together are more than the gateway holds.
@Suite struct LargeReplyTests {
  private static func id(_ name: String) -> String { ScriptedServer.identifier(of: name) }

  /// A whole reply of a server, told from its others by a mark.
  private static func reply(_ name: String, _ mark: String, filling: String) -> [UInt8] {
    Array(
      #"{"server":{"name":"\#(name)","id":"\#(id(name))","cluster":"F"},"data":{"mark":"\#(mark)","connections":[],"x":"\#(filling)"}}"#
        .utf8)
  }

  /// Letters that hardly shrink.
  private static func noise(_ count: Int) -> String {
    var generator = SystemRandomNumberGenerator()
    let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-".utf8)
    return String(decoding: (0..<count).map { _ in letters[Int(generator.next() & 63)] }, as: UTF8.self)
  }

  private static func packed(_ name: String, _ mark: String, _ count: Int) -> ScriptedServer.Behaviour {
    .raw(SnappyFraming.compress(reply(name, mark, filling: noise(count))), headers: "Content-Encoding: snappy")
  }

  private func codes(_ reply: HTTPReply) throws -> [String: String] {
    let missing = try reply.json()["missing"] as? [[String: Any]] ?? []
    return Dictionary(missing.map { ($0["name"] as? String ?? "", $0["code"] as? String ?? "") }) { first, _ in first }
  }

  /// What does not fit is missing by name, at once, and memory stays as it is; the next question finds room again.
  @Test func theSumOfOneGatherIsBounded() throws {
    let stage = try Stage(Stage.servers(4), configure: { $0.maxAnswer = 1 << 20 })
    for name in ["f0", "f1", "f2"] {
      stage.fleet.change(name) { $0.behaviours["VARZ"] = .data(#"{"x":"\#(String(repeating: "x", count: 600_000))"}"#) }
    }
    for _ in 0..<3 {
      let reply = try stage.gateway.get("/varz?timeout=20s")
      try reply.expectIdentity()
      #expect(reply.status == 200 && reply.complete == "false" && reply.responded == "2/4")
      #expect(reply.body.count < 1 << 20)
      #expect(reply.servers.contains("f3"), "what is small fits beside the large ones")
      let codes = try codes(reply)
      #expect(codes.count == 2 && Set(codes.values) == ["too_large"], "\(codes)")
      #expect(Set(codes.keys).union(reply.servers) == ["f0", "f1", "f2", "f3"])
    }
    let lines = try stage.gateway.get("/varz?timeout=20s&format=ndjson").text.split(separator: "\n")
    #expect(lines.count == 3 && lines.last?.contains(#""too_large""#) == true)
    #expect(try stage.gateway.get("/merged/varz?timeout=20s").complete == "false")
    #expect(try stage.gateway.get("/connz").complete == "true")
    #expect(try stage.gateway.state("f0") == "live")
  }

  @Test func oneServersAnswerMayBeTooLarge() throws {
    let stage = try Stage(Stage.servers(1), configure: { $0.maxAnswer = 300_000 })
    stage.fleet.change("f0") { $0.behaviours["VARZ"] = .data(#"{"x":"\#(String(repeating: "x", count: 400_000))"}"#) }
    let reply = try stage.gateway.get("/server/f0/varz?timeout=20s")
    #expect(reply.status == 502 && reply.reason == "answer_too_large" && reply.text.contains("f0 ("), "\(reply.text)")
    #expect(reply.missing == "f0" && reply.complete == "false")
    #expect(try stage.gateway.get("/varz?timeout=20s").reason == "answer_too_large")
    #expect(try stage.gateway.get("/server/f0/connz").status == 200)
  }

  /// gateway 13.3: made-up servers that answer take no room beyond it, and that they were left out is told.
  @Test func strangersFillNothing() throws {
    let stage = try Stage(Stage.servers(2), configure: { $0.maxAnswer = 1 << 20 })
    stage.fleet.change("f1") { $0.behaviours["VARZ"] = .held }
    let request = try PendingRequest(stage.gateway, "/varz?timeout=20s")
    try eventually("it was asked") { !stage.fleet.questions("VARZ").isEmpty && stage.fleet.lastInbox != nil }
    let inbox = try #require(stage.fleet.lastInbox)
    let filling = String(repeating: "x", count: 100_000)
    for number in 0..<20 {
      stage.fleet.publish(inbox, #"{"server":{"name":"s\#(number)","id":"NS\#(number)","cluster":"F"},"data":{"x":"\#(filling)"}}"#)
    }
    stage.fleet.heartbeat()
    try eventually("they were heard") { try stage.gateway.text("/servers").contains("\"NS19\"") }
    stage.fleet.release()
    let reply = try request.reply()
    try reply.expectIdentity()
    #expect(reply.body.count < 1 << 20 && reply.complete == "false")
    #expect(reply.servers.contains("f0") && reply.servers.contains("f1"))
    #expect(Set(try codes(reply).values) == ["too_large"])
    #expect(reply.servers.count + (try codes(reply).count) == 22)
  }

  /// A reply that a worker reads is not overtaken by the one behind it.
  @Test func theFirstReplyCounts() throws {
    let stage = try Stage(Stage.servers(2), configure: { $0.compressReplies = true })
    stage.fleet.change("f0") { $0.behaviours["CONNZ"] = LargeReplyTests.packed("f0", "first", 300_000) }
    stage.fleet.change("f1") { $0.behaviours["CONNZ"] = .held }
    for _ in 0..<3 {
      let before = stage.fleet.answered("CONNZ")
      let request = try PendingRequest(stage.gateway, "/connz?timeout=20s")
      try eventually("the first reply is out") { stage.fleet.answered("CONNZ") > before && stage.fleet.lastInbox != nil }
      let inbox = try #require(stage.fleet.lastInbox)
      stage.fleet.publish(inbox, String(decoding: LargeReplyTests.reply("f0", "second", filling: ""), as: UTF8.self))
      stage.fleet.heartbeat()
      stage.fleet.release()
      let reply = try request.reply()
      try reply.expectIdentity()
      #expect(reply.complete == "true" && reply.servers == ["f0", "f1"])
      #expect(reply.text.contains(#""mark":"first""#) && !reply.text.contains(#""mark":"second""#))
    }
  }

  /// Many long replies at once, compressed and not: each counts, and each question finds all the room anew.
  @Test func manyLongReplies() throws {
    let stage = try Stage(
      Stage.servers(12),
      configure: {
        $0.compressReplies = true
        $0.maxAnswer = 4 << 20
      })
    for number in 0..<12 {
      let name = "f\(number)"
      stage.fleet.change(name) {
        $0.behaviours["CONNZ"] =
          number % 3 == 2
          ? .raw(LargeReplyTests.reply(name, name, filling: String(repeating: "x", count: 600_000)))
          : LargeReplyTests.packed(name, name, 60_000)
      }
    }
    for _ in 0..<6 {
      let reply = try stage.gateway.get("/connz?timeout=20s")
      #expect(reply.complete == "true" && reply.responded == "12/12")
      for number in 0..<12 { #expect(reply.text.contains(#""mark":"f\#(number)""#)) }
    }
    // Whose time is over before all is read leaves nothing behind.
    for _ in 0..<10 { _ = try stage.gateway.get("/connz?timeout=5ms") }
    #expect(try stage.gateway.get("/connz?timeout=20s").responded == "12/12")
  }
}
