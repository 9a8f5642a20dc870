import Dispatch
import Synchronization
import SystemModel

/// Many schedules, by the seeds of a range, on all cores.
public struct Campaign: Sendable {
  public struct Finding: Sendable {
    public let seed: UInt64
    public let violation: Violation
  }

  public var first: UInt64
  public var count: UInt64

  public init(first: UInt64 = 1, count: UInt64) {
    self.first = first
    self.count = count
  }

  /// Runs them one after the other.
  ///
  /// - Returns: The first that breaks a rule, and how many were run.
  package func run(plant: Plant? = nil) -> (finding: Finding?, ran: UInt64) {
    for offset in 0..<count {
      let seed = first &+ offset
      if let violation = Simulation.run(Schedule(seed: seed), plant: plant) {
        return (Finding(seed: seed, violation: violation), offset + 1)
      }
    }
    return (nil, count)
  }

  /// Runs them on all cores, in slices.
  ///
  /// - Parameters:
  ///   - progress: Called between slices with how many have been run; false stops.
  /// - Returns: What was found, at most one in each part of a slice, and how many were run.
  public func runInParallel(lanes: Int, slice: UInt64 = 20_000, progress: (UInt64) -> Bool) -> (findings: [Finding], ran: UInt64) {
    var ran: UInt64 = 0
    while ran < count {
      let part = min(slice, count - ran)
      let share = (part + UInt64(lanes) - 1) / UInt64(lanes)
      let start = first + ran
      let found = Findings()
      DispatchQueue.concurrentPerform(iterations: lanes) { lane in
        let from = min(part, UInt64(lane) * share)
        let finding = Campaign(first: start + from, count: min(share, part - from)).run().finding
        if let finding { found.add(finding) }
      }
      ran += part
      let findings = found.all
      if !findings.isEmpty || !progress(ran) { return (findings, ran) }
    }
    return ([], ran)
  }

  private final class Findings: Sendable {
    private let found = Mutex<[Finding]>([])

    func add(_ finding: Finding) { found.withLock { $0.append(finding) } }
    var all: [Finding] { found.withLock { $0 } }
  }
}
