import Foundation
import TestSupport
import Testing

/// `natsight bench` against a real server: what was done is told, for people and for programs.
@Suite struct BenchCommandTests {
  private func bench(_ arguments: [String]) throws -> Finished { try ChildProcess.run(NatsightProcess.binary, ["bench"] + arguments) }

  private func json(_ arguments: [String]) throws -> [String: Any] {
    let finished = try bench(arguments + ["--json"])
    try #require(finished.status == 0, "\(finished.errors)")
    return try #require(try JSONSerialization.jsonObject(with: Data(finished.output.utf8)) as? [String: Any])
  }

  @Test func everyRunTellsWhatItDid() throws {
    let server = try RealServer(testAccounts)
    let target = ["--server", server.url, "--user", "a", "--password", "a"]
    let published = try json(["pub"] + target + ["--clients", "2", "--count", "500", "--size", "16", "--subjects", "3"])
    #expect(published["run"] as? String == "publish" && published["published"] as? Int == 1000 && published["expected"] as? Int == 0)
    let both = try json(["sub"] + target + ["--clients", "3", "--publishers", "2", "--count", "100"])
    #expect(both["published"] as? Int == 200 && both["received"] as? Int == 600 && both["expected"] as? Int == 600)
    // Each subject has one subscriber then.
    let apart = try json(["sub"] + target + ["--clients", "3", "--count", "100", "--subjects", "5", "--wildcards", "10"])
    #expect(apart["received"] as? Int == 100 && apart["expected"] as? Int == 100)
    let queue = try json(["sub"] + target + ["--clients", "3", "--count", "100", "--queue", "workers"])
    #expect(queue["received"] as? Int == 100)
    let asked = try json(["request"] + target + ["--clients", "2", "--count", "50"])
    #expect(asked["received"] as? Int == 100)
    let latency = try #require(asked["latency_ns"] as? [String: Int])
    #expect(Set(latency.keys) == ["p50", "p90", "p99", "max"] && latency.values.allSatisfy { $0 > 0 })
    #expect(try json(["connect"] + target + ["--clients", "20"])["received"] as? Int == 20)
  }

  @Test func linesForPeople() throws {
    let server = try RealServer(testAccounts)
    let target = ["--server", "nats://a:a@127.0.0.1:\(server.port)"]
    let rows: [(arguments: [String], pattern: Regex<Substring>)] = [
      (
        ["pub", "--count", "2000", "--size", "8"],
        #/publish: 2,000 messages of 8 B in \d+\.\d{3} s: [\d,]+ msgs\/s, \d+\.\d MiB\/s\n/#
      ),
      (
        ["sub", "--count", "1000"],
        #/publish and subscribe: 1,000 messages of 128 B in \d+\.\d{3} s: [\d,]+ msgs\/s published, [\d,]+ msgs\/s delivered\n/#
      ),
      (["request", "--count", "100"], #/request: 100 requests in \d+\.\d{3} s: [\d,]+\/s, p50 \S+, p90 \S+, p99 \S+, max \S+\n/#),
      (
        ["connect", "--clients", "10", "--hold", "0.1"],
        #/connect: 10 connections in \d+\.\d{3} s: [\d,]+\/s, p50 \S+, p90 \S+, p99 \S+, max \S+\n/#
      ),
    ]
    for row in rows {
      let finished = try bench(row.arguments + target)
      #expect(finished.status == 0 && finished.output.wholeMatch(of: row.pattern) != nil, "\(row.arguments): \(finished)")
    }
  }

  @Test func whatCannotBeDoneIsSaid() throws {
    let server = try RealServer(testAccounts)
    for arguments in [
      ["--server", server.url, "--token", "wrong"], ["--server", ""], ["--server", server.url, "--creds", "/nonexistent"],
    ] {
      let finished = try bench(["pub", "--count", "1"] + arguments)
      #expect(finished.status != 0 && !finished.errors.isEmpty, "\(arguments)")
    }
  }
}
