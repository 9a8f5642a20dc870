import Reactor
import SystemAPI
import Wire

/// What changed on the roster.
public struct RosterChange {
  public let entry: RosterEntry
  /// nil for a server seen for the first time.
  public let before: ServerState?
}

/// The servers of the system: learnt from their replies and heartbeats, kept while they are silent.
///
/// Confined to the gateway's shard.
public final class Roster {
  private(set) var entries: [String: RosterEntry] = [:]
  /// Grows with every change of membership, state or description.
  private(set) var epoch = 0
  private var nextOrdinal = 1
  private var ordinals: [String: Int] = [:]
  private let expectedNames: [String]
  private(set) var retiredNames: Set<String>
  private let forgetAfter: Nanoseconds
  var onChange: ((RosterChange) -> Void)?
  /// Servers that others are connected to and that have never spoken.
  var hinted: [HintedServer] = []

  /// Entries that are gone stay visible for this long.
  private static let goneFor = Nanoseconds.seconds(15 * 60)
  /// Largest ordinal that keeps `ordinal × 2^32 + cid` exact in a double.
  static let ordinalLimit = 1 << 21

  init(expected: [String], retired: [String], forgetAfter: Double, now: Nanoseconds) {
    expectedNames = expected
    retiredNames = Set(retired)
    self.forgetAfter = .seconds(forgetAfter)
    for name in expected where !retiredNames.contains(name) {
      var description = ServerDescription()
      description.name = name
      description.id = "?\(name)"
      let entry = RosterEntry(description, ordinal: 0, now: now, at: .zero, declaredOnly: true)
      entry.state = .awaited
      entry.reason = "expected by the operator, not seen yet"
      entries[description.id] = entry
    }
  }

  /// All entries, ordered by cluster, name and id.
  var ordered: [RosterEntry] { entries.values.sorted(by: Roster.inOrder) }

  static func inOrder(_ left: RosterEntry, _ right: RosterEntry) -> Bool {
    (left.cluster, left.name, left.id) < (right.cluster, right.name, right.id)
  }

  func entry(id: String) -> RosterEntry? { entries[id] }

  // MARK: Signs of life

  /// A server said something: it is known, seen now, and no longer under suspicion.
  @discardableResult
  func heard(_ description: ServerDescription, now: Nanoseconds) -> RosterEntry {
    if let entry = entries[description.id] {
      if entry.description != description {
        entry.description = description
        epoch += 1
      }
      seen(entry, now: now)
      return entry
    }
    let entry = RosterEntry(description, ordinal: ordinal(of: description.id), now: now, at: Timestamp.now())
    entries[description.id] = entry
    epoch += 1
    if retiredNames.contains(description.name) {
      // The operator said that this name is not coming back; it did.
      retiredNames.remove(description.name)
    }
    replaceOlder(than: entry)
    onChange?(RosterChange(entry: entry, before: nil))
    return entry
  }

  /// The server behind a known id gave a sign of life.
  func seen(_ entry: RosterEntry, now: Nanoseconds) {
    if now > entry.lastSeen {
      entry.lastSeen = now
      entry.lastSeenAt = Timestamp.now()
    }
    if entry.state == .suspect { change(entry, to: .live, reason: "") }
    // Taken for dead by inference, and wrongly; only a server's own goodbye is final.
    if entry.state == .gone, entry.wasGivenUp { change(entry, to: .live, reason: "") }
  }

  func heartbeat(_ entry: RosterEntry, statsz: [UInt8], now: Nanoseconds) {
    // Two readings close together say little about rates.
    if let last = entry.heartbeat, now - last.arrived > 900_000_000 { entry.previousHeartbeat = last }
    entry.heartbeat = Heartbeat(statsz: statsz, arrived: now, at: Timestamp.now())
    statsz.withUnsafeBufferPointer { bytes in
      if let value = JSONBytes.member("active_servers", bytes, 0..<bytes.count), let count = JSONBytes.integer(bytes, value) {
        entry.activeServers = count
      }
    }
  }

  func change(_ entry: RosterEntry, to state: ServerState, reason: String) {
    guard entry.state != state else {
      entry.reason = reason
      return
    }
    let before = entry.state
    entry.state = state
    entry.reason = reason
    epoch += 1
    onChange?(RosterChange(entry: entry, before: before))
  }

  // MARK: Leaving

  /// A live server with the name and cluster of a silent one is that server, started again.
  private func replaceOlder(than new: RosterEntry) {
    for old in entries.values where old !== new && old.name == new.name && !old.name.isEmpty {
      if old.isDeclaredOnly {
        entries[old.id] = nil
        epoch += 1
        continue
      }
      guard old.cluster == new.cluster, old.state == .suspect || old.state == .lameDuck else { continue }
      giveUp(old, "replaced by \(new.id)")
    }
  }

