import Foundation
import Recorded
import TestSupport
import Testing

@testable import Gateway

/// Which accounts are judged of a large system: of one that is asked, and of one that was recorded.
@Suite struct AccountDetailsTests {
  /// Servers that all have so many accounts; the token of the last three has expired.
  private static func documents(_ accounts: Int) -> ScriptedServers.Documents {
    { request in
      if request.endpoint == "HEALTHZ" { return #"{"status":"ok","status_code":200}"# }
      guard request.endpoint == "ACCOUNTZ" else { return ScriptedDocuments.small(request) }
      let names = (0..<accounts).map { "A\($0 + 10)" }
      let options = (try? JSONSerialization.jsonObject(with: Data(request.payload)) as? [String: Any]) ?? [:]
      guard let account = options["account"] as? String else {
        return #"{"accounts":[\#(names.map { "\"\($0)\"" }.joined(separator: ","))]}"#
      }
      return #"{"account_detail":{"account_name":"\#(account)","expired":\#(names.suffix(3).contains(account))}}"#
    }
  }

  private func told(_ gateway: TestGateway, at epoch: Int? = nil) throws -> (expired: [String], unknown: [String]) {
    let answer = try gateway.json("/findings?deep=1" + (epoch.map { "&at=\($0)" } ?? ""))
    let findings = answer["findings"] as? [[String: Any]] ?? []
    let unknown = (answer["checks"] as? [String: Any])?["unknown"] as? [[String: Any]] ?? []
    return (
      findings.filter { $0["code"] as? String == "account_expired" }.compactMap { $0["account"] as? String }.sorted(),
      unknown.filter { ($0["checks"] as? [String])?.contains("account_expired") == true }.compactMap { $0["reason"] as? String }
    )
  }

  @Test func anEpochKeepsAsManyAsAreJudged() { #expect(AccountDetails.mostAccounts == RecordAgenda.mostAccounts) }

  /// Servers are spared questions, and what was recorded is judged as far as it was; what was not looked at is named.
  @Test func accountsOfManyServers() throws {
    let stage = try Stage(
      Stage.servers(33), documents: Self.documents(33),
      configure: {
        $0.record.folder = "in memory"
        $0.record.every = 4
        $0.record.documents = [.varz, .routez, .gatewayz, .healthz, .jsz, .accountz, .account]
      })
    let live = try told(stage.gateway)
    #expect(live.expired.isEmpty, "of 33 servers 30 accounts may be asked about")
    #expect(live.unknown == ["accountz?acc= of account A40, account A41, account A42 is missing"])
    var epoch = 0
    try eventually("an epoch with all of them is recorded", timeout: 60) {
      let epochs = try stage.gateway.json("/epochs")["epochs"] as? [[String: Any]] ?? []
      guard let last = epochs.last, last["missing"] as? Int == 0, last["expected"] as? Int == 33 else { return false }
      epoch = last["epoch"] as? Int ?? 0
      return true
    }
    let recorded = try told(stage.gateway, at: epoch)
    #expect(recorded.expired == ["A40", "A41"], "32 were kept of each server")
    #expect(recorded.unknown == ["accountz?acc= of account A42 is missing"])
  }
}
