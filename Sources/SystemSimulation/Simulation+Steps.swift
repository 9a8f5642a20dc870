import SystemAPI
import SystemModel
import Wire

/// What a schedule has happen.
extension Simulation {
  /// Timeouts of callers, in milliseconds.
  private static let timeouts: [UInt64] = [0, 1, 20, 60, 120, 249, 255, 400, 800, 1_500, 2_000, 5_000]

  mutating func take(_ step: Step, _ index: Int) {
    moment += 1
    let server = Int(step.a) % world.servers
    switch step.kind {
    case .ask: ask(step)
    case .withdraw:
      guard !waitingCallers.isEmpty else { return }
      let caller = waitingCallers[Int(step.a) % waitingCallers.count]
      callers[caller].hasEnded = true
      waitingCallers.removeAll { $0 == caller }
      feed(.withdraw(AskID(number: UInt64(caller))))
    case .freeze: if network[server].life != nil { network[server].isFrozen = true }
    case .thaw: thaw(server)
    case .slow: network[server].slowness = [100, 300, 600, 1_200, 3_000][Int(step.b) % 5]
    case .fast: network[server].slowness = 0
    case .kill: down(server, inOrder: false)
    case .start:
      guard network[server].life == nil else { return }
      network.start(server)
      if hasHeartbeats, step.b & 1 == 0 { sendBeat(server) }
    case .shutdown:
      sayGoodbye(server, .shutDown)
      down(server, inOrder: true)
    case .lameDuck: lameDuck(server, step)
    case .cut: network.cut(server, Int(step.b) % world.servers, true)
    case .mend: for other in network.servers.indices { network.cut(server, other, false) }
    case .lose: lose(step.b & 1 == 0 ? .closedByPeer : .broken("reset"), failures: Int(step.c) % 4)
    case .heartbeat: sendBeat(server)
    case .event:
      guard let life = network[server].life, isConnected, !isStalled, network.isReachable(server), !network[server].isFrozen, !isOrdinary
      else { return }
      feed(.event(network[life: life].description))
    case .reload: reload(step)
    case .restore: restore(step)
    case .clock: clockError += step.a & 1 == 0 ? 7_200 : -7_200
    case .tick: feed(.tick)
    case .forgeBeat, .forgeGoodbye, .ghost, .lie, .stray, .sightings, .sound, .refuse: lie(step, server)
    case .stop: stop(step)
    }
  }

  private mutating func ask(_ step: Step) {
    let kind = QuestionKind.allCases[Int(step.a) % QuestionKind.allCases.count]
    ask(
      kind.question(about: Int(step.b >> 4) % world.servers, in: network),
      within: Simulation.timeouts[Int(step.b & 15) % Simulation.timeouts.count], isStreaming: step.c % 4 == 0)
    // Some come in pairs.
    if step.c & 0x30 == 0x30 { ask(kind.question(about: Int(step.b >> 4) % world.servers, in: network), within: 800, isStreaming: false) }
  }

  /// - Parameter timeout: In milliseconds.
  mutating func ask(_ question: Question, within timeout: UInt64, isStreaming: Bool) {
    moment += 1
    let until = now + timeout * Simulation.millisecond
    callers.append(Caller(question: question, isStreaming: isStreaming, until: until, askedAt: moment))
    waitingCallers.append(callers.count - 1)
    feed(
      .ask(
        AskID(number: UInt64(callers.count - 1)), question, until: MonotonicTime(nanoseconds: Simulation.beginning + until),
        isStreaming: isStreaming))
  }

  private mutating func lameDuck(_ server: Int, _ step: Step) {
    guard let life = network[server].life, !network[life: life].isLame, !network[server].isFrozen else { return }
    sayGoodbye(server, .lameDuck)
    network[life: life].isLame = true
    if server == network.home, isConnected { feed(.ownServerLeaves(network[life: life].id)) }
    agenda.add(.dies(life: life), at: now + UInt64(1 + Int(step.b) % 10) * 1_000 * Simulation.millisecond)
  }

  private mutating func reload(_ step: Step) {
    declaredNames = []
    var declared = Declared()
    for (bit, server) in network.servers.enumerated() where step.a >> UInt8(bit) & 1 == 1 {
      declared.expected.append(DeclaredServer(name: server.name, cluster: step.b & 1 == 0 || server.cluster.isEmpty ? nil : server.cluster))
    }
    if step.b & 2 != 0 { declared.expected.append(DeclaredServer(name: "absent", cluster: step.b & 4 == 0 ? nil : "A")) }
    for (bit, server) in network.servers.enumerated() where step.c >> UInt8(bit) & 1 == 1 && (server.life == nil || step.b & 8 != 0) {
      declared.retired.append(server.name)
    }
    declaredNames = declared.expected.map(\.name)
    retiredNames += declared.retired
    feed(.reload(declared))
  }

