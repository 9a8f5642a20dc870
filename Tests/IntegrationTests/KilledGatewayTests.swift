import Foundation
import Glibc
import TestSupport
import Testing

/// The command itself, killed while it records: it starts again on its file, and every moment that it lists can be asked about.
@Suite struct KilledGatewayTests {
  private static let kills = ProcessInfo.processInfo.environment["NATSIGHT_KILLS"].flatMap(Int.init).map { max(1, $0 / 10) } ?? 1

  private func epochs(_ gateway: NatsightProcess) throws -> [Int] {
    (try RawHTTP.get(port: gateway.httpPort(), "/epochs").json()["epochs"] as? [[String: Any]] ?? []).compactMap { $0["epoch"] as? Int }
  }

  @Test func itGoesOnWhereItWas() throws {
    let folder = try TemporaryFolder()
    let arguments = ["--record", folder.path("record"), "--record-every", "10s"]
    var known: [Int] = []
    for _ in 0..<Self.kills {
      let gateway = try NatsightProcess.serve(arguments)
      #expect(try epochs(gateway) == known)
      var now = known
      try eventually("an epoch more is kept", timeout: 60) {
        now = try epochs(gateway)
        return now.count > known.count
      }
      // Somewhere in the next one, which takes 10 seconds.
      let moment = monotonicSeconds() + .random(in: 0...4)
      try eventually("its time has come") { monotonicSeconds() >= moment }
      now = try epochs(gateway)
      gateway.process.killNow()
      known = now
      let other = try NatsightProcess.serve(arguments)
      // One more may have been kept between the question and the end.
      let found = try epochs(other)
      #expect(found.starts(with: known) && found.count - known.count <= 1)
      for number in found.suffix(3) {
        let answer = try RawHTTP.get(port: other.httpPort(), "/varz?at=\(number)")
        #expect(answer.status == 200 && answer.headers["natsight-complete"] == "true", "\(answer)")
      }
      other.process.killNow()
      known = try afterAnother(arguments, found)
    }
  }

  /// What is there after one that may have kept an epoch in its short life.
  private func afterAnother(_ arguments: [String], _ found: [Int]) throws -> [Int] {
    let gateway = try NatsightProcess.serve(arguments)
    let now = try epochs(gateway)
    #expect(now.starts(with: found) && now.count - found.count <= 1)
    gateway.process.killNow()
    return now
  }
}
