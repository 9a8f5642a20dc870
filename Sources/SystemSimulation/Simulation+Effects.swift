import SystemAPI
import SystemModel
import Wire

/// Carries out effects, as the owner of a model does.
extension Simulation {
  mutating func carryOut(_ effect: Effect) {
    switch effect {
    case .sendQuestion(let id, let question, let target): send(id, question, target)
    case .sendProbe(let id, let ref, let server):
      probes.append(SentProbe(id: id, ref: ref, server: server, link: link, sentAt: now))
      openProbes.append(probes.count - 1)
      sendProbe(probes.count - 1, to: server)
    case .sendDiscovery(let id):
      discoveries.append(SentDiscovery(id: id, link: link, sentAt: now))
      sendDiscovery(discoveries.count - 1)
    case .sendSightings: agenda.add(.sightings(link: link), at: now + latency() * 2)
    case .close(let id):
      guard let at = openQuestions.lastIndex(where: { questions[$0].id == id }) else { return fail(.effects, "closed what is not open") }
      questions[openQuestions[at]].isOpen = false
      openQuestions.remove(at: at)
    case .closeProbe(let id):
      guard let at = openProbes.firstIndex(where: { probes[$0].id == id }) else { return fail(.effects, "closed a probe that is not open") }
      openProbes.remove(at: at)
    case .keep, .deliver: break
    case .finish(let callers, _): for caller in callers { end(caller) }
    case .checkConnection(let id):
      checks.append(SentCheck(id: id, link: link, since: now))
      // A PING is answered at once or, where the other end is frozen, given up after half a second.
      agenda.add(.checked(check: checks.count - 1), at: now + (isStalled ? 500 : 2) * Simulation.millisecond)
    case .failOver(let loss): lose(loss, failures: draw(4) == 0 ? 1 : 0)
    case .scout(let id):
      let other = (network.home + 1 + draw(max(1, world.servers - 1))) % world.servers
      scouts.append(SentScout(id: id, server: other, link: link))
      agenda.add(.scouted(scout: scouts.count - 1), at: now + UInt64(100 + draw(1_500)) * Simulation.millisecond)
    case .move(let id):
      guard let scout = scouts.last, scout.id == id else { return fail(.effects, "moves where nobody has looked") }
      lose(.left(.betterPlace), failures: 0)
      network.home = (scout.server + world.servers - 1) % world.servers
    case .standingChanged, .connectionChanged, .save: break
    }
  }

  private mutating func send(_ id: QuestionID, _ question: Question, _ target: Target) {
    guard isConnected else { return fail(.effects, "a question was sent without a connection") }
    var sent =
      switch target {
      case .every: SentQuestion(id: id, question: question, target: nil, targetID: "", link: link, sentAt: now)
      case .server(let ref, let server):
        SentQuestion(id: id, question: question, target: ref, targetID: server, link: link, sentAt: now)
      }
    sent.expected = expected(sent)
    sent.hasRoster = model.hasRoster
    questions.append(sent)
    openQuestions.append(questions.count - 1)
    agenda.add(.leaves(question: questions.count - 1), at: now + UInt64(draw(3) / 2) * Simulation.millisecond)
  }

  private mutating func sendProbe(_ index: Int, to id: ServerID) {
    let life = network.lives.firstIndex { $0.id == id && $0.isAlive }
    if let life, network.isReachable(network[life: life].server) {
      if network[life: life].isLame, network[network[life: life].server].version != Network.old { return }
      if !isLost() { agenda.add(.probeArrives(probe: index, life: life), at: now + latency() / 2) }
    } else if draw(5) > 0 {
      agenda.add(.probeFails(probe: index), at: now + latency())
    }
  }

  private mutating func sendDiscovery(_ index: Int) {
    if isOrdinary { return agenda.add(.discoveryRefused(discovery: index), at: now + latency()) }
    for server in network.servers.indices {
      guard let life = network[server].life, !network[life: life].isLame || network[server].version == Network.old else { continue }
      agenda.add(.pinged(discovery: index, life: life), at: now + latency() / 2)
    }
  }

  private mutating func end(_ caller: AskID) {
    let index = Int(caller.number)
    guard index < callers.count, !callers[index].hasEnded else { return fail(.ending, "ask \(caller.number) ended twice") }
    callers[index].hasEnded = true
    waitingCallers.removeAll { $0 == index }
  }
}
