import Foundation
import SystemAPI
import TestSupport
import Testing

@testable import Gateway

@Suite struct OpenAPITests {
  static let document = OpenAPIDocument.text(pages: PageTable.all)

  private func object() throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(OpenAPITests.document)) as? [String: Any])
  }

  private func operation(_ path: String) throws -> [String: Any] {
    let paths = try #require(try object()["paths"] as? [String: [String: [String: Any]]])
    return try #require(paths[path]?["get"])
  }

  private static let validator = """
    import json, sys
    try:
        from openapi_spec_validator import validate
    except ImportError as reason:
        print("SKIP", reason)
        sys.exit(0)
    validate(json.load(open(sys.argv[1])))
    print("VALID")
    """

  @Test func isValid() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(String(decoding: OpenAPITests.document, as: UTF8.self), to: "openapi.json")
    let result = try Python.run(OpenAPITests.validator, [file])
    if result.output.hasPrefix("SKIP") {
      print("the OpenAPI document was not validated: \(result.output)")
      return
    }
    #expect(result.output == "VALID\n", "\(result.errors.suffix(2000))")
  }

  @Test func pagesHaveTheirParameters() throws {
    let parameters = try #require(try operation("/account/{account}/closed")["parameters"] as? [[String: Any]])
    #expect(
      parameters.compactMap { $0["name"] as? String }.contains("reason") && parameters.count == PageDescription.closed.parameters.count + 1)
  }

  @Test func everyPathOfTheTableIsThere() throws {
    let paths = try #require(try object()["paths"] as? [String: Any])
    let scopes = [
      "", "/merged", "/cluster/{cluster}", "/cluster/{cluster}/merged", "/server/{server}", "/cluster/{cluster}/server/{server}",
    ]
    for endpoint in EndpointTable.endpoints {
      for name in [endpoint.name] + endpoint.aliases {
        for scope in scopes { #expect(paths["\(scope)/\(name)"] != nil, "\(scope)/\(name)") }
      }
    }
    for endpoint in EndpointTable.accountEndpoints {
      #expect(paths["/account/{account}/\(endpoint.name)"] != nil && paths["/account/{account}/merged/\(endpoint.name)"] != nil)
    }
    for path in ["/", "/servers", "/cluster/{cluster}/servers", "/server/{server}/servers", "/account/{account}/metrics"] {
      #expect(paths[path] != nil, "\(path)")
    }
    #expect(paths["/account/{account}/servers"] == nil)
  }

  @Test func operationsHaveNamesOfTheirOwn() throws {
    let paths = try #require(try object()["paths"] as? [String: [String: [String: Any]]])
    let names = paths.values.compactMap { $0["get"]?["operationId"] as? String }
    #expect(names.count == paths.count && Set(names).count == names.count)
  }

  @Test func parametersSayWhatIsAcceptedAndSinceWhen() throws {
    let parameters = try #require(try operation("/merged/connz")["parameters"] as? [[String: Any]])
    func named(_ name: String) -> [String: Any]? { parameters.first { $0["name"] as? String == name } }
    #expect((Captured.value(named("sort"), "schema.enum") as? [String])?.contains("bytes_to") == true)
    #expect((named("cid")?["description"] as? String)?.contains("merged row") == true)
    #expect((named("auth")?["schema"] as? [String: Any])?["$ref"] as? String == "#/components/schemas/Boolean")
    #expect(parameters.contains { $0["$ref"] as? String == "#/components/parameters/timeout" })
    let jetStream = try #require(try operation("/jsz")["parameters"] as? [[String: Any]])
    let direct = jetStream.first { $0["name"] as? String == "direct-consumers" }?["description"] as? String
    #expect(direct?.contains("from 2.11.11 in the 2.11 line, from 2.12.2") == true)
  }

  @Test func errorsAreListed() throws {
    let one = try #require(try operation("/server/{server}/varz")["responses"] as? [String: Any])
    #expect(Set(one.keys).isSuperset(of: ["200", "400", "403", "404", "409", "501", "502", "503", "504", "default"]))
    let many = try #require(try operation("/varz")["responses"] as? [String: [String: Any]])
    #expect(many["409"] == nil)
    #expect((many["200"]?["content"] as? [String: Any])?.keys.contains("application/x-ndjson") == true)
  }
}
