import NATSClient
import Reactor
import SystemAPI
import Wire

/// Finding out who is there: one PING, until as many have answered as the servers say there are.
/// Confined to the gateway's shard.
final class Discovery: @unchecked Sendable {
  // Sendable: used on the gateway's shard only.
  var token: NATSClient.RequestToken?
  var replies = 0
  var waiting: [() -> Void] = []
  var isOver = false
}

extension Gateway {
  /// Connects the parts with each other.
  func wire() {
    client.onStateChange = { [unowned self] state in connectionChanged(state) }
    client.onLateReply = { [unowned self] message in signOfLife(message.payload) }
    client.onLameDuck = { [unowned self] in
      // It closes its connections one by one; leaving before is kinder than being put out in the middle of a question.
      if client.knowsOtherServers { client.failOver(.left(.lameDuck)) }
    }
    client.onRefusal = { [unowned self] refusal in
      if case .subscription(let subject, _) = refusal, subject.hasPrefix("$SYS.SERVER.") { hasHeartbeats = false }
      log.warning("the server refused", metadata: ["error": "\(refusal)"])
    }
    gatherer.onReplyFrom = { [unowned self] server, now in roster.heard(server, now: now) }
    gatherer.onDoubt = { [unowned self] completion in examineConnection(completion) }
    roster.onChange = { [unowned self] change in rosterChanged(change) }
    client.subscribe(SystemSubject.heartbeats) { [unowned self] message in
      lastHeartbeat = shard.now
      heartbeat(message.payload)
    }
    client.subscribe("$SYS.SERVER.*.SHUTDOWN") { [unowned self] in goodbye($0, .gone, "shut down") }
    client.subscribe("$SYS.SERVER.*.LAMEDUCK") { [unowned self] in goodbye($0, .lameDuck, "in lame duck mode") }
    for subject in GatewayEventHub.subjects {
      client.subscribe(subject) { [unowned self] message in
        gatherer.lastHeard = shard.now
        signOfLife(message.payload)
        events.publish(.system(subject: message.subject, payload: message.payload, at: Timestamp.now()))
      }
    }
  }

  private func connectionChanged(_ state: NATSClient.State) {
    switch state {
    case .connected:
      toldLoss = nil
      roster.voidSuspicions()
      events.publish(.connection(isConnected: true, client.serverURL))
      discover()
    case .disconnected(let loss, _):
      // An attempt that fails like the one before it tells nobody anything new.
      guard loss != toldLoss else { return }
      toldLoss = loss
      endDiscovery()
      gatherer.connectionLost()
      events.publish(.connection(isConnected: false, loss.description))
    case .stopped:
      endDiscovery()
      gatherer.connectionLost()
    case .idle, .connecting: break
    }
  }

  private func rosterChanged(_ change: RosterChange) {
    if !change.entry.isWaitedFor { gatherer.noLongerWaitedFor(change.entry.id) }
    if change.before == nil { probeNamesake(change.entry) }
    events.publish(.roster(change.entry, before: change.before))
    if change.before != nil {
      log.info(
        "server state",
        metadata: ["server": "\(change.entry.name)", "state": "\(change.entry.state.rawValue)", "reason": "\(change.entry.reason)"])
    }
    scheduleSave()
  }

  /// A server came up under the name and cluster of another that is thought to live: most likely it was restarted.
  private func probeNamesake(_ entry: RosterEntry) {
    for other in roster.entries.values
    where other !== entry && other.name == entry.name && other.cluster == entry.cluster && other.isWaitedFor {
      gatherer.probe(other)
    }
  }

  // MARK: Discovery

  /// Asks who is there. Requests wait for the end of it only where nobody was known before.
  func discover() {
    let discovery = Discovery()
    if let old = self.discovery {
      discovery.waiting = old.waiting
      // Later replies to it count as signs of life all the same.
      if let token = old.token { client.cancel(token) }
    }
    self.discovery = discovery
    let sent = shard.now
    lastPing = sent
    discovery.token = client.request(planner.subjects.ping) { [weak self, weak discovery] event in
      guard let self, let discovery else { return }
      switch event {
      case .reply(let message):
        access = .system
        gatherer.hasRoster = true
        heartbeat(message.payload, sent: sent)
        discovery.replies += 1
        if !discovery.isOver, discovery.replies >= roster.largestActiveServers { endDiscovery() }
      case .noResponders:
        access = .ordinaryAccount
        gatherer.hasRoster = false
        log.error("\(notInSystemAccount.description)")
        endDiscovery()
      case .disconnected: endDiscovery()
      }
    }
    _ = shard.after(0.3) { [weak self, weak discovery] in
      guard let self, discovery != nil, client.isConnected else { return }
      // Whoever was known before this connection and has not answered it is asked in person.
      for entry in roster.entries.values where entry.isWaitedFor && entry.lastSeen < sent { gatherer.probe(entry) }
    }
    _ = shard.after(configuration.timeout) { [weak self, weak discovery] in
      guard let self, let discovery, self.discovery === discovery else { return }
      if access == .unknown, roster.entries.values.allSatisfy(\.isDeclaredOnly) { gatherer.hasRoster = false }
      endDiscovery()
    }
  }