  /// After a suspicion: the server may already have come back under another id.
  func replacedAlready(_ entry: RosterEntry) {
    let heir = entries.values.first {
      $0 !== entry && $0.name == entry.name && $0.cluster == entry.cluster && $0.isWaitedFor && $0.lastSeen > entry.lastSeen
    }
    if let heir { giveUp(entry, "replaced by \(heir.id)") }
  }

  /// Nobody waits for it any more, until it is heard again.
  private func giveUp(_ entry: RosterEntry, _ reason: String) {
    entry.wasGivenUp = entry.state != .lameDuck
    change(entry, to: .gone, reason: reason)
  }

  /// The server that came up in place of one that is gone.
  func heir(of entry: RosterEntry) -> RosterEntry? {
    guard entry.state == .gone, entry.wasGivenUp else { return nil }
    return entries.values.first { $0 !== entry && $0.name == entry.name && $0.cluster == entry.cluster && $0.isWaitedFor }
  }

  static let forgottenReason = "silent for longer than the operator keeps silent servers"

  /// Drops what has been silent or gone for too long. Call it every few seconds.
  func expire(now: Nanoseconds) {
    for entry in entries.values {
      let silence = now > entry.lastSeen ? now - entry.lastSeen : 0
      switch entry.state {
      case .suspect where silence > forgetAfter: giveUp(entry, Roster.forgottenReason)
      case .gone where silence > Roster.goneFor + forgetAfter, .lameDuck where silence > Roster.goneFor + forgetAfter:
        entries[entry.id] = nil
        epoch += 1
      default: break
      }
    }
  }

  /// The operator says that servers of these names are not coming back.
  func retire(_ names: [String]) {
    for name in names {
      retiredNames.insert(name)
      for entry in entries.values where entry.name == name && !entry.isWaitedFor && entry.state != .gone {
        if entry.isDeclaredOnly {
          entries[entry.id] = nil
          epoch += 1
        } else {
          giveUp(entry, "retired by the operator")
        }
      }
    }
  }

  func isRetired(_ entry: RosterEntry) -> Bool { retiredNames.contains(entry.name) }

  /// A new connection to the system: earlier silence may have been the connection's.
  func voidSuspicions() {
    for entry in entries.values where entry.state == .suspect || entry.state == .slow {
      entry.probeSentAt = nil
      change(entry, to: .live, reason: "")
    }
    for entry in entries.values { entry.probeSentAt = nil }
  }

  // MARK: Questions

  /// The largest number of servers that a live server says it knows.
  var largestActiveServers: Int {
    entries.values.reduce(0) { $1.isWaitedFor ? max($0, $1.activeServers) : $0 }
  }

  /// Servers that the others know and the gateway does not.
  ///
  /// `active_servers` counts a crashed server for up to four minutes, so ids of that age count as known.
  func unknownServers(now: Nanoseconds) -> Int {
    let known = entries.values.count { entry in
      guard !entry.isDeclaredOnly else { return false }
      if entry.isExpected { return true }
      return now < entry.lastSeen + .seconds(300)
    }
    return max(0, largestActiveServers - known)
  }

  var clusters: Set<String> { Set(entries.values.filter { $0.state != .gone }.map(\.cluster)) }

  // MARK: Ordinals

  private func ordinal(of id: String) -> Int {
    if let known = ordinals[id] { return known }
    let ordinal = nextOrdinal
    nextOrdinal = nextOrdinal + 1 < Roster.ordinalLimit ? nextOrdinal + 1 : nextOrdinal
    ordinals[id] = ordinal
    return ordinal
  }

  func entry(ordinal: Int) -> RosterEntry? { entries.values.first { $0.ordinal == ordinal } }

  /// What `--state-dir` keeps.
  var ordinalTable: (next: Int, byID: [String: Int]) { (nextOrdinal, ordinals) }

  /// Takes up what an earlier run knew. Servers that have been silent since are probed like any other.
  func restore(next: Int, ordinals: [String: Int], servers: [(description: ServerDescription, lastSeenAt: Timestamp)], now: Nanoseconds) {
    self.ordinals = ordinals
    nextOrdinal = max(next, (ordinals.values.max() ?? 0) + 1)
    for (description, lastSeenAt) in servers where entries[description.id] == nil {
      let entry = RosterEntry(description, ordinal: ordinal(of: description.id), now: now, at: lastSeenAt)
      entries[description.id] = entry
      for other in entries.values where other.isDeclaredOnly && other.name == description.name { entries[other.id] = nil }
    }
    epoch += 1
  }
}
