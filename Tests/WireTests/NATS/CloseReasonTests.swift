import Testing
import Wire

@Suite struct CloseReasonTests {
  /// A server's words are read into one value each, and no two have the same.
  @Test func wordsAndValues() {
    for reason in CloseReason.allCases { #expect(CloseReason(rawValue: reason.rawValue) == reason) }
    #expect(CloseReason(rawValue: "slow consumer (pending bytes)") == nil)
    #expect(CloseReason(rawValue: "Fed Up") == nil && CloseReason(rawValue: "") == nil)
  }

  @Test func whatFollowsFromThem() {
    #expect(
      CloseReason.allCases.filter(\.isSlowConsumer).map(\.rawValue) == ["Slow Consumer (Pending Bytes)", "Slow Consumer (Write Deadline)"])
    #expect(
      CloseReason.allCases.filter(\.isRefusedLogin).map(\.rawValue) == ["Authentication Failure", "Proxy Not Trusted", "Proxy Required"])
  }
}
