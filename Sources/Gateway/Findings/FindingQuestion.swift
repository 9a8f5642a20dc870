import Judgement
import SystemAPI

/// What is asked so that the checks have something to look at.
struct FindingQuestion: Sendable {
  let need: Need
  let endpoint: Endpoint
  let query: String
  /// Without it nothing can be said to be well.
  var isBasic = false
  /// It is asked only where that is wanted: its answers are large.
  var isDeep = false

  /// The first one tells who is there.
  static let all: [FindingQuestion] = [
    FindingQuestion(need: .varz, endpoint: .varz, query: "", isBasic: true),
    FindingQuestion(need: .routez, endpoint: .routez, query: "", isBasic: true),
    FindingQuestion(need: .gatewayz, endpoint: .gatewayz, query: "", isBasic: true),
    FindingQuestion(need: .healthz, endpoint: .healthz, query: "details=1", isBasic: true),
    FindingQuestion(need: .streams, endpoint: .jsz, query: "accounts=1&streams=1&config=1", isBasic: true),
    FindingQuestion(need: .leafz, endpoint: .leafz, query: ""),
    FindingQuestion(need: .subsz, endpoint: .subsz, query: ""),
    FindingQuestion(need: .accstatz, endpoint: .accstatz, query: ""),
    FindingQuestion(need: .consumers, endpoint: .jsz, query: "accounts=1&streams=1&consumers=1&config=1", isDeep: true),
    FindingQuestion(need: .connz, endpoint: .connz, query: "auth=1&limit=\(EndpointParameter.countLimit)", isDeep: true),
    FindingQuestion(need: .raftz, endpoint: .raftz, query: "", isDeep: true),
  ]

  /// Those that are asked: with consumers in them, streams need not be asked for apart.
  static func asked(isDeep: Bool) -> [FindingQuestion] {
    isDeep ? all.filter { $0.need != .streams } : all.filter { !$0.isDeep }
  }

  /// Documents without which nothing can be said to be well.
  static let basicDocuments = all.filter(\.isBasic).map(\.endpoint.name)
}

extension Check {
  /// It looks at what is asked for only where that is wanted.
  public var isDeep: Bool { needs.contains(.accounts) || FindingQuestion.all.contains { $0.isDeep && needs.contains($0.need) } }
}
