import Foundation
import Glibc
import NATSClient
import Reactor
import Synchronization
import SystemModel
import TestSupport
import Testing

@testable import Gateway

/// Servers of a supercluster are frozen, cut off, killed, restarted, lame-ducked and shut down while sixteen clients keep asking.
@Suite struct ChaosTests {
  private struct Answer {
    let path: String
    /// When it was asked, in seconds.
    let asked: Double
    let reply: HTTPReply
  }

  /// Clients that ask in a loop until they are stopped.
  private final class Crowd: Sendable {
    private let answers = Mutex<[Answer]>([])
    /// Requests that got no answer within the 30 s that a client waits.
    private let unanswered = Mutex<[String]>([])
    private let isStopped = Mutex(false)
    private let running: Mutex<Int>
    static let paths = [
      "/varz", "/merged/varz", "/cluster/A/connz", "/merged/connz?sort=bytes_to&limit=5", "/statsz", "/healthz", "/server/b1/varz",
    ]

    init(_ count: Int, _ gateway: TestGateway) {
      running = Mutex(count)
      for client in 0..<count {
        Thread { [self] in
          var turn = client
          while !isStopped.withLock({ $0 }) {
            let path = Self.paths[turn % Self.paths.count]
            turn += 1
            let asked = monotonicSeconds()
            do {
              let answer = Answer(path: path, asked: asked, reply: try gateway.get(path))
              answers.withLock { $0.append(answer) }
            } catch {
              unanswered.withLock { $0.append("\(path): \(error)") }
            }
          }
          running.withLock { $0 -= 1 }
        }.start()
      }
    }

    /// The answers to what was asked since a moment.
    func answers(since moment: Double) -> [Answer] { answers.withLock { $0.filter { $0.asked >= moment } } }

    func stop() throws {
      isStopped.withLock { $0 = true }
      try eventually("the clients end", timeout: 60) { running.withLock { $0 == 0 } }
      #expect(unanswered.withLock { $0 } == [])
    }
  }

  /// Servers whose way to the gateway leads over the victim: a cluster reaches the other one over one gateway connection a server.
  private func cutOff(by victim: RealServer, _ system: Supercluster) throws -> Set<String> {
    let id = try victim.identifier()
    func hangsOnIt(_ server: RealServer) throws -> Bool {
      let gateways = try server.monitor("/gatewayz")["outbound_gateways"] as? [String: Any] ?? [:]
      return gateways.values.contains { (($0 as? [String: Any])?["connection"] as? [String: Any])?["name"] as? String == id }
    }
    if system.a.servers.contains(where: { $0.name == victim.name }) { return Set(try system.b.servers.filter(hangsOnIt).map(\.name)) }
    return try system.a.servers.contains(where: hangsOnIt) ? Set(system.b.servers.map(\.name)) : []
  }

