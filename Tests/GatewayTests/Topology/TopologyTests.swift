import SystemModel
import Testing
import Wire

@testable import Gateway

/// How the answers of servers are joined into links.
@Suite struct TopologyTests {
  static let now = Timestamp(seconds: 1_795_300_000)

  /// Captured answers as the gateway hands them on.
  static func captured(_ version: String, _ name: String) throws -> [MetricReply] {
    try Captured.replies(version, name).map { reply in
      MetricReply(
        name: reply.serverName, cluster: reply.cluster, id: reply.serverID, version: reply.version,
        document: JSONView(bytes: reply.bytes, range: reply.data))
    }
  }

  /// The captured system: clusters c1 (n1, n2, n3) and c2 (g1); the leaf l1 is not in its system account.
  static func system(_ version: String) throws -> TopologySources {
    var sources = TopologySources(now: now, routez: try captured(version, "ROUTEZ"), gatewayz: try captured(version, "GATEWAYZ"))
    sources.leafz = try captured(version, "LEAFZ")
    sources.servers = sources.routez.map {
      TopologyServer(
        id: $0.id, name: $0.name, cluster: $0.cluster, version: $0.version, standing: .live, lastSeen: now, clockDifference: .zero)
    }
    return sources
  }

  /// `route n1–n2 agreed yes yes`
  static func lines(_ topology: Topology) -> [String] {
    topology.links.map { link in
      let far = link.to.name.isEmpty ? "cluster \(link.to.cluster)" : link.to.name
      let code = link.problem.map { " \($0.rawValue)" } ?? ""
      return
        "\(link.kind.rawValue) \(link.from.name)–\(far) \(link.state.rawValue) \(link.from.says.rawValue) \(link.to.says.rawValue)\(code)"
    }
  }

