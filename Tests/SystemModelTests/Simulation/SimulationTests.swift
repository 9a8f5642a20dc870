import Foundation
import SystemModel
import SystemSimulation
import TestSupport
import Testing

/// The model under virtual faults (rooms.md §1): `make simulate` runs millions of what runs here by the thousand.
@Suite struct SimulationTests {
  @Test func twoThousandSchedulesBreakNoRule() throws {
    let result = Campaign(first: 1, count: 2_000).run()
    guard let finding = result.finding else { return #expect(result.ran == 2_000) }
    let shrunk = Schedule(seed: finding.seed).shrunk(finding.violation.rule)
    Issue.record("seed \(finding.seed): \(finding.violation); keep this in Tests/Corpora/system-schedules:\n\(shrunk.text)")
  }

  @Test func whatWasFoundOnceStaysMended() throws {
    let folder = "\(packageRoot)/Tests/Corpora/system-schedules"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(names.count >= 3)
    for name in names {
      let schedule = try Schedule(text: String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8))
      #expect(Simulation.run(schedule) == nil, "\(name)")
    }
  }

  /// A rule that nothing ever tests holds always: every standing, obstacle and effect comes about within some hundred schedules.
  @Test func theSchedulesGoEverywhere() {
    var missing: Set<String> = [
      "silent", "noRoute", "replaced", "forgotten", "retired", "shutDown", "lameDuck", "from: Optional(SystemModel.Standing.slow)",
      "unknownServer", "unknownCluster", "unknownConnection", "awaited", "unsupported", "noResponders", "notLeader", "nobodyInScope",
      "notConnected", "notAsked(SystemModel.NotAsked.discovering)", "notAsked(SystemModel.NotAsked.failingOver)",
      "notAsked(SystemModel.NotAsked.busy)", "failOver", "checkConnection", "sendSightings", "deliver", "unexplained: 1",
      "complete: Optional(true)", "complete: nil", "startedAnew", "neverHeard", "counted", "isPartial: true",
      "scout(", "move(",
    ]
    for seed in 1...3_000 as ClosedRange<UInt64> where !missing.isEmpty {
      let course = Simulation.course(of: Schedule(seed: seed)).filter { $0.hasPrefix("    ") || $0.contains("isPartial: true") }
      missing = missing.filter { wanted in !course.contains { $0.contains(wanted) } }
    }
    #expect(missing == [])
  }

  @Test func aSeedIsARunAndItsTextToo() throws {
    for seed in 1...50 as ClosedRange<UInt64> {
      let schedule = Schedule(seed: seed)
      #expect(schedule == Schedule(seed: seed))
      #expect(try Schedule(text: schedule.text) == schedule)
    }
    #expect(throws: Schedule.Unreadable.self) { try Schedule(text: "world seed=1\nask 1 2\n") }
  }

  @Test func anyBytesAreASchedule() {
    var random = SplitMix64(seed: 9)
    for length in stride(from: 0, to: 400, by: 7) {
      let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      #expect(Simulation.run(Schedule(bytes: bytes)) == nil)
    }
  }

  /// The simulation can fail: each planted fault is found, and the schedule that finds it can be made short.
  @Test(.enabled(if: SystemModel.canPlant), arguments: Plant.allCases)
  func aPlantedFaultIsFound(plant: Plant) throws {
    let finding = try #require(Campaign(first: 1, count: 100_000).run(plant: plant).finding, "\(plant)")
    let schedule = Schedule(seed: finding.seed)
    let shrunk = schedule.shrunk(finding.violation.rule, plant: plant)
    #expect(shrunk.steps.count <= schedule.steps.count)
    #expect(Simulation.run(shrunk, plant: plant)?.rule == finding.violation.rule)
    #expect(Simulation.run(shrunk) == nil, "without the fault it holds")
  }
}
