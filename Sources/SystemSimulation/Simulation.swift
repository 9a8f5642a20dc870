import SystemAPI
import SystemModel
import Wire

/// Drives a model of the system with a virtual network, virtual time and a schedule, and checks after each input what has to hold.
///
/// It is the model's owner too: it carries out effects as the gateway's session does, and keeps the truth that the model only believes:
/// who really got and answered each question, and when.
public struct Simulation {
  /// Times are nanoseconds since the beginning.
  static let millisecond: UInt64 = 1_000_000
  static let beginning: UInt64 = 1_000_000_000_000

  let schedule: Schedule
  let world: World
  var network: Network
  var model: SystemModel
  var agenda = Agenda()
  var now: UInt64 = 0
  /// By how much the wall clock is wrong, in seconds.
  var clockError: Int64 = 0
  /// Counts what happens, to tell before from after within one instant.
  var moment = 0
  var draws: UInt64 = 0

  // The owner's side.
  var connection = Connection.none
  /// Grows with each connection.
  var link = 0
  var questions: [SentQuestion] = []
  var openQuestions: [Int] = []
  var probes: [SentProbe] = []
  var openProbes: [Int] = []
  var discoveries: [SentDiscovery] = []
  var checks: [SentCheck] = []
  var scouts: [SentScout] = []
  var callers: [Caller] = []
  var waitingCallers: [Int] = []
  var isStopped = false
  /// What waits at a frozen server, or on a connection whose other end is frozen.
  var held: [(server: Int, what: Happening)] = []

  // What is checked.
  var watch = Watch()
  var inputs: [(Input, Instant)] = []
  var effectsSeen: [[Effect]] = []
  /// What happened, where somebody wants to read it.
  var course: [String]?
  public internal(set) var violation: Violation?

  /// Faults: declared or pretended servers that are nowhere.
  var declaredNames: [String] = []
  var retiredNames: [String] = []
  var hasGhosts = false
  var isHealed = false

  let isLossy: Bool
  let isEcho: Bool
  let hasHeartbeats: Bool
  let isOrdinary: Bool
  let replays: Bool

  enum Connection { case none, up, lost }

  init(_ schedule: Schedule, plant: Plant? = nil) {
    self.schedule = schedule
    world = schedule.world
    network = Network(schedule.world)
    model = SystemModel(limits: Simulation.limits(schedule.world), at: Simulation.instant(0, 0))
    model.plant(plant)
    isLossy = world.traits.contains(.lossy)
    isEcho = world.traits.contains(.echo)
    hasHeartbeats = world.traits.contains(.heartbeats)
    isOrdinary = world.traits.contains(.ordinaryAccount)
    replays = world.traits.contains(.replays)
  }

  /// Runs a schedule and tells what happened, a line for each input and its effects.
  public static func course(of schedule: Schedule) -> [String] {
    var simulation = Simulation(schedule)
    simulation.course = []
    simulation.run()
    return (simulation.course ?? []) + [simulation.violation.map(String.init(describing:)) ?? "nothing found"]
  }

  /// Runs a schedule to its end, or to the first rule that does not hold.
  package static func run(_ schedule: Schedule, plant: Plant? = nil) -> Violation? {
    var simulation = Simulation(schedule, plant: plant)
    simulation.run()
    return simulation.violation
  }

  static func limits(_ world: World) -> Limits {
    var limits = Limits()
    limits.coalesces = !world.traits.contains(.alone)
    if world.traits.contains(.forgetful) {
      limits.forgetAfter = .seconds(5)
      limits.goneFor = .seconds(5)
    }
    if world.seed & 1 == 0 {
      // Runs are short: where the gateway stands badly it has to notice soon.
      limits.badPlace = .milliseconds(700)
      limits.scoutInterval = .seconds(2)
    }
    if world.traits.contains(.tight) {
      limits.servers = 4
      limits.hearsay = 1
      limits.namesakes = 3
      limits.probes = 2
      limits.hearsayProbes = 1
      limits.probesPerSecond = 5
      limits.hearsayProbesPerSecond = 2
      limits.questions = 3
      limits.questionsPerServer = 1
      limits.asks = 6
      limits.sightings = 2
      limits.countedServers = 6
      limits.declared = 2
      limits.rememberedOrdinals = 4
      limits.largestOrdinal = 9
      limits.rowsPerLook = 2
    }
    return limits
  }

  static func instant(_ now: UInt64, _ clockError: Int64) -> Instant {
    Instant(
      monotonic: MonotonicTime(nanoseconds: beginning + now),
      wall: Timestamp(seconds: 1_700_000_000 + Span(nanoseconds: Int64(clamping: now)).wholeSeconds + clockError))
  }

  var instant: Instant { Simulation.instant(now, clockError) }

  // MARK: The course of things

