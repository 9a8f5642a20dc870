import SystemAPI
import SystemModel
import Wire

/// Standings move by the rows of the table alone (`SystemModel+Standings.swift`), and are told.
extension Simulation {
  mutating func watchStandings(_ input: Input, _ effects: [Effect], _ named: ServerID?) {
    guard violation == nil, model.servers.epoch != watch.epoch || watch.rows.count != model.servers.rowCount else { return }
    watch.epoch = model.servers.epoch
    watchChanges(input, effects, named)
    while watch.rows.count < model.servers.rowCount { watch.rows.append(nil) }
    for row in 0..<watch.rows.count where violation == nil {
      guard let server = model.servers.row(at: row) else {
        watch.rows[row] = nil
        continue
      }
      if let before = watch.rows[row], before.ref == server.ref {
        if before.standing != server.standing {
          fail(.standings, "\(server.id) moved from \(before.standing) to \(server.standing) unsaid")
        }
        if before.id != server.id { fail(.standings, "\(before.id) became \(server.id)") }
        watch.rows[row]?.name = server.name
      } else {
        let isKept = server.standing == .gone(.forgotten) && isRestored(input, server.id)
        if server.standing != .awaited, !isKept { fail(.standings, "\(server.id) appeared as \(server.standing) unsaid") }
        watch.rows[row] = Watch.Shadow(ref: server.ref, id: server.id, name: server.name, standing: server.standing, heardAt: now)
      }
    }
  }

  private mutating func watchChanges(_ input: Input, _ effects: [Effect], _ named: ServerID?) {
    for (index, effect) in effects.enumerated() {
      guard case .standingChanged(let ref, let from) = effect, violation == nil else { continue }
      var to = model.servers[ref]?.standing
      for later in effects[(index + 1)...] {
        if case .standingChanged(ref, let next) = later {
          to = next
          break
        }
      }
      guard let to else { continue }
      let row = Int(ref.row)
      while watch.rows.count <= row { watch.rows.append(nil) }
      guard let from else {
        appeared(ref, to, input, named)
        continue
      }
      guard let before = watch.rows[row], before.ref == ref else { return fail(.standings, "one that was not there moved from \(from)") }
      guard before.standing == from else { return fail(.standings, "\(before.id) moved from \(before.standing), not \(from)") }
      if let rule = broken(before, to, input, effects, named) {
        return fail(rule, "\(before.id) moved from \(from) to \(to) on \(input)")
      }
      watch.rows[row]?.standing = to
    }
  }

  private mutating func appeared(_ ref: ServerRef, _ to: Standing, _ input: Input, _ named: ServerID?) {
    guard let server = model.servers[ref] else { return }
    if to != .live { return fail(.standings, "\(server.id) appeared as \(to)") }
    if case .restored = input {} else if server.id != named { return fail(.standings, "\(server.id) appeared unnamed, on \(input)") }
    watch.rows[Int(ref.row)] = Watch.Shadow(ref: ref, id: server.id, name: server.name, standing: to, heardAt: now)
    guard let ordinal = server.ordinal else { return }
    if let owner = watch.ordinals[ordinal], owner != server.id { return fail(.ordinals, "\(owner) and \(server.id) share \(ordinal)") }
    watch.ordinals[ordinal] = server.id
  }

  /// The rule that a move breaks; nil where it is a row of the table.
  private func broken(
    _ server: Watch.Shadow, _ to: Standing, _ input: Input, _ effects: [Effect], _ named: ServerID?
  ) -> Violation.Rule? {
    let isNamed = named == server.id
    switch (server.standing, to) {
    case (.live, .slow):
      let hasWaited = openQuestions.contains { now >= questions[$0].sentAt + 250 * Simulation.millisecond }
      guard case .probeAnswered = input, isNamed, hasWaited else { return .standings }
      return nil
    case (.slow, .live): return isConnecting(input) || isNamed ? nil : .standings
    case (.suspect, .live): return isConnecting(input) || isNamed || isRestored(input, server.id) ? nil : .standings
    case (.gone(.shutDown), .live): return .goodbye
    case (.gone, .live):
      guard isNamed || isRestored(input, server.id) else { return .standings }
      return network.lives.contains { $0.id == server.id && $0.saidGoodbye } ? .goodbye : nil
    case (.live, .suspect(let suspicion)), (.slow, .suspect(let suspicion)): return brokenSuspicion(server, suspicion, input)
    case (.live, .gone(.replaced(let heir))), (.slow, .gone(.replaced(let heir))):
      guard isHeir(heir, of: server) else { return .standings }
      return brokenSuspicion(server, .silent, input) == nil || brokenSuspicion(server, .noRoute, input) == nil ? nil : .standings
    case (.suspect, .gone(.replaced(let heir))), (.lameDuck, .gone(.replaced(let heir))): return isHeir(heir, of: server) ? nil : .standings
    case (.suspect, .gone(.forgotten)):
      return input == .tick && now > server.heardAt + UInt64(model.limits.forgetAfter.nanoseconds) ? nil : .standings
    case (.suspect, .gone(.retired)), (.lameDuck, .gone(.retired)):
      return retiredNames.contains(server.name) ? nil : .standings
    case (.gone(.shutDown), .lameDuck): return .goodbye
    case (_, .lameDuck):
      switch input {
      case .goodbye(_, _, .lameDuck), .ownServerLeaves: return isNamed ? nil : .goodbye
      default: return .goodbye
      }
    case (_, .gone(.shutDown)):
      guard case .goodbye(_, _, .shutDown) = input, isNamed else { return .goodbye }
      return nil
    default: return .standings
    }
  }

  private func isRestored(_ input: Input, _ id: ServerID) -> Bool {
    if case .restored(let kept) = input { (kept.servers + kept.gone).contains { $0.description.id == id } } else { false }
  }

  private func isHeir(_ heir: ServerID, of server: Watch.Shadow) -> Bool {
    guard let heir = model.servers.server(id: heir) else { return false }
    return heir.id != server.id && heir.name == server.name
  }

  private func brokenSuspicion(_ server: Watch.Shadow, _ suspicion: Suspicion, _ input: Input) -> Violation.Rule? {
    switch (suspicion, input) {
    case (.noRoute, .probeFailed(let id)):
      return openProbes.contains { probes[$0].id == id && probes[$0].ref == server.ref } ? nil : .standings
    case (.silent, .connectionChecked(let id, let isAlive)):
      guard let check = checks.last(where: { $0.id == id }) else { return .standings }
      return isAlive || watch.lastHeard > check.since ? nil : .suspicion
    case (.silent, .tick):
      guard let probe = openProbes.map({ probes[$0] }).last(where: { $0.ref == server.ref }) else { return .callersOwn }
      guard now >= probe.sentAt + 1_000 * Simulation.millisecond, server.heardAt <= probe.sentAt else { return .standings }
      return watch.lastHeard > probe.sentAt ? nil : .suspicion
    default: return .standings
    }
  }
}