  @Test(arguments: ["2.9.10", "2.14.5"]) func aCapturedSystem(version: String) throws {
    let topology = Topology(try TopologyTests.system(version))
    // Before 2.9.15 a hub knows no more of a leaf than its address.
    let leaf = version == "2.9.10" ? "127.0.0.1:34200" : "l1"
    #expect(
      TopologyTests.lines(topology) == [
        "route n1–n2 agreed yes yes", "route n1–n3 agreed yes yes", "route n2–n3 agreed yes yes",
        "gateway n1–g1 agreed yes yes", "gateway n2–g1 agreed yes yes", "gateway n3–g1 agreed yes yes",
        "gateway g1–n1 agreed yes yes", "leafnode n1–\(leaf) unconfirmed yes unasked",
      ])
    let route = topology.links[0]
    // Since 2.10 several connections make a route.
    #expect(route.from.figures?.connections == (version == "2.9.10" ? 1 : 4))
    #expect((route.from.figures?.rtt ?? 0) > 0 && route.from.figures?.start != nil)
    #expect(topology.links.last?.account == "USERS" && topology.links.last?.isGuessed == (version == "2.9.10"))
    #expect(topology.nodes.map(\.name).sorted() == [leaf, "g1", "n1", "n2", "n3"].sorted())
    #expect(topology.nodes.last?.membership == .outside)
  }

  /// What becomes of the links when some of the answers are not there, or servers are not what they were.
  struct Absence: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let lines: [String]
    let change: @Sendable (inout TopologySources) -> Void

    init(_ description: String, _ lines: [String], _ change: @escaping @Sendable (inout TopologySources) -> Void) {
      testDescription = description
      self.lines = lines
      self.change = change
    }
  }

  static func remove(_ name: String, from sources: inout TopologySources) {
    sources.routez.removeAll { $0.name == name }
    sources.gatewayz.removeAll { $0.name == name }
    sources.leafz.removeAll { $0.name == name }
  }

  static func set(_ name: String, _ standing: Standing, in sources: inout TopologySources) {
    for place in sources.servers.indices where sources.servers[place].name == name { sources.servers[place].standing = standing }
  }

  static let absences = [
    Absence(
      "a server that is silent agrees to nothing",
      [
        "route n1–n2 unconfirmed yes silent", "route n1–n3 agreed yes yes", "route n2–n3 unconfirmed silent yes",
        "gateway n1–g1 agreed yes yes", "gateway n2–g1 unconfirmed silent yes", "gateway n3–g1 agreed yes yes",
        "gateway g1–n1 agreed yes yes", "leafnode n1–l1 unconfirmed yes unasked",
      ]
    ) {
      remove("n2", from: &$0)
      set("n2", .suspect(.silent), in: &$0)
    },
    Absence(
      "one that has gone cannot be asked",
      [
        "route n1–n2 agreed yes yes", "route n1–n3 agreed yes yes", "route n2–n3 agreed yes yes",
        "gateway n1–g1 unconfirmed yes unasked", "gateway n2–g1 unconfirmed yes unasked", "gateway n3–g1 unconfirmed yes unasked",
        "gateway g1–n1 unconfirmed unasked yes", "leafnode n1–l1 unconfirmed yes unasked",
      ]
    ) {
      remove("g1", from: &$0)
      set("g1", .gone(.shutDown), in: &$0)
    },
    Absence(
      "one that was never heard has its place all the same",
      [
        "route n1–n2 unconfirmed yes unasked", "route n1–n3 agreed yes yes", "route n2–n3 unconfirmed unasked yes",
        "gateway n1–g1 agreed yes yes", "gateway n2–g1 unconfirmed unasked yes", "gateway n3–g1 agreed yes yes",
        "gateway g1–n1 agreed yes yes", "leafnode n1–l1 unconfirmed yes unasked",
      ]
    ) {
      remove("n2", from: &$0)
      $0.servers.removeAll { $0.name == "n2" }
    },
  ]

  @Test(arguments: absences) func whoDoesNotAnswer(absence: Absence) throws {
    var sources = try TopologyTests.system("2.14.5")
    absence.change(&sources)
    let lines = TopologyTests.lines(Topology(sources))
    #expect(lines == absence.lines)
  }

  @Test func aServerStartedAnewKeepsItsPlace() throws {
    var sources = try TopologyTests.system("2.14.5")
    sources.servers.append(TopologyServer(id: "NOLD", name: "n2", cluster: "c1", standing: .gone(.shutDown), lastSeen: TopologyTests.now))
    #expect(Topology(sources).nodes.count { $0.name == "n2" && $0.membership == .known(.live) } == 1)
    // Two that live under one name are two all the same.
    sources.servers[sources.servers.count - 1].standing = .live
    #expect(Topology(sources).nodes.count { $0.name == "n2" && $0.membership == .known(.live) } == 2)
    // One that the operator declared is the one that came.
    sources.servers.append(TopologyServer(id: "", name: "n3", cluster: "c1", standing: .awaited))
    #expect(Topology(sources).nodes.count { $0.name == "n3" } == 1)
    // One that left more than a quarter of an hour ago has none.
    sources.servers.append(
      TopologyServer(
        id: "NGONE", name: "n9", cluster: "c1", standing: .gone(.shutDown),
        lastSeen: TopologyTests.now - .seconds(901)))
    #expect(!Topology(sources).nodes.contains { $0.name == "n9" })
  }

  // MARK: Leafnodes

  static func leafs(_ servers: [(name: String, cluster: String, rows: String)]) throws -> Topology {
    var sources = TopologySources(now: now)
    for (name, cluster, rows) in servers {
      sources.servers.append(TopologyServer(id: "N" + name, name: name, cluster: cluster))
      sources.leafz.append(try metricReply(name, cluster, #"{"leafs":[\#(rows)]}"#))
    }
    return Topology(sources)
  }

  static func row(_ account: String, name: String = "", spoke: Bool = false, sent: Int = 0, received: Int = 0) -> String {
    let told = name.isEmpty ? "" : #""name":"\#(name)","is_spoke":\#(spoke),"#
    return #"{\#(told)"account":"\#(account)","ip":"10.0.0.1","port":7,"out_bytes":\#(sent),"in_bytes":\#(received)}"#
  }

  @Test func leafsAreJoinedFromBothEnds() throws {
    let topology = try TopologyTests.leafs([
      ("a1", "A", [TopologyTests.row("USERS", name: "edge"), TopologyTests.row("SYS", name: "edge")].joined(separator: ",")),
      // The leaf binds USERS to an account of another name.
      (
        "edge", "",
        [TopologyTests.row("SYS", name: "a1", spoke: true), TopologyTests.row("LOCAL", name: "a1", spoke: true)].joined(separator: ",")
      ),
    ])
    #expect(
      TopologyTests.lines(topology) == ["leafnode a1–edge agreed yes yes", "leafnode a1–edge agreed yes yes"])
    #expect(topology.links.map(\.account) == ["SYS", "USERS"] && Set(topology.links.map(\.key)).count == 2)
  }

  @Test func aLeafThatOneEndDoesNotKnow() throws {
    let oneSided = try TopologyTests.leafs([("a1", "A", TopologyTests.row("USERS", name: "edge")), ("edge", "", "")])
    #expect(TopologyTests.lines(oneSided) == ["leafnode a1–edge one_sided yes no leafnode_one_sided"])
    // The hub is none of the system's servers.
    let foreign = try TopologyTests.leafs([("edge", "", TopologyTests.row("USERS", name: "far", spoke: true))])
    #expect(TopologyTests.lines(foreign) == ["leafnode far–edge unconfirmed unasked yes"])
  }

  /// Before 2.9.15: of two leafs of one account each hub's row goes to the one that counts the same bytes the other way round.
  @Test func guessesGoByWhatIsCounted() throws {
    let topology = try TopologyTests.leafs([
      ("a1", "A", TopologyTests.row("USERS", sent: 900, received: 10)), ("a2", "A", TopologyTests.row("USERS", sent: 5, received: 70)),
      ("leaf1", "", TopologyTests.row("USERS", sent: 70, received: 5)),
      ("leaf2", "leaf2", TopologyTests.row("USERS", sent: 10, received: 900)),
    ])
    #expect(TopologyTests.lines(topology) == ["leafnode a1–leaf2 agreed yes yes", "leafnode a2–leaf1 agreed yes yes"])
    #expect(topology.links.allSatisfy { $0.isGuessed })
  }

  // MARK: Bounds

  @Test func documentsThatMakeNoSense() throws {
    var sources = TopologySources(now: TopologyTests.now, servers: [TopologyServer(id: "Na1", name: "a1", cluster: "A")])
    for document in [
      "{}", #"{"routes":7,"leafs":{"name":1},"outbound_gateways":[],"inbound_gateways":{"B":7}}"#,
      #"{"routes":[null,7,{"remote_id":7},{"remote_id":"Na1"}],"leafs":[null],"name":"A","outbound_gateways":{"B":null},"inbound_gateways":{"B":[null,{"connection":7}]}}"#,
    ] {
      let reply = try metricReply("a1", document)
      (sources.routez, sources.gatewayz) = ([reply], [reply])
      let topology = Topology(sources)
      #expect(topology.links.allSatisfy { $0.kind == .gateway } && topology.links.count <= 1, "\(document)")
      sources.leafz = [reply]
      #expect(Topology(sources).nodes.count <= 2)
    }
  }
}