  /// While `victim` does not answer, no answer that would need it may call itself complete, and nobody is blamed who could answer.
  private func check(_ answers: [Answer], victim: RealServer, cluster: String, cutOff: Set<String>) {
    #expect(answers.contains { $0.reply.complete == "false" })
    for answer in answers {
      let needsIt =
        !answer.path.hasPrefix("/server/") && (!answer.path.hasPrefix("/cluster/") || answer.path.hasPrefix("/cluster/\(cluster)/"))
      if needsIt { #expect(answer.reply.complete != "true", "\(answer.path) is complete without \(victim.name)") }
      if [200, 504].contains(answer.reply.status) {
        let blamed = Set(answer.reply.missing.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
        #expect(blamed.subtracting(cutOff).isSubset(of: [victim.name]), "\(answer.path) blames \(answer.reply.missing)")
      }
    }
  }

  @Test func sixteenClientsMeanwhile() throws {
    let system = try Supercluster(relayed: true)
    // Connected to a2; the gateways and the leaf hang on a1, which is left alone.
    let url = [system.a[1], system.a[2], system.a[0]].map(\.systemURL).joined(separator: ",")
    let gateway = try TestGateway(url) {
      $0.timeout = 2
      $0.client.connectTimeout = 2
      $0.client.usesDiscoveredServers = false
    }
    try gateway.untilLive(6)
    let crowd = Crowd(16, gateway)
    defer { try? crowd.stop() }

    // One after the other is frozen; the last is the one that the gateway is connected to.
    for (victim, cluster) in [(system.a[2], "A"), (system.b[1], "B"), (system.a[1], "A")] {
      let cutOff = try cutOff(by: victim, system)
      victim.process.freeze()
      let frozen = monotonicSeconds()
      try eventually("\(victim.name) is suspect", timeout: 60) { try gateway.state(victim.name) == "suspect" }
      // A question that was asked since then ends with its own timeout at the latest, which may be after the suspicion.
      try eventually("answers meanwhile", timeout: 60) { crowd.answers(since: frozen).count >= 16 }
      check(crowd.answers(since: frozen), victim: victim, cluster: cluster, cutOff: cutOff)
      for other in system.servers where other.name != victim.name && !cutOff.contains(other.name) {
        #expect(try gateway.state(other.name) != "suspect", "\(other.name)")
      }
      victim.process.thaw()
      try eventually("all six answer", timeout: 60) { try gateway.get("/varz").responded == "6/6" }
    }

    try cutOffAndBack(system, gateway, crowd)
    let again = try killedAndRestarted(system, gateway, crowd)
    defer { withExtendedLifetime(again) {} }
    try leavingInOrder(system, gateway)
    try crowd.stop()
    try nothingHasGrown(gateway)
  }

  /// The servers live and the network between them and the others does not: first silent, then closed, then whole again.
  private func cutOffAndBack(_ system: Supercluster, _ gateway: TestGateway, _ crowd: Crowd) throws {
    for (victim, cluster) in [(system.b[1], "B"), (system.leaf, "leaf1")] {
      let id = try victim.identifier()
      let cutOff = victim === system.leaf ? [] : try cutOff(by: victim, system)
      system.network(of: victim.name, .stalled)
      let stalled = monotonicSeconds()
      try eventually("\(victim.name) is suspect", timeout: 60) { try gateway.state(victim.name) == "suspect" }
      try eventually("answers meanwhile", timeout: 60) { crowd.answers(since: stalled).count >= 16 }
      check(crowd.answers(since: stalled), victim: victim, cluster: cluster, cutOff: cutOff)
      #expect(try gateway.get("/server/\(victim.name)/varz").status == 504)
      system.network(of: victim.name, .cut)
      try eventually("only \(victim.name) is missing", timeout: 60) { try gateway.get("/varz").missing == victim.name }
      let direct = try gateway.get("/server/\(victim.name)/varz")
      #expect(direct.status == 504 && ["suspect", "unreachable"].contains(direct.reason), "it lives: \(direct.text)")
      let cut = monotonicSeconds()
      try eventually("answers without it", timeout: 60) { crowd.answers(since: cut).count > 100 }
      check(crowd.answers(since: cut), victim: victim, cluster: cluster, cutOff: [])
      for other in system.servers where other.name != victim.name { #expect(try gateway.state(other.name) != "suspect", "\(other.name)") }
      #expect(victim.process.isRunning)
      system.network(of: victim.name, .passes)
      try eventually("all six answer", timeout: 60) { try gateway.get("/varz").responded == "6/6" }
      #expect(try gateway.states(victim.name) == [id: "live"], "the same server, not another one")
    }
  }

  /// Killed, it stays missing, and connections over it are made anew elsewhere; started again it takes the old one's place.
  private func killedAndRestarted(_ system: Supercluster, _ gateway: TestGateway, _ crowd: Crowd) throws -> RealServer {
    let victim = system.b[1]
    let old = try victim.identifier()
    victim.process.killNow()
    try eventually("b2 is missing", timeout: 60) { try gateway.get("/varz").missing == "b2" }
    let killed = monotonicSeconds()
    try eventually("answers without it", timeout: 60) { crowd.answers(since: killed).count > 200 }
    check(crowd.answers(since: killed), victim: victim, cluster: "B", cutOff: [])
    let again = try RealServer(victim.configuration, name: "b2")
    try eventually("the new b2 answers", timeout: 60) { try gateway.get("/varz").responded == "6/6" }
    let new = try again.identifier()
    #expect(try gateway.states("b2") == [old: "gone", new: "live"])
    return again
  }

  /// Who leaves in order is not expected any more. A lame duck of 2.9.10 goes as soon as its clients have; the gateway, if it is one, leaves.
  private func leavingInOrder(_ system: Supercluster, _ gateway: TestGateway) throws {
    system.a[2].process.send(SIGUSR2)
    // Its last word may come while the gateway is on its way to another server.
    try eventually("a3 has left", timeout: 60) { ["gone", "lame_duck"].contains(try gateway.state("a3")) }
    try eventually("the gateway is where it stays") { try gateway.get("/varz").responded == "5/5" }
    system.leaf.process.stop()
    try eventually("leaf1 is gone", timeout: 60) { try gateway.state("leaf1") == "gone" }
    try eventually("four are expected, and answer", timeout: 60) {
      let reply = try gateway.get("/varz")
      return reply.responded == "4/4" && reply.complete == "true"
    }
  }

  /// Thousands of requests and every kind of trouble later nothing is left of them.
  private func nothingHasGrown(_ gateway: TestGateway) throws {
    try eventually("nothing is on its way", timeout: 60) {
      gateway.gateway.shard.queue.sync {
        let session = gateway.gateway.session
        return session.beliefs.openCount == 0 && session.waiters.isEmpty && session.exchanges.isEmpty && session.client.requestCount <= 1
      }
    }
    gateway.gateway.shard.queue.sync {
      #expect(gateway.gateway.beliefs.servers.count == 7, "six servers, one of them twice")
    }
  }
}
