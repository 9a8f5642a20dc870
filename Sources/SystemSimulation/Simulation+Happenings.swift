import SystemAPI
import SystemModel
import Wire

/// What the network does.
extension Simulation {
  var isConnected: Bool { connection == .up }

  /// The connected server is frozen: nothing comes or goes.
  var isStalled: Bool { connection == .up && network[network.home].isFrozen }

  mutating func happen(_ what: Happening) {
    moment += 1
    switch what {
    case .leaves(let question): leave(question)
    case .arrives(let question, let life): arrive(question, life)
    case .answers(let question, let life): answer(question, life)
    case .reply(let question, let life, let madeAt): deliver(question, life, madeAt)
    case .noResponders(let question):
      guard comes(what, questions[question].link) else { return }
      if questions[question].isOpen || draw(8) == 0 { feed(.noResponders(questions[question].id)) }
    case .probeArrives(let probe, let life):
      guard reaches(what, life) else { return }
      agenda.add(.probeAnswered(probe: probe, life: life), at: now + latency())
    case .probeAnswered(let probe, let life): probeAnswered(probe, life, what)
    case .probeFails(let probe):
      guard comes(what, probes[probe].link), openProbes.contains(probe) || draw(8) == 0 else { return }
      feed(.probeFailed(probes[probe].id))
    case .pinged(let discovery, let life):
      guard reaches(what, life), !isLost() else { return }
      agenda.add(.discovered(discovery: discovery, life: life), at: now + latency())
    case .discovered(let discovery, let life):
      guard comes(what, discoveries[discovery].link) else { return }
      feed(.discovered(discoveries[discovery].id, network[life: life].description, network.beat(of: network[life: life].server)))
    case .discoveryRefused(let discovery):
      guard comes(what, discoveries[discovery].link) else { return }
      feed(.discoveryRefused(discoveries[discovery].id))
    case .sightings(let link):
      guard comes(what, link) else { return }
      let isUntold = world.traits.contains(.linksUntold)
      feed(.sightings(isUntold ? [] : network.sightings, areWhole: !isUntold))
    case .checked(let check):
      guard isConnected, checks[check].link == link else { return }
      feed(.connectionChecked(checks[check].id, isAlive: !isStalled))
    case .scouted(let scout):
      let answers = network.answers(from: scouts[scout].server)
      feed(.scouted(scouts[scout].id, isLost() ? [] : answers + (draw(20) == 0 && !isHealed ? ["NL1", "NL2"] : [])))
    case .beats(let server): beat(server)
    case .connects(let attempt, let failures): connect(attempt, failures)
    case .dies(let life):
      guard network[life: life].isAlive else { return }
      down(network[life: life].server, inOrder: true)
      if isHealed { network.start(network[life: life].server) }
    }
  }

  /// Whether something that came over a link gets to the gateway now.
  private mutating func comes(_ what: Happening, _ over: Int) -> Bool {
    guard isConnected, over == link else { return false }
    if isStalled { held.append((network.home, what)) }
    return !isStalled
  }

  /// Whether something gets to a server now.
  private mutating func reaches(_ what: Happening, _ life: Int) -> Bool {
    let server = network[life: life].server
    guard isConnected, network[life: life].isAlive, network.isReachable(server) else { return false }
    if isStalled || network[server].isFrozen {
      held.append((isStalled ? network.home : server, what))
      return false
    }
    return true
  }

  // MARK: Questions

  private mutating func leave(_ index: Int) {
    let question = questions[index]
    guard isConnected, question.link == link else { return }
    if draw(60) == 0, !isHealed {
      questions[index].isUnsent = true
      return feed(.unsent(question.id))
    }
    questions[index].leftAt = moment
    // What reaches a server within this instant is sent on its way before anybody else can ask.
    if question.target != nil {
      let life = network.lives.firstIndex { $0.id == question.targetID && $0.isAlive }
      if let life, network.isReachable(network[life: life].server) {
        agenda.add(.arrives(question: index, life: life), at: now + latency())
      } else if draw(4) > 0 {
        agenda.add(.noResponders(question: index), at: now + latency())
      }
    } else {
      for server in network.servers.indices {
        if let life = network[server].life { agenda.add(.arrives(question: index, life: life), at: now + latency() / 2) }
      }
    }
    feed(.flushed(question.id))
  }

  private mutating func arrive(_ index: Int, _ life: Int) {
    guard reaches(.arrives(question: index, life: life), life), !isLost() else { return }
    let server = network[life: life].server
    guard QuestionKind.isAnswered(questions[index].question, by: server, in: network) else { return }
    if network[life: life].isLame, network[server].version != Network.old { return }
    agenda.add(.answers(question: index, life: life), at: now + network[server].slowness * Simulation.millisecond)
  }

