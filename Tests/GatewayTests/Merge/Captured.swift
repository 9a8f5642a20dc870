import Foundation
import SystemAPI
import TestSupport
import Testing
import Wire

@testable import Gateway

/// Replies of real servers, as they were on the wire.
enum Captured {
  typealias Object = [String: Any]

  static func lines(_ version: String, _ name: String) throws -> [String] {
    let file = "\(packageRoot)/Tests/GatewayTests/Fixtures/\(version)/\(name).jsonl"
    return try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  /// The replies that hold a document; ordinals by place, from 1.
  static func replies(_ version: String, _ name: String) throws -> [MergeReply] {
    try lines(version, name).enumerated().compactMap { place, line in
      let bytes = Array(line.utf8)
      return bytes.withUnsafeBufferPointer { buffer in
        guard let envelope = ReplyEnvelope(buffer), let range = envelope.server, let server = ServerDescription(buffer, range),
          let data = envelope.data ?? envelope.statsz
        else { return nil }
        return MergeReply(
          serverID: server.id, serverName: server.name, cluster: server.cluster, version: server.version, ordinal: place + 1,
          bytes: bytes, data: data)
      }
    }
  }

  static func documents(_ replies: [MergeReply]) throws -> [Object] {
    try replies.map { try object(Array($0.bytes[$0.data])) }
  }

  static func object(_ bytes: [UInt8]) throws -> Object {
    try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? Object)
  }

  /// A reply made up for a test.
  static func reply(
    _ name: String, _ text: String, cluster: String = "A", version: String = "2.12.3", ordinal: Int = 1
  ) -> MergeReply {
    MergeReply(
      serverID: "N" + name.uppercased(), serverName: name, cluster: cluster, version: version, ordinal: ordinal, bytes: Array(text.utf8))
  }

  /// What stands at a dotted path; a number stands for a place in an array.
  static func value(_ object: Any?, _ path: String) -> Any? {
    var current = object
    for part in path.split(separator: ".") {
      if let list = current as? [Any] {
        current = Int(part).flatMap { list.indices.contains($0) ? list[$0] : nil }
      } else {
        current = (current as? Object)?[String(part)]
      }
    }
    return current
  }

  /// A value as text, to compare by.
  static func text(_ value: Any?) -> String {
    guard let value, let data = try? JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys]) else {
      return "nothing"
    }
    return String(decoding: data, as: UTF8.self)
  }

  static func number(_ object: Any?, _ path: String) -> Double? { (value(object, path) as? NSNumber)?.doubleValue }
}

/// A merged path's plan and document.
func merged(
  _ endpoint: String, _ replies: [MergeReply], account: Bool = false, scope: String = "all", maxRows: Int = 100_000,
  query: [String: String] = [:], now: Timestamp = Timestamp(seconds: 1_795_300_000), missing: [String] = []
) throws -> MergedDocument {
  let found = account ? EndpointTable.accountEndpoint(endpoint) : EndpointTable.endpoint(endpoint)
  let plan = try MergePlan(try #require(found), scope: scope, maxRows: maxRows) { query[$0] }
  return try plan.merge(replies, now: now, missing: missing)
}
