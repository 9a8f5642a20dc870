import ArgumentParser
import Gateway
import Judgement
import Testing

@testable import Flags

@Suite struct CheckFlagsTests {
  @Test func eachThresholdHasAFlag() throws {
    #expect(try ThresholdFlags.parse([]).all.map(\.threshold) == Threshold.allCases)
    for threshold in Threshold.allCases {
      let (row, flag) = (threshold.row, "--" + threshold.flag)
      let told = try ThresholdFlags.parse([flag, "\(row.range.upperBound)"])
      #expect(told.given.count == 1 && told.thresholds[threshold] == row.range.upperBound, "\(flag)")
      #expect(throws: (any Error).self, "\(flag)") { try ThresholdFlags.parse([flag, "\(row.range.upperBound + 1)"]) }
    }
  }

  @Test func whatAGatewayIsAsked() throws {
    let flags = try CheckFlags.parse(["all", "-s", "http://gw:8222/", "--of-cluster", "a b", "--near-limit", "70", "--token", "t"])
    let asked = try #require(try flags.gateway())
    #expect(asked.findings.url == "http://gw:8222/cluster/a%20b/findings?deep=1&near_limit=70")
    #expect(asked.checks.url == "http://gw:8222/checks")
    #expect(asked.findings.headers.map(\.value) == ["Bearer t"])
    #expect(try CheckFlags.parse(["all", "--quick", "-s", "https://gw"]).gateway()?.findings.url == "https://gw/findings")
    #expect(try CheckFlags.parse(["server_cpu", "-s", "https://gw"]).gateway()?.findings.url == "https://gw/findings")
    #expect(try CheckFlags.parse(["all", "-s", "nats://gw"]).gateway() == nil)
  }

  @Test func whatASystemIsAsked() throws {
    let question = try CheckFlags.parse(["meta", "--of-server", "a1", "--of-cluster", "A", "--over", "10s", "--cpu", "50"]).question
    #expect(question.scope == .server("a1", cluster: "A") && question.over == 10 && question.thresholds[.cpu] == 50 && !question.isDeep)
    #expect(try CheckFlags.parse(["consumer"]).question.isDeep && !CheckFlags.parse(["consumer", "--quick"]).question.isDeep)
  }

  @Test func whatMakesNoSense() {
    for (words, says) in [
      ([], "name"), (["servr"], "did you mean \"server\"?"), (["all", "--over", "0s"], "1s to 1h"),
      (["all", "--cpu", "0"], "--cpu has to be"), (["all", "--timeout", "0s"], "--timeout"),
      (["all", "--namespace", "9"], "--namespace"), (["all", "--namespace", "a-b"], "--namespace"),
      (["all", "-s", "http://gw", "--over", "5s"], "leave out --over"), (["all", "-s", "http://gw", "--creds", "c"], "leave out --creds"),
      (["all", "-s", "http://gw", "--expect", "a"], "leave out --expect"),
      (["all", "-s", "http://gw", "--of-server", "a", "--of-cluster", "b"], "only where a NATS system"),
    ] as [([String], String)] {
      do {
        _ = try CheckFlags.parse(words)
        Issue.record("taken: \(words)")
      } catch {
        #expect(CheckFlags.fullMessage(for: error).contains(says), "\(words): \(CheckFlags.fullMessage(for: error))")
      }
    }
  }
}
