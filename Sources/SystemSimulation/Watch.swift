import SystemAPI
import SystemModel
import Wire

/// What a simulation remembers to tell what may happen next from what may not.
struct Watch {
  /// A server as it stood after the input before.
  struct Shadow {
    let ref: ServerRef
    var id: ServerID
    var name: String
    var standing: Standing
    /// When the harness last gave the model something that names it.
    var heardAt: UInt64
  }

  /// By row.
  var rows: [Shadow?] = []
  var epoch = -1
  var checkedEpoch = -1
  var ordinals: [Ordinal: ServerID] = [:]
  /// When anything at all was last heard.
  var lastHeard: UInt64 = 0
  /// The moment at which the server made the reply that is being given.
  var madeAt = 0
  /// The question by which the reply that is being given has to be left out as too large.
  var leavesOut: Int?
  var isDiscoveryOver = false
  /// The caller whose answer has to be whole, after everything was healed.
  var finalCaller: Int?
  /// Who last kept a reply in this input.
  var lastKept: (QuestionID, ServerRef)?
}

extension Simulation {
  /// Checks what an input did.
  mutating func watch(_ input: Input, _ effects: [Effect]) {
    let named = named(by: input)
    watchDiscovery(input)
    leaveOut(input, named)
    watch.lastKept = nil
    for effect in effects {
      watch(effect, input, named)
      if violation != nil { return }
    }
    watchStandings(input, effects, named)
    hear(input, named)
    watchTables(effects)
    watchCallers()
  }

  /// The id that an input names; a heartbeat or goodbye on another's subject names nobody.
  private func named(by input: Input) -> ServerID? {
    switch input {
    case .heartbeat(let subject, let server, _), .goodbye(let subject, let server, _): subject == server.id ? server.id : nil
    case .event(let server), .discovered(_, let server, _): server.id
    case .ownServerLeaves(let id): id
    case .reply(_, .described(let server, _), _), .tooLarge(_, .described(let server, _)): server.id
    case .reply(_, .known(let ref), _), .tooLarge(_, .known(let ref)): model.servers[ref]?.id
    case .unreadable(let id): questions.last { $0.id == id }.flatMap { $0.isOpen ? $0.targetID : nil }
    case .probeAnswered(let id, _, _): openProbes.map { probes[$0] }.first { $0.id == id }?.server
    default: nil
    }
  }

  private mutating func hear(_ input: Input, _ named: ServerID?) {
    switch input {
    case .connected, .ownServerLeaves, .sound, .heartbeat, .event, .goodbye, .discovered, .discoveryRefused, .reply, .tooLarge, .unreadable,
      .noResponders,
      .probeAnswered,
      .probeFailed, .restored:
      watch.lastHeard = now
    case .connectionChecked(let id, let isAlive): if isAlive, checks.last?.id == id { watch.lastHeard = now }
    default: break
    }
    guard let named, let row = model.servers.index(id: named), row < watch.rows.count else { return }
    watch.rows[row]?.heardAt = now
    for life in network.lives.indices where network[life: life].id == named {
      network[life: life].wasHeard = true
      switch input {
      case .goodbye, .ownServerLeaves: network[life: life].saidGoodbye = true
      default: break
      }
    }
  }

  private mutating func watchDiscovery(_ input: Input) {
    guard !watch.isDiscoveryOver, let last = discoveries.indices.last else { return }
    switch input {
    case .discovered(let id, _, _) where discoveries[last].id == id:
      discoveries[last].replies += 1
      // It has to be settled by the model when enough have answered; it may be from the first answer on.
      if model.isDiscovering == false { watch.isDiscoveryOver = true }
    case .discoveryRefused(let id) where discoveries[last].id == id: watch.isDiscoveryOver = true
    case .tick where isConnected && discoveries[last].link == link && now >= discoveries[last].sentAt + 2_000 * Simulation.millisecond:
      watch.isDiscoveryOver = true
    default: break
    }
  }

  // MARK: Effects

  private mutating func watch(_ effect: Effect, _ input: Input, _ named: ServerID?) {
    switch effect {
    case .keep(let id, let ref): keep(id, ref, input, named)
    case .deliver(let callers, let id, let ref):
      guard let kept = watch.lastKept, kept.0 == id, kept.1 == ref else { return fail(.effects, "delivered what was not kept") }
      for caller in callers { watchFreshness(caller, id) }
    case .finish(let callers, let ending): watch(callers, ending)
    case .sendProbe(_, let ref, _): watchProbe(ref, input, named)
    case .sendQuestion, .sendDiscovery, .sendSightings, .checkConnection, .failOver, .scout:
      if !isConnected, !isConnecting(input) { fail(.effects, "\(effect) without a connection") }
    case .move(let id): watchMove(id, input)
    case .close, .closeProbe, .standingChanged, .connectionChanged, .save: break
    }
  }

