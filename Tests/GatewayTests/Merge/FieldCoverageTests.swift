import SystemAPI
import Testing
import Wire

@testable import Gateway

/// Every field of every captured document has a rule that fits it, and the merged document follows it.
@Suite struct FieldCoverageTests {
  struct Fixture: CustomTestStringConvertible {
    let name: String
    let endpoint: String
    var isAccount = false
    var testDescription: String { name }
  }

  static let fixtures = [
    Fixture(name: "VARZ", endpoint: "varz"), Fixture(name: "CONNZ", endpoint: "connz"), Fixture(name: "ROUTEZ", endpoint: "routez"),
    Fixture(name: "GATEWAYZ", endpoint: "gatewayz"), Fixture(name: "GATEWAYZ.accounts", endpoint: "gatewayz"),
    Fixture(name: "LEAFZ", endpoint: "leafz"), Fixture(name: "SUBSZ", endpoint: "subsz"), Fixture(name: "JSZ.streams", endpoint: "jsz"),
    Fixture(name: "ACCOUNTZ", endpoint: "accountz"), Fixture(name: "ACCOUNT.STATZ", endpoint: "accstatz"),
    Fixture(name: "STATSZ", endpoint: "statsz"), Fixture(name: "IPQUEUESZ", endpoint: "ipqueuesz"),
    Fixture(name: "RAFTZ", endpoint: "raftz"), Fixture(name: "ACCOUNT.CONNZ", endpoint: "connz", isAccount: true),
    Fixture(name: "ACCOUNT.SUBSZ", endpoint: "subsz", isAccount: true), Fixture(name: "ACCOUNT.JSZ", endpoint: "jsz", isAccount: true),
    Fixture(name: "ACCOUNT.INFO", endpoint: "info", isAccount: true),
  ]

  /// Numbers that are settings: kept where all servers agree. A counter among them would be a hole in the rules.
  static let settings: Set = [
    "port", "http_port", "https_port", "cluster_port", "auth_timeout", "tls_timeout", "sync_interval", "pool_size", "max_pending",
    "ping_interval", "ping_max", "write_deadline", "cid",
  ]

  @Test(arguments: fixtures, ["2.9.10", "2.14.5"])
  func everyFieldIsRuled(_ fixture: Fixture, _ version: String) throws {
    guard let replies = try? Captured.replies(version, fixture.name), !replies.isEmpty else { return }
    let found = fixture.isAccount ? EndpointTable.accountEndpoint(fixture.endpoint) : EndpointTable.endpoint(fixture.endpoint)
    let endpoint = try #require(found)
    let documents = try replies.map { try JSONValue(parsing: Array($0.bytes[$0.data])) }.filter {
      $0["disabled"]?.bool != true || fixture.endpoint != "jsz"
    }
    let result = try JSONValue(parsing: try merged(fixture.endpoint, replies, account: fixture.isAccount).body)
    var leaves: [[String]: [JSONValue]] = [:]
    for document in documents { collect(document, [], &leaves) }
    #expect(!leaves.isEmpty)
    for (path, values) in leaves { check(path, values, of: documents.count, result, endpoint.merge) }
  }

  /// Values that are not inside rows, by path.
  private func collect(_ value: JSONValue, _ path: [String], _ leaves: inout [[String]: [JSONValue]]) {
    if let members = value.members {
      for member in members { collect(member.value, path + [member.name], &leaves) }
    } else {
      leaves[path, default: []].append(value)
    }
  }

  private func rule(_ path: ArraySlice<String>, _ rule: MergeRule) -> (rule: MergeRule, isNamed: Bool) {
    guard let name = path.first else { return (rule, true) }
    switch rule {
    case .object(let fields, let others):
      guard let field = fields.first(where: { $0.name == name }) else { return (others == .sum ? .sum : .same, others == .sum) }
      return self.rule(path.dropFirst(), field.rule)
    case .map(let inner): return self.rule(path.dropFirst(), inner)
    default: return (rule, true)
    }
  }

  private func check(_ path: [String], _ values: [JSONValue], of total: Int, _ result: JSONValue, _ root: MergeRule) {
    let name = path.joined(separator: ".")
    let (rule, isNamed) = rule(path[...], root)
    let numbers = values.compactMap(\.double)
    let areNumbers = numbers.count == values.count
    if areNumbers, !isNamed { #expect(Self.settings.contains(path.last ?? ""), "\(name) is a number without a rule") }
    let merged = path.reduce(JSONValue?.some(result)) { $0?[$1] }
    switch rule {
    case .sum where areNumbers, .replicas where areNumbers:
      let sum = numbers.reduce(0, +)
      #expect(merged?.double.map { abs($0 - sum) <= max(1, abs(sum)) * 1e-9 } == true, "\(name): the sum of \(numbers)")
    case .max where areNumbers: #expect(merged?.double == numbers.max(), "\(name)")
    case .min where areNumbers: #expect(merged?.double == numbers.min(), "\(name)")
    case .accountWide where areNumbers, .domainWide where areNumbers: #expect(merged?.double == numbers.max(), "\(name)")
    case .max where values[0].bool != nil: #expect(merged?.bool == values.contains { $0.bool == true }, "\(name)")
    case .min where values[0].bool != nil && values.count == total:
      #expect(merged?.bool == values.allSatisfy { $0.bool == true }, "\(name)")
    case .earliest: #expect(merged?.string == values.compactMap(\.string).min(), "\(name)")
    case .latest: #expect(merged?.string == values.compactMap(\.string).max(), "\(name)")
    case .same:
      let agree = values.count == total && values.allSatisfy { $0 == values[0] }
      // A member of an object that some servers leave out altogether is judged among those that have it.
      if agree || path.count == 1 { #expect((merged != nil) == agree, "\(name)") }
      if agree { #expect(merged == values[0], "\(name)") }
    case .connection: #expect((merged != nil) == (values.count == 1), "\(name)")
    case .leader, .led: break  // LeaderTests look into these.
    case .scope: #expect(merged?.string == "all", "\(name)")
    default: #expect(merged != nil, "\(name) is left out")
    }
  }
}