  private mutating func answer(_ index: Int, _ life: Int) {
    guard reaches(.answers(question: index, life: life), life) else { return }
    agenda.add(.reply(question: index, life: life, madeAt: moment), at: now + latency())
    if isEcho, draw(10) == 0 { agenda.add(.reply(question: index, life: life, madeAt: moment), at: now + latency()) }
  }

  private mutating func deliver(_ index: Int, _ life: Int, _ madeAt: Int) {
    let question = questions[index]
    guard comes(.reply(question: index, life: life, madeAt: madeAt), question.link) else { return }
    // The gateway drops what comes for a question that it closed; the model has to hold out all the same.
    guard question.isOpen || draw(8) == 0 else { return }
    watch.madeAt = madeAt
    if question.target != nil, draw(50) == 0, !isHealed { return feed(.unreadable(question.id)) }
    let server = network[life: life]
    let speaker: Speaker =
      if world.traits.contains(.partial), question.question.form.endpoint == "idz" {
        .described(server.partial, isPartial: true)
      } else if draw(2) == 0, let known = model.servers.server(id: server.id), known.isWhole {
        .known(known.ref)
      } else {
        .described(server.description, isPartial: false)
      }
    // Which ones are too large nobody draws: schedules that are kept go on meaning what they meant.
    guard world.traits.contains(.tight), (index + life) % 7 == 3, !isHealed else {
      return feed(.reply(question.id, speaker, isRefusal: false))
    }
    let isMeant = question.target == nil ? question.question.scope.includes(server.description) : question.targetID == server.id
    watch.leavesOut = isMeant ? index : nil
    feed(.tooLarge(question.id, speaker))
  }

  // MARK: Servers

  private mutating func probeAnswered(_ index: Int, _ life: Int, _ what: Happening) {
    guard comes(what, probes[index].link), openProbes.contains(index) || draw(8) == 0 else { return }
    let server = network[life: life]
    let beat = draw(8) > 0 ? network.beat(of: server.server) : nil
    feed(.probeAnswered(probes[index].id, draw(4) > 0 ? server.description : nil, beat))
  }

  private mutating func beat(_ server: Int) {
    agenda.add(.beats(server: server), at: now + 30_000 * Simulation.millisecond)
    sendBeat(server)
  }

  mutating func sendBeat(_ server: Int) {
    guard let life = network[server].life, isConnected, !isOrdinary, network.isReachable(server), !isStalled, !network[server].isFrozen,
      !network[life: life].isLame
    else { return }
    feed(.heartbeat(subject: network[life: life].id, network[life: life].description, network.beat(of: server)))
  }

  mutating func sayGoodbye(_ server: Int, _ goodbye: Goodbye) {
    guard let life = network[server].life, isConnected, !isOrdinary, network.isReachable(server), !isStalled, !network[server].isFrozen
    else { return }
    feed(.goodbye(subject: network[life: life].id, network[life: life].description, goodbye))
  }

  /// A server ends.
  mutating func down(_ server: Int, inOrder: Bool) {
    guard network[server].life != nil else { return }
    network.end(server, inOrder: inOrder)
    held.removeAll { $0.server == server }
    if server == network.home, isConnected { lose(.closedByPeer, failures: draw(3)) }
  }

  mutating func thaw(_ server: Int) {
    guard network[server].isFrozen else { return }
    network[server].isFrozen = false
    let waiting = held.filter { $0.server == server }
    held.removeAll { $0.server == server }
    for held in waiting { agenda.add(held.what, at: now + UInt64(draw(3)) * Simulation.millisecond) }
  }

  // MARK: The connection

  /// The connection ends.
  mutating func lose(_ loss: ConnectionLoss, failures: Int) {
    guard isConnected else { return }
    connection = .lost
    held.removeAll { $0.server == network.home }
    let isOneURL = world.traits.contains(.oneURL)
    feed(.disconnected(loss, isFailingOver: !isOneURL))
    agenda.add(.connects(attempt: 0, failures: failures), at: now + UInt64(draw(60)) * Simulation.millisecond)
  }

  private mutating func connect(_ attempt: Int, _ failures: Int) {
    guard !isConnected, !isStopped else { return }
    let urls = world.traits.contains(.oneURL) ? 1 : min(3, world.servers)
    let next = (network.home + attempt + (world.traits.contains(.oneURL) ? 0 : 1)) % world.servers
    if network[next].life == nil || network[next].isFrozen || attempt < failures {
      connection = .lost
      feed(.disconnected(.unreachable("connection refused"), isFailingOver: attempt + 1 < urls && link > 0))
      let pause = attempt + 1 < urls ? 5 : 400 + draw(600)
      agenda.add(.connects(attempt: attempt + 1, failures: failures), at: now + UInt64(pause) * Simulation.millisecond)
      return
    }
    network.home = next
    connection = .up
    link += 1
    let isInProcess = world.traits.contains(.inProcess)
    feed(.connected(Link(url: "nats://\(network[next].name)", isInProcess: isInProcess, hasAlternatives: urls > 1)))
  }
}
