import Foundation
import Gateway
import HTTPServer
import Testing
import Wire

@Suite struct ProblemTests {
  static let all: [any Problem] = HTTPProblem.allCases.map { $0 as any Problem } + GatewayProblem.allCases.map { $0 as any Problem }

  @Test func reasonsAreUniqueWords() {
    let reasons = Self.all.map(\.reason)
    #expect(Set(reasons).count == reasons.count)
    for reason in reasons { #expect(reason.allSatisfy { $0.isLowercase && $0.isASCII || $0 == "_" }, "\(reason)") }
  }

  @Test(arguments: ProblemTests.all.indices) func eachIsAnErrorThatIsExplained(_ index: Int) {
    let problem = Self.all[index]
    #expect((400...599).contains(problem.status), "\(problem.reason)")
    for text in [problem.meaning, problem.advice] {
      #expect(text.hasSuffix(".") && text.count > 12 && text.first?.isLowercase == false, "\(problem.reason): \(text)")
    }
  }

  @Test(arguments: ProblemTests.all.indices) func theBodySaysWhatTheStatusSays(_ index: Int) throws {
    let problem = Self.all[index]
    let response = Refusal(problem, "a \"sentence\"").response
    let error = try object(response)
    #expect(response.status == problem.status && error["code"] as? Int == problem.status)
    #expect(error["reason"] as? String == problem.reason && error["description"] as? String == "a \"sentence\"")
    #expect(response.body.last == 0x0A && response.contentType == "application/json")
    let retry = response.headers.first { $0.name == "Retry-After" }?.value
    #expect(retry == (problem.status == 429 || problem.status == 503 ? "1" : nil))
  }

  @Test func headersAndDetailsGoAlong() throws {
    var refusal = Refusal(GatewayProblem.overBudget, "too much", headers: [HTTPHeader("Retry-After", "7")])
    refusal.details = [("servers", Array("[1]".utf8))]
    let response = refusal.response
    #expect(response.headers == [HTTPHeader("Retry-After", "7")])
    #expect(try object(response)["servers"] as? [Int] == [1])
  }

  private func object(_ response: HTTPResponse) throws -> [String: Any] {
    let document = try #require(JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any])
    return try #require(document["error"] as? [String: Any])
  }
}
