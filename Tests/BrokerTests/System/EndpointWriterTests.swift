import SystemAPI
import Testing

@testable import BrokerSystem

@Suite struct EndpointWriterTests {
  @Test func everyRowOfTheTableHasAWriterOrAReason() {
    let written = ServerEndpoint.table.map(\.service)
    #expect(Set(written).count == written.count)
    for row in EndpointTable.endpoints {
      let isElsewhere = ServerEndpoint.elsewhere[row.name] != nil
      #expect(written.contains(row.service) != isElsewhere, "\(row.name) has neither a writer nor a reason, or both")
    }
    #expect(written.count + ServerEndpoint.elsewhere.count == EndpointTable.endpoints.count)
  }

  /// The types that nats-server's decoder insists on follow from what a parameter takes.
  @Test func theMembersOfARequestFollowFromTheRow() {
    #expect(
      RequestShape("", .connz).kinds
        == RequestShape(
          "",
          [
            "sort": .string, "auth": .bool, "subscriptions": .bool, "subscriptions_detail": .bool, "offset": .int, "limit": .int,
            "cid": .uint64, "mqtt_client": .string, "state": .state, "user": .string, "acc": .string, "filter_subject": .string,
          ]
        ).kinds)
    #expect(
      RequestShape("", .jsz).kinds
        == RequestShape(
          "",
          [
            "account": .string, "accounts": .bool, "streams": .bool, "consumer": .bool, "direct_consumer": .bool, "config": .bool,
            "leader_only": .bool, "offset": .int, "limit": .int, "raft": .bool, "stream_leader_only": .bool,
          ]
        ).kinds)
    #expect(
      RequestShape("", .healthz).kinds
        == RequestShape(
          "",
          [
            "js-enabled": .bool, "js-enabled-only": .bool, "js-server-only": .bool, "js-meta-only": .bool, "account": .string,
            "stream": .string, "consumer": .string, "details": .bool,
          ]
        ).kinds)
    #expect(ServerEndpoint.table.first { $0.service == "JSZ" }?.leaderOnly == "leader_only")
  }
}
