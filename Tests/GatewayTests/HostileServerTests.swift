import Compression
import Foundation
import NATSClient
import SystemAPI
import TestSupport
import Testing
import Wire

@testable import Gateway

/// Servers, or who answers in their place, that send what no server should.
@Suite struct HostileServerTests {
  private func fleet(
    _ servers: [ScriptedServer], documents: @escaping ScriptedServers.Documents = ScriptedDocuments.small
  ) throws -> (RealServer, ScriptedServers, TestGateway) {
    let real = try RealServer(testAccounts, name: "real")
    let scripted = try ScriptedServers(port: real.port, servers: servers, documents: documents)
    let gateway = try TestGateway(real.systemURL) { $0.compressReplies = true }
    try gateway.untilLive(servers.count + 1)
    return (real, scripted, gateway)
  }

  /// What is no JSON would make an answer that holds it no JSON for all.
  @Test(arguments: [
    #"{"a":nonsense}"#, #"{"a":01}"#, #"{"a":+1}"#, #"{"a":.5}"#, #"{"a":1e}"#, #"{"a":nan}"#, #"{"a":TRUE}"#, #"{"a":"\x"}"#,
    "{\"a\":\"tab\tin text\"}", #"{"a" 1}"#, #"{"a":1,}"#,
    String(repeating: #"{"a":"#, count: 200) + "1" + String(repeating: "}", count: 200),
  ])
  func oneServersNonsenseIsItsOwn(_ nonsense: String) throws {
    let (real, scripted, gateway) = try fleet([ScriptedServer(name: "t"), ScriptedServer(name: "u")]) {
      $0.server.name == "t" && $0.endpoint == "VARZ" ? nonsense : ScriptedDocuments.small($0)
    }
    defer { withExtendedLifetime(real) { scripted.stop() } }
    let reply = try gateway.get("/varz?timeout=600ms")
    #expect(reply.status == 200 && reply.complete == "false" && reply.responded == "2/3" && reply.missing == "t")
    let names = try (reply.json()["servers"] as? [[String: Any]] ?? []).compactMap { ($0["server"] as? [String: Any])?["name"] as? String }
    #expect(Set(names) == ["real", "u"])
    let lines = try gateway.get("/varz?timeout=600ms&format=ndjson").text.split(separator: "\n")
    #expect(lines.count == 3)
    for line in lines { #expect(throws: Never.self) { try JSONScanner.validate(Array(line.utf8)) } }
    let alone = try gateway.get("/server/t/varz")
    #expect(alone.status == 502 && alone.reason == "unreadable_reply")
    #expect(try gateway.get("/server/u/varz").status == 200)
  }

  /// White space is part of no value: a reply of many lines is one line of a stream.
  @Test func aReplyOfManyLinesIsOneLine() throws {
    let (real, scripted, gateway) = try fleet([ScriptedServer(name: "t")]) {
      $0.server.name == "t" && $0.endpoint == "VARZ" ? "{\r\n  \"a\":\n 1,\n\"b\":\t[\n]\n}" : ScriptedDocuments.small($0)
    }
    defer { withExtendedLifetime(real) { scripted.stop() } }
    let lines = try gateway.get("/varz?format=ndjson").text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count == 4 && lines.last == "", "\(lines)")
    for line in lines.dropLast() { #expect(throws: Never.self, "\(line)") { try JSONScanner.validate(Array(line.utf8)) } }
    #expect(try gateway.get("/varz").json()["complete"] as? Bool == true)
  }

  /// Where a name stands twice the first counts, for the gateway and for who reads its answer.
  @Test func aServerHasOneID() throws {
    // The name is put in as it is: `id` stands twice.
    let (real, scripted, gateway) = try fleet([ScriptedServer(name: #"t","id":"FIRST"#, id: "SECOND")])
    defer { withExtendedLifetime(real) { scripted.stop() } }
    let reply = try gateway.get("/varz")
    #expect(reply.complete == "true" && reply.responded == "2/2")
    let text = reply.text
    #expect(text.contains(#""id":"FIRST""#) && !text.contains(#""id":"SECOND""#))
    #expect(try gateway.get("/servers").text.contains("FIRST"))
  }

  private enum Packing: String, CaseIterable { case asked, notAsked, otherEncoding, unknown, damaged }

  private func packed(_ document: [UInt8], _ encoding: ContentEncoding, isDamaged: Bool) throws -> [UInt8] {
    var payload = try #require(encoding.encode(document))
    if isDamaged { payload[payload.count / 2] ^= 0x55 }
    return payload
  }

  /// A small reply may unfold to a large one: it is unfolded no further than the limit.
  @Test func aReplyHasALimit() throws {
    let form = QuestionForm(.server("CONNZ"), endpoint: "connz", envelope: .data, compress: true)
    let document = [UInt8](repeating: UInt8(ascii: "a"), count: 200_000)
    let packed = try #require(ContentEncoding.snappy.encode(document))
    let message = NATSMessage(subject: "x", headers: NATSHeaders([("Content-Encoding", "snappy")]), payload: packed)
    #expect(ReplyReader.plain(message, form, limit: 200_000) == document)
    #expect(ReplyReader.plain(message, form, limit: 199_999) == nil)
    #expect(ReplyReader.largest == 64 << 20)
  }

  /// Only the encoding that was asked for is decoded.
  @Test(arguments: Packing.allCases.map(\.rawValue)) func compressedReplies(_ name: String) throws {
    let packing = try #require(Packing(rawValue: name))
    let (real, scripted, gateway) = try fleet([ScriptedServer(name: "t", id: "PLAYED")])
    defer { withExtendedLifetime(real) { scripted.stop() } }
    scripted.change("t") { $0.behaviour = .silent }
    let filling = String(repeating: "a", count: 1000)
    let document = Array(
      #"{"server":{"name":"t","id":"PLAYED","cluster":"S","ver":"2.14.5"},"data":{"connections":[],"x":"\#(filling)"}}"#.utf8)
    let (encoding, header): (ContentEncoding, String) =
      switch packing {
      case .asked, .notAsked, .damaged: (.snappy, "snappy")
      case .otherEncoding: (.gzip, "gzip")
      case .unknown: (.identity, "br")
      }
    let payload = try packed(document, encoding, isDamaged: packing == .damaged)
    let endpoint = packing == .notAsked ? "VARZ" : "CONNZ"
    let player = try RawNATS(port: real.port, user: "admin", password: "changeit")
    try player.subscribe("$SYS.REQ.SERVER.PLAYED.\(endpoint)")
    try player.flush()
    let answering = Thread {
      guard let request = try? player.next(), let inbox = request.reply else { return }
      let block = "NATS/1.0\r\nContent-Encoding: \(header)\r\n\r\n"
      try? player.connection.send(
        Array("HPUB \(inbox) \(block.utf8.count) \(block.utf8.count + payload.count)\r\n\(block)".utf8) + payload + Array("\r\n".utf8))
      try? player.flush()
    }
    answering.start()
    let reply = try gateway.get("/server/PLAYED/\(endpoint.lowercased())?timeout=5s")
    #expect(reply.status == (packing == .asked ? 200 : 502), "\(reply.text.prefix(200))")
    #expect(reply.reason == (packing == .asked ? "" : "unreadable_reply"))
  }
}
