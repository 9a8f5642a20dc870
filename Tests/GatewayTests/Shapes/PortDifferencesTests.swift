import SystemAPI
import Testing

@testable import Gateway

@Suite struct PortDifferencesTests {
  private func document(_ endpoint: String, _ text: String, _ version: String) throws -> String? {
    let endpoint = try #require(EndpointTable.endpoint(endpoint))
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBufferPointer { PortDifferences.document($0, 0..<$0.count, endpoint, version: version) }
      .map { String(decoding: $0, as: UTF8.self) }
  }

  private static let empty = #"{"server_id":"N","now":"t","num_subscriptions":3,"avg_fanout":0.5,"total":0,"offset":0,"limit":1024}"#
  private static let listed = #"{"server_id":"N","num_subscriptions":3,"total":1,"subscriptions_list":[{"subject":"a"}]}"#

  @Test(
    arguments: [
      ("subsz", empty, "2.9.10", #"{"num_subscriptions":3,"avg_fanout":0.5}"#),
      ("subsz", empty, "2.11.9", #"{"num_subscriptions":3,"avg_fanout":0.5}"#),
      ("subsz", empty, "2.12.0", nil), ("subsz", empty, "unknown", nil), ("subsz", listed, "2.9.10", nil),
      ("healthz", #"{"status":"ok","status_code":200}"#, "2.14.5", #"{"status":"ok"}"#), ("healthz", #"{"status":"ok"}"#, "2.9.10", nil),
      ("varz", #"{"total":1}"#, "2.9.10", nil),
    ] as [(String, String, String, String?)])
  func whatThePortLeavesOut(_ endpoint: String, _ text: String, _ version: String, _ expected: String?) throws {
    #expect(try document(endpoint, text, version) == expected)
  }

  @Test(arguments: [("2.9.10", false), ("2.12.9", false), ("2.12.10", true), ("2.14.1", false), ("2.14.2", true), ("2.15.0", true)])
  func accountsWithLeafnodesAlone(_ version: String, _ isUse: Bool) {
    #expect(PortDifferences.leafnodesAreUse(.accstatz, version: version) == isUse)
    #expect(!PortDifferences.leafnodesAreUse(.accountStatz, version: version))
  }

  @Test func variablesAreLines() {
    let bytes = Array(#"{"memstats":{"Alloc":1,"PauseNs":[0,1]},"cmdline":["nats-server","-c","nats.conf"]}"#.utf8)
    let text = bytes.withUnsafeBufferPointer { String(decoding: PortDifferences.variables($0, 0..<$0.count), as: UTF8.self) }
    #expect(text == "{\n\"cmdline\": [\"nats-server\",\"-c\",\"nats.conf\"],\n\"memstats\": {\"Alloc\":1,\"PauseNs\":[0,1]}\n}\n")
  }
}