  mutating func run() {
    begin()
    var at: UInt64 = 0
    for (index, step) in schedule.steps.enumerated() {
      at += UInt64(step.after) * Simulation.millisecond
      passTime(to: at)
      guard violation == nil else { return }
      take(step, index)
    }
    // Whoever asked has to get an answer, or to be told that there is none.
    passTime(to: (waitingCallers.map { callers[$0].until }.max() ?? now) + 25 * Simulation.millisecond)
    if violation == nil, world.traits.contains(.heals) { heal() }
    if violation == nil { watchTheEnd() }
    if violation == nil, replays { watchReplay() }
  }

  private mutating func begin() {
    feed(.connecting)
    agenda.add(.connects(attempt: 0, failures: draw(4) == 0 ? 1 + draw(3) : 0), at: UInt64(1 + draw(20)) * Simulation.millisecond)
    if hasHeartbeats {
      for server in network.servers.indices { agenda.add(.beats(server: server), at: UInt64(draw(30_000)) * Simulation.millisecond) }
    }
  }

  /// Lets happen what happens until then: messages, and the model's own timer.
  mutating func passTime(to end: UInt64) {
    while violation == nil {
      let message = agenda.nextAt ?? .max
      let tick = tickAt ?? .max
      guard min(message, tick) <= end else { break }
      if message < tick || (message == tick && moment & 1 == 0) {
        guard let next = agenda.next() else { break }
        now = max(now, next.at)
        happen(next.what)
      } else {
        now = max(now, tick)
        feed(.tick)
      }
      if moment > 60_000 { return fail(.effects, "it does not come to rest") }
    }
    now = max(now, end)
  }

  /// A timer fires at its time or a little later.
  private var tickAt: UInt64? {
    guard let due = model.nextDue?.nanoseconds else { return nil }
    let late = SplitMix64.mix(world.seed ^ due) % 3 * Simulation.millisecond
    // Whatever comes in between puts it off no further.
    return max(now, (due <= Simulation.beginning ? 0 : due - Simulation.beginning) + late)
  }

  /// The one way to the model.
  mutating func feed(_ input: Input) {
    guard violation == nil else { return }
    moment += 1
    let instant = instant
    let effects = model.apply(input, at: instant)
    if replays {
      inputs.append((input, instant))
      effectsSeen.append(effects)
    }
    if course != nil {
      course?.append("\(now / Simulation.millisecond) ms: \(input)")
      for effect in effects { course?.append("    \(effect)") }
    }
    watch(input, effects)
    guard violation == nil else { return }
    for effect in effects { carryOut(effect) }
  }

  // MARK: Chance

  /// A number that depends on the seed and on how many were drawn before.
  mutating func draw(_ bound: Int) -> Int {
    draws += 1
    return Int(truncatingIfNeeded: SplitMix64.mix(world.seed &+ draws &* 0x9e37_79b9_7f4a_7c15) >> 33) % max(1, bound)
  }

  /// How long a message takes: mostly less than five milliseconds.
  mutating func latency() -> UInt64 {
    let drawn = draw(64)
    if isHealed || drawn > 4 { return UInt64(100_000 + drawn * 70_000) }
    return drawn == 0 ? UInt64(300 + draw(900)) * Simulation.millisecond : UInt64(20 + draw(120)) * Simulation.millisecond
  }

  mutating func isLost() -> Bool { isLossy && !isHealed && draw(10) == 0 }

  mutating func fail(_ rule: Violation.Rule, _ detail: String) {
    guard violation == nil else { return }
    violation = Violation(rule: rule, detail: detail, at: now / Simulation.millisecond)
  }
}

/// A question that the model had sent.
struct SentQuestion {
  let id: QuestionID
  let question: Question
  let target: ServerRef?
  let targetID: ServerID
  let link: Int
  let sentAt: UInt64
  /// The moment after which nobody may join it.
  var leftAt: Int?
  var isOpen = true
  var isUnsent = false
  /// Who was in scope and expected when it was sent, by the harness's own reckoning.
  var expected: [ServerRef] = []
  var kept: [ServerRef] = []
  /// Whose replies were too large: the rows that heard so, since a full table may give up one and meet the same server anew in another.
  var leftOut: [ServerRef] = []
  /// The lives whose replies were kept, and when these replies were made.
  var keptReplies: [(ref: ServerRef, madeAt: Int)] = []
  /// The servers were known when it was sent.
  var hasRoster = true
}

struct SentProbe {
  let id: ProbeID
  let ref: ServerRef
  let server: ServerID
  let link: Int
  let sentAt: UInt64
}

struct SentDiscovery {
  let id: DiscoveryID
  let link: Int
  let sentAt: UInt64
  var replies = 0
}

struct SentScout {
  let id: ScoutID
  let server: Int
  let link: Int
}

struct SentCheck {
  let id: CheckID
  let link: Int
  let since: UInt64
}

/// Somebody who asked.
struct Caller {
  let question: Question
  let isStreaming: Bool
  let until: UInt64
  let askedAt: Int
  var hasEnded = false
}
