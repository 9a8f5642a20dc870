import Foundation
import TestSupport

/// A supercluster with clients, subscriptions, streams and consumers, at rest.
final class Plant {
  let system: Supercluster
  let asker: Asker
  private var clients: [RawNATS] = []
  /// Connections of a1, by which they may be asked for.
  private(set) var connections: [UInt64] = []

  init() throws {
    system = try Supercluster()
    // First and busiest, so that it has one place in every order.
    asker = try Asker(port: system.a[0].port)
    for index in 1...5 { try connect(index, to: system.a[0]) }
    try connect(2, to: system.b[0])
    try connect(7, to: system.leaf)
    try makeStreams()
  }

  /// Each with a number of messages, bytes and subscriptions that no other has.
  private func connect(_ index: Int, to server: RealServer) throws {
    let isUser = index % 2 == 1
    let client = try RawNATS(
      port: server.port, user: isUser ? "a" : "b", password: isUser ? "a" : "b",
      options: ["name": "client <\(index)> \u{e9}", "lang": index == 4 ? "" : "swift"])
    for number in 0..<index { try client.subscribe(number == 0 ? "orders.*" : "s.\(index).\(number)", sid: "\(number + 1)") }
    try client.flush()
    for _ in 0..<(20 - index) { try client.publish("s.\(index).1", String(repeating: "x", count: 100 * index)) }
    try client.flush()
    clients.append(client)
    if server === system.a[0], let cid = client.info["client_id"] as? Int { connections.append(UInt64(cid)) }
  }

  private func makeStreams() throws {
    try eventually("JetStream has its leader") {
      try system.a.servers.allSatisfy { server in
        let group = try server.monitor("/jsz")["meta_cluster"] as? [String: Any]
        let health = try RawHTTP.get(port: server.monitoringPort, "/healthz")
        return (group?["leader"] as? String)?.isEmpty == false && health.status == 200
      }
    }
    let client = try RawNATS(port: system.a[1].port, user: "a", password: "a", options: ["name": "maker"])
    func call(_ subject: String, _ payload: String) throws {
      try eventually("\(subject) is done") { try client.request("$JS.API." + subject, payload).json["error"] == nil }
    }
    try call("STREAM.CREATE.S1", #"{"name":"S1","subjects":["js.one"],"num_replicas":3,"storage":"memory"}"#)
    try call("STREAM.CREATE.S2", #"{"name":"S2","subjects":["js.two.>"],"num_replicas":1,"storage":"file","description":"a < b"}"#)
    try call("STREAM.CREATE.M1", #"{"name":"M1","mirror":{"name":"S1"},"num_replicas":1,"storage":"memory"}"#)
    try call(
      "CONSUMER.DURABLE.CREATE.S1.C1", #"{"stream_name":"S1","config":{"durable_name":"C1","ack_policy":"explicit"}}"#)
    try call(
      "CONSUMER.DURABLE.CREATE.S1.C2", #"{"stream_name":"S1","config":{"durable_name":"C2","ack_policy":"none"}}"#)
    for _ in 0..<5 { _ = try client.request("js.one", "hello") }
    clients.append(client)
  }

  /// Everybody by name and id.
  func servers() throws -> [(name: String, id: String)] { try system.servers.map { ($0.name, try $0.identifier()) } }
}
