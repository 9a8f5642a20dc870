import Dispatch
import Identity
import Logging
import NATSClient
import Reactor
import SystemAPI
import SystemModel
import Wire

/// What comes over the connection by itself, and what becomes of the connection.
extension SystemSession {
  func subscribe() {
    client.onStateChange = { [unowned self] in connectionChanged($0) }
    client.onLateReply = { [unowned self] message in heard(ReplyReader.server(ofEvent: message.payload)) }
    client.onLameDuck = { [unowned self] in feed(.ownServerLeaves(client.server?.id ?? "")) }
    client.onRefusal = { [unowned self] refusal in
      log.warning("the server refused", metadata: ["error": "\(refusal)"])
      if refusal == .subscription(subject: GatewayEvent.accountSubjects) { subscribeToPlainAccounts() }
      feed(.refused(refusal))
    }
    client.subscribe(SystemSubject.heartbeats) { [unowned self] in heartbeat($0) }
    client.subscribe("$SYS.SERVER.*.SHUTDOWN") { [unowned self] in goodbye($0, .shutDown) }
    client.subscribe("$SYS.SERVER.*.LAMEDUCK") { [unowned self] in goodbye($0, .lameDuck) }
    for subject in GatewayEvent.serverSubjects { client.subscribe(subject) { [unowned self] in event($0) } }
    client.subscribe(GatewayEvent.accountSubjects) { [unowned self] message in
      guard AccountSubject(message.subject) != nil else { return feed(.sound) }
      event(message)
    }
  }

  /// Where a user may not ask for the events of all accounts, some are better than none. Asked for once: the subscriptions stay over
  /// reconnects.
  private func subscribeToPlainAccounts() {
    guard !hearsPlainAccounts else { return }
    hearsPlainAccounts = true
    for subject in GatewayEvent.plainAccountSubjects { client.subscribe(subject) { [unowned self] in event($0) } }
  }

  private func event(_ message: NATSMessage) {
    heard(ReplyReader.server(ofEvent: message.payload))
    onEvent(.system(subject: message.subject, payload: message.payload, at: WallClock.now()))
  }

  private func heard(_ server: ServerDescription?) { feed(server.map { .event($0) } ?? .sound) }

  private func connectionChanged(_ state: NATSClient.State) {
    switch state {
    case .connected:
      toldLoss = nil
      onEvent(.connection(isConnected: true, client.serverURL, lastHeard: lastHeard))
      feed(
        .connected(
          Link(url: client.serverURL, isInProcess: client.options.inProcess != nil, hasAlternatives: client.knowsOtherServers)))
    case .disconnected(let loss, let isFailingOver):
      feed(.disconnected(loss, isFailingOver: isFailingOver))
      // An attempt that fails like the one before it tells nobody anything new.
      guard loss != toldLoss else { return }
      toldLoss = loss
      onEvent(.connection(isConnected: false, loss.description, lastHeard: lastHeard))
    case .stopped: feed(.stopped)
    case .idle, .connecting: break
    }
  }

  /// When anything was last heard, by the wall clock.
  private var lastHeard: Timestamp {
    let now = now
    guard beliefs.lastHeard > .origin else { return now.wall }
    return now.wall - (now.monotonic - beliefs.lastHeard)
  }

  // MARK: Servers' own words

  private func heartbeat(_ message: NATSMessage) {
    guard let read = ReplyReader.beat(message.payload) else { return feed(.sound) }
    feed(.heartbeat(subject: SystemSession.server(inSubject: message.subject), read.server, read.beat))
    remember(message.payload, read.statsz, of: read.server.id, sentAt: read.time)
  }

  /// Keeps a heartbeat for rates.
  ///
  /// - Parameter sentAt: By the server's clock; nil where it does not say, or was long on its way.
  func remember(_ payload: [UInt8], _ statsz: Range<Int>?, of id: ServerID, sentAt: Timestamp? = nil, tellsWatch: Bool = true) {
    guard let statsz, let server = beliefs.servers.server(id: id), server.standing != .gone(.shutDown) else { return }
    let beat = Heartbeat(statsz: Array(payload[statsz]), arrived: shard.now, at: WallClock.now(), sentAt: sentAt)
    heartbeats.add(beat, of: server.ref)
    if tellsWatch { onEvent(.heartbeat(server, beat)) }
  }

  private func goodbye(_ message: NATSMessage, _ goodbye: Goodbye) {
    guard let server = ReplyReader.server(ofGoodbye: message.payload) else { return feed(.sound) }
    feed(.goodbye(subject: SystemSession.server(inSubject: message.subject), server, goodbye))
    onEvent(.system(subject: message.subject, payload: message.payload, at: WallClock.now()))
  }

  /// The id in `$SYS.SERVER.<id>.…`.
  static func server(inSubject subject: String) -> ServerID {
    let tokens = subject.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
    return tokens.count > 2 ? String(tokens[2]) : ""
  }

  // MARK: State folder

  private var rosterFile: String? { settings.stateDirectory.map { $0 + "/roster.json" } }

  func restore() {
    guard let rosterFile, let bytes = try? FileAccess.read(rosterFile) else { return }
    guard let kept = KeptRoster.read(bytes) else {
      return log.warning("the kept roster cannot be read", metadata: ["file": "\(rosterFile)"])
    }
    feed(.restored(kept))
  }

  /// Writes a little later, so that a burst of changes is one write.
  func scheduleSave() {
    guard rosterFile != nil, !saveIsScheduled else { return }
    saveIsScheduled = true
    _ = shard.after(1) { [weak self] in
      guard let self else { return }
      saveIsScheduled = false
      if let write = writing() { saving.async(execute: write) }
    }
  }

  /// Writes before it returns, after what is being written: the process may end then.
  func saveNow() {
    if let write = writing() { saving.sync(execute: write) }
  }

  private func writing() -> (@Sendable () -> Void)? {
    guard let rosterFile else { return nil }
    let kept = beliefs.kept
    let log = log
    return {
      do {
        try FileAccess.makeDirectory(FileAccess.parent(of: rosterFile))
        try FileAccess.writeAtomically(rosterFile, KeptRoster.write(kept))
      } catch {
        log.warning("the roster could not be kept", metadata: ["file": "\(rosterFile)", "error": "\(error)"])
      }
    }
  }
}