  private mutating func restore(_ step: Step) {
    var kept = Kept(nextOrdinal: 1 + Int(step.b) % 12)
    for (index, life) in network.lives.enumerated() where step.a >> UInt8(index & 7) & 1 == 1 {
      if step.c & 2 != 0, !life.isAlive {
        kept.gone.append(Kept.Server(description: life.description, heardAt: instant.wall))
      } else {
        kept.servers.append(Kept.Server(description: life.description, heardAt: instant.wall))
      }
      if step.c & 1 == 0 { kept.ordinals.append(Kept.GivenOrdinal(id: life.id, ordinal: 1 + (index + Int(step.c)) % 14)) }
    }
    if kept.servers.contains(where: { kept in !network.lives.contains { $0.id == kept.description.id && $0.isAlive } }) { hasGhosts = true }
    feed(.restored(kept))
  }

  /// What a hostile or broken party in the system account does.
  private mutating func lie(_ step: Step, _ server: Int) {
    guard isConnected, !isStalled, let life = network[server].life else { return }
    let description = network[life: life].description
    switch step.kind {
    case .forgeBeat: feed(.heartbeat(subject: "N999", description, Beat(countedServers: Int(step.b))))
    case .forgeGoodbye: feed(.goodbye(subject: "N999", description, step.b & 1 == 0 ? .shutDown : .lameDuck))
    case .ghost:
      hasGhosts = true
      var ghost = description
      ghost.id = "NGHOST\(step.b % 8)"
      if step.c & 1 == 0 { ghost.name = "ghost\(step.b % 8)" }
      if step.c & 6 == 0 { ghost.id = String(repeating: "N", count: 300) }
      if step.c & 6 == 2 { ghost.id = "N *" }
      if step.c & 8 == 0 { feed(.event(ghost)) } else { feed(.heartbeat(subject: ghost.id, ghost, Beat(countedServers: Int(step.c)))) }
    case .lie:
      network[server].lie = [nil, 0, 7, 1_000_000, -1][Int(step.b) % 5]
      sendBeat(server)
    case .stray: stray(step)
    case .sightings:
      var sightings = network.sightings
      for number in 0..<(step.b % 4) { sightings.append(Sighting(id: "NSEEN\(number)", name: step.c & 1 == 0 ? "" : "seen", cluster: "A")) }
      feed(.sightings(sightings, areWhole: step.c & 2 == 0))
    case .sound: feed(.sound)
    default: feed(.refused(step.b & 1 == 0 ? .subscription(subject: "$SYS.SERVER.*.STATSZ") : .publish(subject: "$SYS.REQ.X")))
    }
  }

  /// Messages that belong to nothing that is open.
  private mutating func stray(_ step: Step) {
    if !questions.isEmpty {
      let question = questions[Int(step.b) % questions.count]
      if !question.isOpen {
        switch step.c % 4 {
        case 0: feed(.flushed(question.id))
        case 1: feed(.unsent(question.id))
        case 2: feed(.noResponders(question.id))
        default: feed(.unreadable(question.id))
        }
      }
    }
    if !probes.isEmpty, !openProbes.contains(Int(step.b) % probes.count) {
      let probe = probes[Int(step.b) % probes.count]
      feed(step.c & 1 == 0 ? .probeFailed(probe.id) : .probeAnswered(probe.id, nil, nil))
    }
    if !checks.isEmpty { feed(.connectionChecked(checks[Int(step.b) % checks.count].id, isAlive: true)) }
  }

  /// The gateway stops, and starts again.
  private mutating func stop(_ step: Step) {
    guard connection != .none else { return }
    connection = .lost
    isStopped = true
    held.removeAll { $0.server == network.home }
    feed(.stopped)
    guard violation == nil else { return }
    isStopped = false
    feed(.connecting)
    agenda.add(.connects(attempt: 0, failures: 0), at: now + UInt64(1 + Int(step.b)) * Simulation.millisecond)
  }

  // MARK: Healing

  /// All faults cease.
  mutating func heal() {
    isHealed = true
    for server in network.servers.indices {
      thaw(server)
      network[server].slowness = 0
      network[server].lie = nil
      for other in network.servers.indices { network.cut(server, other, false) }
    }
    if network.servers.allSatisfy({ $0.life == nil }) { network.start(0) }
    if !isConnected { agenda.add(.connects(attempt: 0, failures: 0), at: now + Simulation.millisecond) }
    passTime(to: now + 70_000 * Simulation.millisecond)
    guard violation == nil else { return }
    watchHealth()
    guard violation == nil else { return }
    ask(QuestionKind.every.question(about: 0, in: network), within: 5_000, isStreaming: false)
    watch.finalCaller = callers.count - 1
    passTime(to: now + 5_025 * Simulation.millisecond)
  }
}
