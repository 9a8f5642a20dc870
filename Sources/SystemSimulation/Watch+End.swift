import SystemAPI
import SystemModel

/// What holds when a run is over.
extension Simulation {
  mutating func watchTheEnd() {
    if let caller = waitingCallers.first { return fail(.ending, "ask \(caller) never ended") }
    if !model.isAtRest { fail(.structure, "nobody waits, and something is kept for somebody") }
  }

  /// Every server that lives is found to live.
  mutating func watchHealth() {
    guard !isOrdinary, !world.traits.contains(.tight) else { return }
    guard isConnected else { return fail(.healing, "there is no connection") }
    for server in network.servers {
      guard let life = server.life, !network[life: life].isLame, !network[life: life].saidGoodbye else { continue }
      let known = model.servers.server(id: network[life: life].id)
      if known?.standing != .live { fail(.healing, "\(network[life: life].id) lives, and is \(known?.standing.name ?? "unknown")") }
    }
  }

  /// The last answer has everybody who lives; nobody is missing but who really is.
  mutating func watchFinal(_ completeness: Completeness, _ question: SentQuestion) {
    guard !isOrdinary, !world.traits.contains(.tight) else { return }
    for server in network.servers {
      guard let life = server.life, !network[life: life].isLame, !network[life: life].saidGoodbye,
        let ref = model.servers.server(id: network[life: life].id)?.ref
      else { continue }
      if !question.kept.contains(ref) { return fail(.healing, "\(network[life: life].id) lives, and its answer is missing") }
    }
    for missing in completeness.missing where !isRightlyMissing(missing) {
      return fail(.healing, "\(missing) is missing after all was healed")
    }
  }

  private func isRightlyMissing(_ missing: MissingServer) -> Bool {
    switch missing.cause {
    case .awaited: true
    // Where links tell nothing, the count of those who go on counting a crashed one is all there is.
    case .counted: world.traits.contains(.linksUntold) || world.traits.contains(.lag) || hasGhosts
    case .neverHeard: hasGhosts
    default: hasGhosts || network.lives.contains { $0.id == missing.id && !$0.isAlive }
    }
  }

  /// The same inputs give the same effects and the same state.
  mutating func watchReplay() {
    var second = SystemModel(limits: model.limits, at: Simulation.instant(0, 0))
    for (index, (input, instant)) in inputs.enumerated() {
      let effects = second.apply(input, at: instant)
      if effects != effectsSeen[index] { return fail(.replay, "input \(index), \(input): \(effects), before \(effectsSeen[index])") }
    }
    if second != model { fail(.replay, "the state differs") }
  }
}
