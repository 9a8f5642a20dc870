import BrokerCore
import Logging
import Reactor
import TestSupport
import Testing

@testable import Broker

@Suite struct StartTests {
  private func broker(_ configuration: BrokerConfiguration) throws -> Broker {
    var log = Logger(label: "broker under test", factory: { _ in SwiftLogNoOpLogHandler() })
    log.logLevel = .critical
    return try Broker(configuration: configuration, shard: Shard(label: "start-test"), log: log)
  }

  /// All listeners are opened before any of them is served, so that nobody is served by a broker that does not start.
  @Test func aTakenLeafPortLeavesNobodyListening() throws {
    let taken = try Listener.open(host: "127.0.0.1", port: 0)
    let free = try Listener.open(host: "127.0.0.1", port: 0)
    let port = free.port
    free.close()
    var configuration = BrokerConfiguration()
    configuration.host = "127.0.0.1"
    configuration.port = port
    var leafs = LeafListenerConfiguration()
    leafs.host = "127.0.0.1"
    leafs.port = taken.port
    configuration.leafNodes = leafs
    let broker = try broker(configuration)
    let error = #expect(throws: ListenError.self) { try broker.start() }
    #expect(error?.cause.isAddressInUse == true)
    #expect(broker.clientPort == nil && broker.leafPort == nil)
    let again = try Listener.open(host: "127.0.0.1", port: port)
    again.close()
    broker.stop()
    taken.close()
  }

  /// Whoever is served first sees both ports: they are set in the turn in which accepting begins.
  @Test func theFirstClientFindsTheLeafPort() throws {
    let harness = try BrokerHarness(
      text: "leafnodes { port: -1 }, accounts { SYS { users: [ { user: s, password: p } ] } }, system_account: SYS")
    let client = try RawNATS(port: harness.port, options: ["user": "s", "pass": "p"])
    let answer = try client.request("$SYS.REQ.SERVER.\(harness.broker.serverID).VARZ")
    #expect(
      String(decoding: answer.payload, as: UTF8.self).contains("\"leaf\":{\"host\":\"0.0.0.0\",\"port\":\(harness.broker.leafPort ?? 0),"))
  }
}
