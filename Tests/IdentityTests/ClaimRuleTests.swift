import Testing

@testable import Identity

/// What makes an account's claims invalid for servers: what the reference library refuses, and nothing else.
@Suite struct ClaimRuleTests {
  struct Rule: CustomStringConvertible, Sendable {
    let description: String
    /// Nil for claims that are good.
    let refusal: String?
    let change: @Sendable (inout AccountClaims) -> Void

    init(_ description: String, _ refusal: String?, _ change: @escaping @Sendable (inout AccountClaims) -> Void) {
      self.description = description
      self.refusal = refusal
      self.change = change
    }
  }

  private static func export(_ change: (inout Export) -> Void) -> Export {
    var export = Export(subject: "x.*", kind: .service)
    change(&export)
    return export
  }

  private static func scope(_ change: (inout UserLimits) -> Void) -> UserScope {
    var scope = UserScope(key: KeyPair.generate(.account).publicKey)
    change(&scope.template)
    return scope
  }

  static let rules = [
    Rule("traffic of the owner", nil) { $0.clusterTraffic = "owner" },
    Rule("traffic of the system", nil) { $0.clusterTraffic = "system" },
    Rule("traffic of another", "unknown cluster traffic option: \"System\"") { $0.clusterTraffic = "System" },
    Rule("−2 imports", "the account contains more imports than allowed by the operator") { $0.limits.imports = -2 },
    Rule("−2 exports", "the account contains more exports than allowed by the operator") { $0.limits.exports = -2 },
    Rule("a negative weight", "Mapping \"m\" has a negative weight -1") { $0.mappings["m"] = [MappingTarget(subject: "x", weight: -1)] },
    Rule("a negative position", "Account Token Position -1 is negative") { $0.exports = [export { $0.accountTokenPosition = -1 }] },
    Rule("a whole address", nil) { $0.info.url = "http://[::1]:8080/%41" },
    Rule("half an address", "error parsing info url: expected an absolute URL, found \"http://[::1\"") { $0.info.url = "http://[::1" },
    Rule("a broken escape", "error parsing info url: expected an absolute URL, found \"http://x/%zz\"") { $0.info.url = "http://x/%zz" },
    Rule("an escape cut short", "error parsing info url: expected an absolute URL, found \"http://x/%4\"") { $0.info.url = "http://x/%4" },
    Rule("permissions of a scope", nil) { add(scope { $0.permissions.publish.allow = ["a b c"] }, to: &$0) },
    Rule("networks of a scope", nil) { add(scope { $0.sources = ["nowhere"] }, to: &$0) },
    Rule("times of a scope", nil) { add(scope { $0.times = [TimeRange(start: "x", end: "")] }, to: &$0) },
  ]

  private static func add(_ scope: UserScope, to claims: inout AccountClaims) { claims.signingKeys[scope.key] = scope }

  @Test(arguments: rules) func isJudged(_ rule: Rule) {
    var claims = AccountClaims(subject: KeyPair.generate(.account).publicKey, name: "A")
    rule.change(&claims)
    let blocking = claims.validate(now: 10).filter { $0.isBlocking(includingTime: true) }.map(\.description)
    #expect(blocking == (rule.refusal.map { [$0] } ?? []))
  }

  /// Readers of the reference library leave out the limits beside tiers, and so take the account.
  @Test func limitsBesideTiersAreNotRead() throws {
    let signer = KeyPair.generate(.operator)
    var claims = AccountClaims(subject: KeyPair.generate(.account).publicKey, name: "A")
    claims.limits.jetStream.streams = 1
    claims.limits.tiers["R1"] = claims.limits.jetStream
    #expect(claims.validate(now: 10).map(\.level) == [.error])
    let read = try Token.decode(Token.encode(claims, signer: signer, now: 10), as: AccountClaims.self)
    #expect(read.limits.jetStream == JetStreamLimits() && read.limits.tiers == claims.limits.tiers)
    #expect(read.validate(now: 10).isEmpty)
  }

  /// As Go reads the time of a day.
  @Test(
    arguments: [
      ("09:00:00", 32_400), ("9:00:00", 32_400), ("00:00:00", 0), ("23:59:59", 86_399), ("9:0:00", nil), ("09:00:0", nil),
      ("24:00:00", nil), ("09:00", nil), ("009:00:00", nil), (" 09:00:00", nil), ("", nil),
    ] as [(String, Int?)]) func timesOfDay(_ text: String, _ seconds: Int?)
  {
    #expect(TimeRange.seconds(text) == seconds)
  }
}
