import SystemAPI
import Wire

/// The gateway's connection to the system.
public enum ConnectionPhase: Sendable, Hashable {
  case idle
  /// The first connection is being made.
  case connecting
  case up(Link)
  /// There is none. `isFailingOver`: it was lost a moment ago, and not every URL has been tried since.
  case lost(ConnectionLoss, isFailingOver: Bool)
  case stopped

  public var isUp: Bool { if case .up = self { true } else { false } }
}

/// Whether the user may ask the servers at all.
public enum SystemAccess: Sendable, Hashable { case unknown, system, ordinaryAccount }

/// Finding out who is there.
public enum Discovery: Sendable, Hashable {
  /// Nobody was ever found.
  case cold
  case asking(DiscoveryID, since: MonotonicTime, isFirst: Bool)
  case settled(MonotonicTime)
}

/// Everything that is believed about the NATS system, and every question under way.
///
/// A pure value: it knows no clock, no socket and no payload. Equal models given equal inputs give equal effects, so a run can be
/// simulated, replayed and proven. `apply` walks arrays only, never a dictionary or a set, whose order differs between processes.
public struct SystemModel: Sendable, Equatable {
  public let limits: Limits
  public internal(set) var connection = ConnectionPhase.idle
  public internal(set) var access = SystemAccess.unknown
  public internal(set) var discovery = Discovery.cold
  /// The servers are known; without them no answer is complete or incomplete.
  public internal(set) var hasRoster = true
  public internal(set) var servers = ServerTable()
  public internal(set) var ordinals: OrdinalTable
  public internal(set) var hints = Hints()
  public internal(set) var declared: [DeclaredServer] = []
  /// Look-up only.
  public internal(set) var retired: Set<String> = []
  /// When anything was last heard over the connection.
  public internal(set) var lastHeard = MonotonicTime.origin
  /// The one timer that the owner keeps: when `tick` has something to do.
  public internal(set) var nextDue: MonotonicTime?

  // Questions
  var lanes: [Lane?] = []
  var freeLanes: [Int] = []
  /// While time is reckoned with: whoever waits is asked for once all that it brings is known, and not of whom it is just being given up.
  var holdsStarts = false
  var hasHeldStarts = false
  var laneOf: [Question: Int] = [:]
  /// What left last; it may have ended since.
  var newest: Newest?
  var open: [OpenQuestion?] = []
  var freeSlots: [Int] = []
  public internal(set) var openCount = 0
  var asks = AskTable<Ask>()
  /// Lanes that limits hold back, in order.
  var queue: [Int] = []
  var perServer: [ServerRef: Int] = [:]
  var serial: UInt64 = 0
  var expectations = Expectations()

  // Probes
  var probes: [OpenProbe?] = []
  var openProbes = 0
  /// Servers whose probes wait for others to end, and those of them that have never answered anything.
  var probeQueue: [ServerRef] = []
  var hearsayQueue: [ServerRef] = []
  var probeBudget = ProbeBudget()
  var check: OpenCheck?
  var place: Place

  // Discovery and housekeeping
  var discoveryReplies = 0
  /// When the eldest of those who have answered the first discovery is old enough to be believed; nil once one is.
  var maturesAt: MonotonicTime?
  var lastDiscovery: MonotonicTime?
  var hasAskedLateOnes = false
  var lastHeartbeat: MonotonicTime?
  var heartbeatsAreRefused = false
  var lookedAt: MonotonicTime?
  var lookCursor = 0
  /// Rows that may be taken for strangers, in the order in which they went.
  var departed: [ServerRef] = []
  /// Servers that have never answered anything.
  var hearsayCount = 0

  #if DEBUG
    /// A fault that a test has planted.
    var planted: Plant?
  #endif

  public init(limits: Limits = Limits(), declared: Declared = Declared(), at now: Instant) {
    self.limits = limits
    ordinals = OrdinalTable(limits: limits)
    place = Place(interval: limits.scoutInterval)
    var effects: [Effect] = []
    reload(declared, at: now, &effects)
  }

  /// Takes up what happened.
  ///
  /// - Parameter now: Not earlier than at the input before.
  /// - Returns: What is to be done, in this order.
  public mutating func apply(_ input: Input, at now: Instant) -> [Effect] {
    var effects: [Effect] = []
    switch input {
    case .connecting: connecting(&effects)
    case .connected(let link): connected(link, at: now, &effects)
    case .disconnected(let loss, let isFailingOver): disconnected(loss, isFailingOver, at: now, &effects)
    case .stopped: stopped(at: now, &effects)
    case .refused(let refusal): refused(refusal, &effects)
    case .ownServerLeaves(let id): ownServerLeaves(id, at: now, &effects)
    case .connectionChecked(let id, let isAlive): connectionChecked(id, isAlive, at: now, &effects)
    case .sound: lastHeard = now.monotonic
    case .scouted(let id, let servers): scouted(id, servers, at: now, &effects)
    case .heartbeat(let subject, let server, let beat): heartbeat(subject, server, beat, at: now, &effects)
    case .event(let server): hear(server, isPartial: false, answered: false, at: now, &effects)
    case .goodbye(let subject, let server, let goodbye): heardGoodbye(subject, server, goodbye, at: now, &effects)
    case .discovered(let id, let server, let beat): discovered(id, server, beat, at: now, &effects)
    case .discoveryRefused(let id): discoveryRefused(id, at: now, &effects)
    case .sightings(let sightings, let areWhole): sighted(sightings, areWhole, at: now)
    case .ask(let id, let question, let until, let isStreaming): ask(id, question, until, isStreaming, at: now, &effects)
    case .withdraw(let id): withdraw(id, at: now, &effects)
    case .reply(let id, let speaker, _): reply(id, speaker, at: now, &effects)
    case .tooLarge(let id, let speaker): tooLarge(id, speaker, at: now, &effects)
    case .unreadable(let id): unreadable(id, at: now, &effects)
    case .noResponders(let id): noResponders(id, at: now, &effects)
    case .flushed(let id): if let slot = slot(id) { open[slot]?.hasLeft = true }
    case .unsent(let id): unsent(id, at: now, &effects)
    case .probeAnswered(let id, let server, let beat): probeAnswered(id, server, beat, at: now, &effects)
    case .probeFailed(let id): probeFailed(id, at: now, &effects)
    case .reload(let declared): reload(declared, at: now, &effects)
    case .restored(let kept): restored(kept, at: now, &effects)
    case .tick: tick(at: now, &effects)
    }
    return effects
  }

  mutating func nextSerial() -> UInt64 {
    serial += 1
    return serial
  }

  /// Something is due then.
  mutating func due(_ moment: MonotonicTime) {
    if let known = nextDue, known <= moment { return }
    nextDue = moment
  }
}