  func endDiscovery() {
    hasDiscovered = hasDiscovered || client.isConnected
    discovery?.isOver = true
    let waiting = discovery?.waiting ?? []
    discovery?.waiting = []
    if client.isConnected || hasDiscovered || !waiting.isEmpty { gatherer.discoveryEnded() }
    for body in waiting { body() }
  }

  /// Calls `body` when discovery has ended, or after `timeout`; false where there is nothing to wait for.
  func waitForDiscovery(_ timeout: Nanoseconds, _ body: @escaping () -> Void) -> Bool {
    if discovery == nil { discovery = Discovery() }
    guard let discovery, !discovery.isOver else { return false }
    let once = OnceCall(body)
    discovery.waiting.append { once.call() }
    _ = shard.after(Double(timeout) / 1e9) { [weak self] in
      // One caller's timeout ends nothing but its own waiting.
      if self != nil { once.call() }
    }
    return true
  }

  // MARK: Hearing

  func heartbeat(_ payload: [UInt8], sent: Nanoseconds? = nil) {
    gatherer.lastHeard = shard.now
    payload.withUnsafeBufferPointer { bytes in
      guard let envelope = ReplyEnvelope(bytes), let range = envelope.server, let server = ServerDescription(bytes, range) else { return }
      let entry = roster.heard(server, now: shard.now)
      if let sent { entry.rtt = shard.now - sent }
      guard let statsz = envelope.statsz else { return }
      roster.heartbeat(entry, statsz: Array(bytes[statsz]), now: shard.now)
      events.publish(.heartbeat(entry))
    }
  }

  /// Any message that names its server shows that it lives.
  private func signOfLife(_ payload: [UInt8]) {
    gatherer.lastHeard = shard.now
    payload.withUnsafeBufferPointer { bytes in
      guard let range = JSONBytes.member("server", bytes, 0..<bytes.count), let server = ServerDescription(bytes, range) else { return }
      roster.heard(server, now: shard.now)
    }
  }

  /// SHUTDOWN and LAMEDUCK carry the bare server object.
  private func goodbye(_ message: NATSMessage, _ state: ServerState, _ reason: String) {
    gatherer.lastHeard = shard.now
    message.payload.withUnsafeBufferPointer { bytes in
      guard let server = ServerDescription(bytes, 0..<bytes.count) else { return }
      let entry = roster.heard(server, now: shard.now)
      roster.change(entry, to: state, reason: reason)
    }
    events.publish(.system(subject: message.subject, payload: message.payload, at: Timestamp.now()))
  }

  // MARK: Own connection

  /// Nothing answers: is it the gateway's own connection? Without a PONG it goes to the next URL and blames nobody.
  func examineConnection(_ completion: (@Sendable (Bool) -> Void)?) {
    guard client.isConnected else {
      completion?(false)
      return
    }
    client.checkAlive(timeout: gatherer.limits.ownPing) { [weak self] isAlive in
      guard let self else { return }
      if !isAlive, client.isConnected, gatherer.lastHeard + .seconds(gatherer.limits.ownPing) <= shard.now {
        log.warning("the connected server does not answer; leaving it", metadata: ["url": "\(client.serverURL)"])
        client.failOver(.unresponsive(.check))
      }
      completion?(isAlive)
    }
  }

  // MARK: Housekeeping

  func keepHouse() {
    roster.expire(now: shard.now)
    guard client.isConnected else { return }
    let now = shard.now
    if gatherer.hasRoster {
      // Heartbeats come every 30 s at most; who is silent for longer is asked.
      for entry in roster.entries.values where entry.isWaitedFor && now > entry.lastSeen + .seconds(35) { gatherer.probe(entry) }
    }
    if gatherer.hasRoster, roster.unknownServers(now: now) > 0, now > lastHintQuestion + .seconds(10) { askForHints() }
    // Heartbeats come every 30 s at most. An account that imports the requests alone hears none, and nobody tells it so.
    let hearsHeartbeats = hasHeartbeats && lastHeartbeat != 0 && now < lastHeartbeat + .seconds(45)
    let interval = hearsHeartbeats && gatherer.hasRoster ? 60.0 : 10.0
    if access != .ordinaryAccount || gatherer.hasRoster, now > lastPing + .seconds(interval) { discover() }
  }
}

extension Gateway {
  /// The operator says that servers of these names are not coming back. Call it from anywhere.
  public func retire(_ names: [String]) {
    shard.run { [self] in roster.retire(names) }
  }
}

/// Runs a block at most once. Confined to the gateway's shard.
final class OnceCall: @unchecked Sendable {
  // Sendable: used on the gateway's shard only.
  private var body: (() -> Void)?
  init(_ body: @escaping () -> Void) { self.body = body }
  func call() {
    let body = body
    self.body = nil
    body?()
  }
}
