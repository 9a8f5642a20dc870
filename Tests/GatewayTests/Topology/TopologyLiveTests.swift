import Foundation
import TestSupport
import Testing

@testable import Gateway

/// `/topology` of real servers: two clusters joined by gateways, and a leaf.
@Suite(.serialized) struct TopologyLiveTests {
  /// `route a1–a2 agreed`, sorted.
  static func links(_ gateway: TestGateway, _ path: String = "/topology") throws -> [String] {
    try (gateway.json(path)["links"] as? [[String: Any]] ?? []).map { link in
      let (from, to) = (link["from"] as? [String: Any] ?? [:], link["to"] as? [String: Any] ?? [:])
      let far = to["name"] as? String ?? "cluster \(to["cluster"] as? String ?? "")"
      return "\(link["kind"] ?? "") \(from["name"] ?? "")–\(far) \(link["state"] ?? "")"
    }
  }

  @Test func aSupercluster() throws {
    let system = try Supercluster()
    let gateway = try TestGateway(system.systemURL)
    try gateway.untilLive(6)
    try eventually("all links agree") {
      let links = try TopologyLiveTests.links(gateway)
      return links.count == 11 && links.allSatisfy { $0.hasSuffix(" agreed") }
    }
    let answer = try gateway.get("/topology")
    #expect(answer.complete == "true" && answer.responded == "6/6")
    let document = try answer.json()
    #expect(document["expected"] as? Int == 6 && (document["missing"] as? [Any])?.isEmpty == true)
    #expect((document["nodes"] as? [Any])?.count == 6)
    let links = try #require(document["links"] as? [[String: Any]])
    #expect(links.count { $0["kind"] as? String == "route" } == 4 && links.count { $0["kind"] as? String == "gateway" } == 5)
    #expect(links.filter { $0["kind"] as? String == "leafnode" }.compactMap { $0["account"] as? String } == ["SYS", "USERS"])
    #expect(links.filter { $0["kind"] as? String != "leafnode" }.allSatisfy { $0["since"] != nil })

    // A cluster's own links and those that leave it; a server's.
    #expect(try TopologyLiveTests.links(gateway, "/cluster/B/topology").count == 6)
    #expect(
      try TopologyLiveTests.links(gateway, "/server/leaf1/topology") == ["leafnode a1–leaf1 agreed", "leafnode a1–leaf1 agreed"])
    #expect(try gateway.get("/server/leaf1/topology").responded == "2/2")
    for path in ["/cluster/C/topology", "/server/nobody/topology", "/account/USERS/topology"] {
      #expect(try gateway.get(path).status == 404, "\(path)")
    }
    #expect(try gateway.get("/topology?timeout=soon").status == 400)
    #expect((try gateway.json("/")["pages"] as? [String: Any])?["/topology"] != nil)
    try eventually("routes have rates") {
      let links = try gateway.json("/topology")["links"] as? [[String: Any]] ?? []
      return links.contains { ($0["rates"] as? [String: Any])?["received_bytes"] is NSNumber }
    }
  }

  @Test func whoIsFrozenAgreesToNothingAndWhoDiesLeavesItsLinksBehind() throws {
    let system = try Supercluster()
    let gateway = try TestGateway(system.systemURL)
    try gateway.untilLive(6)
    try eventually("all links agree") { try TopologyLiveTests.links(gateway).allSatisfy { $0.hasSuffix(" agreed") } }
    let b2 = system.b[1].process
    b2.freeze()
    defer { b2.thaw() }
    try eventually("nobody says that both ends agree") {
      let answer = try gateway.get("/topology?timeout=1s")
      let links = try answer.json()["links"] as? [[String: Any]] ?? []
      let own = links.filter { link in
        ["from", "to"].contains { (link[$0] as? [String: Any])?["name"] as? String == "b2" }
      }
      return answer.complete == "false" && answer.missing == "b2" && own.count >= 2 && own.allSatisfy { $0["state"] as? String != "agreed" }
        && own.contains { ($0["sentence"] as? String)?.contains("b2 has not answered") == true }
    }
    system.a[2].process.killNow()
    try eventually("the links of a3 are lost, and still shown") {
      let links = try TopologyLiveTests.links(gateway, "/topology?timeout=1s")
      return links.contains("route a1–a3 lost") && links.contains("route a2–a3 lost")
    }
    let lost = (try gateway.json("/topology?timeout=1s")["links"] as? [[String: Any]] ?? []).first {
      $0["link"] as? String == "route A/a1 A/a3"
    }
    #expect(lost?["since"] is String && lost?["rates"] == nil)
  }
}
