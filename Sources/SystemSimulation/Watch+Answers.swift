import SystemAPI
import SystemModel
import Wire

/// What an answer says of itself is true.
extension Simulation {
  mutating func watch(_ enders: [AskID], _ ending: Ending) {
    switch ending {
    case .outcome(let id, let completeness):
      guard let index = openQuestions.last(where: { questions[$0].id == id }) else { return fail(.effects, "an outcome of what is closed") }
      for caller in enders { watchOutcome(caller, index) }
      watch(completeness, questions[index])
      if let final = watch.finalCaller, enders.contains(AskID(number: UInt64(final))) { watchFinal(completeness, questions[index]) }
    case .obstacle(let obstacle, let completeness):
      for caller in enders { watchObstacle(caller, obstacle, completeness) }
    }
  }

  private mutating func watchOutcome(_ caller: AskID, _ index: Int) {
    let question = questions[index]
    let asker = callers[Int(caller.number)]
    guard asker.question == question.question else { return fail(.effects, "the answer to another question") }
    if question.isUnsent { return fail(.blame, "an outcome of a question that was not sent") }
    if let leftAt = question.leftAt, asker.askedAt > leftAt { return fail(.freshness, "ask \(caller.number) joined what was out") }
    for reply in question.keptReplies where reply.madeAt <= asker.askedAt {
      return fail(.freshness, "ask \(caller.number) gets a reply that was made before it asked")
    }
  }

  private mutating func watchObstacle(_ caller: AskID, _ obstacle: Obstacle, _ completeness: Completeness) {
    let asker = callers[Int(caller.number)]
    switch obstacle {
    case .notAsked(let reason):
      if !completeness.missing.isEmpty { return fail(.blame, "a question that was not sent blames \(completeness.missing)") }
      if now < asker.until, reason != .busy || waitingCallers.count <= model.limits.asks {
        return fail(.ending, "ask \(caller.number) was given up before its time: \(reason)")
      }
    case .notConnected, .notInSystemAccount:
      if !completeness.missing.isEmpty { return fail(.blame, "a question without a connection blames \(completeness.missing)") }
    default: break
    }
    if completeness.complete == true, obstacle != .nobodyInScope { fail(.completeness, "complete in spite of \(obstacle)") }
    if completeness.complete == true, !watch.isDiscoveryOver { fail(.completeness, "complete before the first discovery was over") }
    if watch.finalCaller == Int(caller.number), network.servers.contains(where: { $0.life.map { !network[life: $0].isLame } ?? false }),
      !isOrdinary
    {
      fail(.healing, "the last question met with \(obstacle)")
    }
  }

  /// A completeness fits itself, and what was kept.
  mutating func watch(_ completeness: Completeness, _ question: SentQuestion) {
    guard model.hasRoster, question.hasRoster else {
      if completeness.complete != nil || completeness.expected != nil { fail(.completeness, "judged without a roster") }
      return
    }
    let missing = completeness.missing
    guard completeness.responded == question.kept.count else {
      return fail(.identity, "\(completeness.responded) responded, \(question.kept.count) were kept")
    }
    guard completeness.expected == completeness.responded + missing.reduce(0, { $0 + $1.count }) else {
      return fail(.identity, "\(completeness.expected ?? -1) expected, \(completeness.responded) responded, missing \(missing)")
    }
    guard completeness.complete == (missing.isEmpty && !model.isDiscovering) else {
      return fail(.identity, "complete \(completeness.complete.debugDescription) with missing \(missing)")
    }
    if completeness.complete == true, !watch.isDiscoveryOver { return fail(.completeness, "complete before the first discovery was over") }
    watchPlaces(completeness, question)
    if !question.question.oneAnswer, question.target == nil { watchExpected(completeness, question) }
    if completeness.complete == true { watchTruth(question) }
  }

  /// Nobody is in two of `servers`, `missing` and `unsupported`, or twice in one.
  private mutating func watchPlaces(_ completeness: Completeness, _ question: SentQuestion) {
    var ids: [ServerID] = []
    for ref in question.kept { if let id = model.servers[ref]?.id { ids.append(id) } }
    for server in completeness.missing where !server.id.isEmpty { ids.append(server.id) }
    for server in completeness.unsupported { ids.append(server.id) }
    for (index, id) in ids.enumerated() where ids[..<index].contains(id) { return fail(.onePlace, "\(id) is in two places") }
  }

  /// Everybody who was expected and has not answered is missing, unless it left by the rules; and nobody else is missing by those causes.
  private mutating func watchExpected(_ completeness: Completeness, _ question: SentQuestion) {
    for ref in question.expected where !question.kept.contains(ref) {
      guard let server = model.servers[ref], server.standing.isExpected else { continue }
      if !completeness.missing.contains(where: { $0.id == server.id }) {
        return fail(.completeness, "\(server.id) was expected and is not missed")
      }
    }
    for ref in question.leftOut {
      guard !question.kept.contains(ref) else { continue }
      guard let server = model.servers[ref] else { return fail(.completeness, "a row was given up whose reply was left out") }
      if completeness.missing.first(where: { $0.id == server.id })?.cause != .tooLarge {
        return fail(.completeness, "\(server.id) was left out and is not missed for that")
      }
    }
    for missing in completeness.missing {
      let ref = missing.id.isEmpty ? nil : model.servers.server(id: missing.id)?.ref
      switch missing.cause {
      case .timeout, .slow, .silent, .noRoute:
        guard let ref, question.expected.contains(ref) else { return fail(.blame, "\(missing.id) is missing and was not asked") }
      case .tooLarge:
        guard let ref, question.leftOut.contains(ref) else { return fail(.blame, "\(missing.id) is missing for an answer that fits") }
      case .startedAnew:
        guard let ref, !question.expected.contains(ref) else { return fail(.onePlace, "\(missing.id) is its own heir") }
      case .left: return fail(.blame, "\(missing.id) left and is missing")
      case .awaited, .neverHeard, .counted, .noLeader: break
      }
    }
  }

  /// A complete answer has everybody who really is there and was known when it was asked.
  private mutating func watchTruth(_ question: SentQuestion) {
    guard !hasGhosts, !world.traits.contains(.tight), !question.question.oneAnswer, question.target == nil else { return }
    for life in network.lives where life.isAlive && !life.isLame && life.wasHeard && question.question.scope.includes(life.description) {
      guard let server = model.servers.server(id: life.id), question.expected.contains(server.ref) else { continue }
      if !question.kept.contains(server.ref), server.standing.isExpected { fail(.completeness, "complete without \(life.id)") }
    }
  }

  /// Who was in scope and expected when a question left, by the definition of the contract.
  func expected(_ question: SentQuestion) -> [ServerRef] {
    if let target = question.target { return [target] }
    var expected: [ServerRef] = []
    let scope = question.question.scope
    for row in 0..<model.servers.rowCount {
      guard let server = model.servers.row(at: row), server.standing.isExpected, server.standing != .awaited else { continue }
      let isInScope = server.isWhole ? scope.includes(server.description) : scope.mayInclude(name: server.name, cluster: server.cluster)
      if isInScope, question.question.since.isEmpty || server.description.version != Network.old { expected.append(server.ref) }
    }
    return expected
  }
}