  /// It goes where somebody answers who cannot be reached from here.
  private mutating func watchMove(_ id: ScoutID, _ input: Input) {
    guard isConnected, case .scouted(id, let answered) = input else { return fail(.effects, "it moves on \(input)") }
    let gained = answered.contains { model.servers.server(id: $0)?.standing.isWaitedFor != true }
    if !gained { fail(.effects, "it moves to a place from which nobody more is reached") }
  }

  func isConnecting(_ input: Input) -> Bool { if case .connected = input { true } else { false } }

  private mutating func keep(_ id: QuestionID, _ ref: ServerRef, _ input: Input, _ named: ServerID?) {
    switch input {
    case .reply(id, _, _), .unreadable(id): break
    default: return fail(.effects, "kept a reply that was not given")
    }
    guard let index = openQuestions.last(where: { questions[$0].id == id }) else { return fail(.effects, "kept a reply to what is closed") }
    guard model.servers[ref]?.id == named else { return fail(.effects, "kept a reply for another server") }
    guard !questions[index].kept.contains(ref) else { return fail(.onePlace, "\(named ?? "") counts twice") }
    questions[index].kept.append(ref)
    questions[index].keptReplies.append((ref, watch.madeAt))
    watch.lastKept = (id, ref)
  }

  /// Where a full roster had room for whoever replied too much.
  private mutating func leaveOut(_ input: Input, _ named: ServerID?) {
    guard case .tooLarge = input, let index = watch.leavesOut, let named, let server = model.servers.server(id: named) else { return }
    questions[index].leftOut.append(server.ref)
  }

  /// No reply that a caller gets was made before it asked.
  private mutating func watchFreshness(_ caller: AskID, _ id: QuestionID) {
    guard let index = openQuestions.last(where: { questions[$0].id == id }) else { return fail(.effects, "an answer to what is closed") }
    let asker = callers[Int(caller.number)]
    guard asker.question == questions[index].question else { return fail(.effects, "the answer to another question") }
    if let leftAt = questions[index].leftAt, asker.askedAt > leftAt { return fail(.freshness, "ask \(caller.number) joined what was out") }
    for reply in questions[index].keptReplies where reply.madeAt <= asker.askedAt {
      return fail(.freshness, "ask \(caller.number) gets a reply that was made before it asked")
    }
  }

  /// A probe has a reason.
  private mutating func watchProbe(_ ref: ServerRef, _ input: Input, _ named: ServerID?) {
    guard isConnected || isConnecting(input) else { return fail(.effects, "a probe without a connection") }
    // Where there is a queue, a probe may leave long after its reason.
    guard !world.traits.contains(.tight), let server = model.servers[ref] else { return }
    switch input {
    case .tick:
      let patience = 250 * Simulation.millisecond
      let isAsked = openQuestions.contains { now >= questions[$0].sentAt + patience && !questions[$0].kept.contains(ref) }
      let isLate = discoveries.last.map { now >= $0.sentAt + 300 * Simulation.millisecond } ?? false
      let heardAt = watch.rows[Int(ref.row)]?.heardAt ?? now
      let isQuiet = now > heardAt + 35_000 * Simulation.millisecond
      if !isAsked, !isLate, !isQuiet, !sendsLeaderQuestion(to: ref) {
        fail(.callersOwn, "\(server.id) is probed although nobody waited long enough for it")
      }
    case .noResponders, .reply, .tooLarge, .heartbeat, .event, .goodbye, .discovered, .probeAnswered, .restored, .unreadable: break
    default: if !sendsLeaderQuestion(to: ref) { fail(.callersOwn, "\(server.id) is probed on \(input)") }
    }
  }

  /// Who leads is found out by a probe beside the question.
  private func sendsLeaderQuestion(to ref: ServerRef) -> Bool { model.isAskedAsLeader(ref) }

  // MARK: Tables

  private mutating func watchTables(_ effects: [Effect]) {
    guard violation == nil else { return }
    let found = model.violations(rowsChanged: watch.checkedEpoch != model.servers.epoch)
    watch.checkedEpoch = model.servers.epoch
    if let first = found.first { return fail(.structure, first) }
    let open =
      openProbes.count - effects.count { if case .closeProbe = $0 { true } else { false } }
      + effects.count { if case .sendProbe = $0 { true } else { false } }
    if model.probesUnderWay != open { return fail(.structure, "the owner has \(open) probes open, the model \(model.probesUnderWay)") }
    let bound =
      12 + 6 * (callers.count - (callers.count - waitingCallers.count) + openQuestions.count + openProbes.count + model.servers.rowCount)
    if effects.count > bound { fail(.bounds, "\(effects.count) effects of one input") }
  }

  /// Every ask ends in time.
  private mutating func watchCallers() {
    for caller in waitingCallers where callers[caller].until + 20 * Simulation.millisecond < now {
      return fail(.ending, "ask \(caller) should have ended \((now - callers[caller].until) / Simulation.millisecond) ms ago")
    }
  }
}
