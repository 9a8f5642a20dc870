import Foundation
import HTTPServer
import SystemAPI
import Testing

@testable import Gateway

@Suite struct FieldsTests {
  @Test func everyRuleInUseIsExplained() throws {
    let object = try #require(try JSONSerialization.jsonObject(with: Data(FieldsPage.document)) as? [String: Any])
    let rules = Set((object["rules"] as? [String: String] ?? [:]).keys)
    for group in ["endpoints", "account_endpoints"] {
      let endpoints = try #require(object[group] as? [String: [String: String]])
      for (endpoint, fields) in endpoints {
        #expect(!fields.isEmpty, "\(endpoint)")
        for (path, rule) in fields { #expect(rules.contains(rule) || rule.hasPrefix("concat, one row"), "\(endpoint) \(path): \(rule)") }
      }
    }
    #expect(Captured.value(object, "endpoints.jsz") != nil)
    let jetStream = try #require((object["endpoints"] as? [String: [String: String]])?["jsz"])
    #expect(jetStream["account_details[].storage"] == "account-wide" && jetStream["storage"] == "sum")
  }

  @Test func theIndexNamesEveryEndpoint() throws {
    let text = String(decoding: IndexPage.reply(pages: [], version: "").body, as: UTF8.self)
    for endpoint in EndpointTable.endpoints { #expect(text.contains("\"/\(endpoint.name)\"")) }
  }
}
