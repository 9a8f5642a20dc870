import Foundation
import Gateway
import TestSupport
import Testing

/// Merged pages over fleets that scripted servers play, through a real server.
@Suite struct MergedFleetTests {
  private func fleet(_ servers: [ScriptedServer], connections: Int) throws -> (RealServer, ScriptedServers, TestGateway) {
    let real = try RealServer(testAccounts, name: "real")
    let scripted = try ScriptedServers(
      port: real.port, servers: servers, documents: ScriptedDocuments.connections(connections))
    let gateway = try TestGateway("nats://admin:changeit@127.0.0.1:\(real.port)")
    try gateway.untilLive(servers.count + 1)
    return (real, scripted, gateway)
  }

  private func rows(_ document: [String: Any]) -> [[String: Any]] { document["connections"] as? [[String: Any]] ?? [] }

  @Test func theBusiestOfAHundredThousandConnections() throws {
    let servers = (0..<100).map { ScriptedServer(name: "s\($0)", cluster: "c\($0 % 4)", version: "2.14.5") }
    let (real, scripted, gateway) = try fleet(servers, connections: 1000)
    defer { withExtendedLifetime(real) { scripted.stop() } }
    let reply = try gateway.get("/merged/connz?sort=bytes_to&limit=150")
    #expect(reply.complete == "true" && reply.responded == "101/101")
    let document = try reply.json()
    #expect(document["total"] as? Int ?? 0 >= 100_000 && document["num_connections"] as? Int == 150)
    let found = rows(document)
    let sizes = found.map { $0["out_bytes"] as? Int ?? -1 }
    #expect(sizes == sizes.sorted(by: >))
    // Servers whose counters fall alike: their first rows come first.
    #expect(found.allSatisfy { $0["server_cid"] as? Int ?? 99 <= 3 || $0["server_name"] as? String == "real" })
    // The played servers' counters stand still, so that pages can be compared.
    let top = try gateway.json("/cluster/c1/merged/connz?sort=bytes_to&limit=60")
    #expect(top["total"] as? Int == 25_000 && rows(top).allSatisfy { $0["cluster"] as? String == "c1" })
    let second = try gateway.json("/cluster/c1/merged/connz?sort=bytes_to&limit=20&offset=40")
    #expect(rows(second).map { $0["cid"] as? Int ?? 0 } == rows(top).suffix(20).map { $0["cid"] as? Int ?? -1 })
    #expect(try gateway.get("/merged/connz?limit=100001").reason == "too_many_rows")
  }

  @Test func serversThatMeanSomethingElseByAnOrderAreMissing() throws {
    let servers = [ScriptedServer(name: "new", version: "2.14.5"), ScriptedServer(name: "middle", version: "2.10.26")]
    let (real, scripted, gateway) = try fleet(servers, connections: 5)
    defer { withExtendedLifetime(real) { scripted.stop() } }
    let reply = try gateway.get("/merged/connz?sort=idle")
    #expect(reply.status == 200 && reply.complete == "false")
    #expect(reply.missing.contains("real") && reply.missing.contains("middle") && !reply.missing.contains("new"), "\(reply.missing)")
    #expect(Set(rows(try reply.json()).map { $0["server_name"] as? String ?? "" }) == ["new"])
    #expect(try gateway.get("/merged/connz?sort=bytes_to").complete == "true")
    #expect(try gateway.get("/merged/connz?sort=idle&require=complete").status == 504)
  }
}
