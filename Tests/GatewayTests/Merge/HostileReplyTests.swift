import SystemAPI
import Testing
import Wire

@testable import Gateway

/// Documents that are not what a server would send: merging ends, and JSON goes in only if JSON comes out.
@Suite struct HostileReplyTests {
  static let endpoints: [(endpoint: String, fixture: String, account: Bool)] = [
    ("varz", "VARZ", false), ("connz", "CONNZ", false), ("routez", "ROUTEZ", false), ("gatewayz", "GATEWAYZ.accounts", false),
    ("leafz", "LEAFZ", false), ("subsz", "SUBSZ", false), ("jsz", "JSZ.streams", false), ("accountz", "ACCOUNTZ", false),
    ("accstatz", "ACCOUNT.STATZ", false), ("statsz", "STATSZ", false), ("healthz", "HEALTHZ", false), ("raftz", "RAFTZ", false),
    ("ipqueuesz", "IPQUEUESZ", false), ("jsz", "ACCOUNT.JSZ", true), ("info", "ACCOUNT.INFO", true),
  ]

  private static let pieces = ["null", "[]", "{}", "\"\\\"", "\"x\"", "-1", "1e999", "true", ",", "{", "}", "[", "]", "\"", ":", "\\"]

  @Test(arguments: endpoints)
  func changedDocuments(_ endpoint: String, _ fixture: String, _ account: Bool) throws {
    let replies = try Captured.replies("2.14.5", fixture)
    var random = Seeded(state: UInt64(fixture.utf8.reduce(7) { $0 &* 31 &+ Int($1) }))
    for round in 0..<150 {
      let changed = replies.map { reply in
        var bytes = Array(reply.bytes[reply.data])
        for _ in 0..<Int(random.next() % 3) { HostileReplyTests.change(&bytes, &random) }
        return MergeReply(
          serverID: reply.serverID, serverName: reply.serverName, cluster: reply.cluster, version: round % 2 == 0 ? "2.14.5" : "x",
          ordinal: reply.ordinal, bytes: bytes)
      }
      guard let document = try? merged(endpoint, changed, account: account, query: round % 3 == 0 ? ["limit": "2"] : [:]) else { continue }
      let isJSON = changed.allSatisfy { (try? JSONScanner.validate($0.bytes)) != nil }
      if isJSON { #expect(throws: Never.self, "round \(round)") { try JSONScanner.validate(document.body) } }
    }
  }

  /// Puts a value in the place of another, or a piece anywhere, or cuts the end off.
  private static func change(_ bytes: inout [UInt8], _ random: inout Seeded) {
    guard !bytes.isEmpty else { return }
    let place = Int(random.next() % UInt64(bytes.count))
    let piece = Array(pieces[Int(random.next() % UInt64(pieces.count))].utf8)
    switch random.next() % 6 {
    case 0: bytes.removeLast(bytes.count - place)
    case 1: bytes.insert(contentsOf: piece, at: place)
    default:
      // A value, so that what comes out is JSON still.
      guard let colon = bytes[place...].firstIndex(of: UInt8(ascii: ":")) else { return }
      let end = bytes.withUnsafeBytes { JSONWalk.endOfValue($0, colon + 1, $0.count) }
      guard let end else { return }
      bytes.replaceSubrange(colon + 1..<end, with: Array(pieces[Int(random.next() % 8)].utf8))
    }
  }
}
