import Identity
import Logging
import NATSClient
import Reactor
import Wire

/// The NATS side: tells servers that accounts changed, answers look-ups, and keeps in step with others that hold tokens.
/// Confined to its shard.
final class Notifier: @unchecked Sendable {
  // Sendable by confinement: state is touched on the client's shard only; the public methods hop there.
  private let client: NATSClient
  private let shard: Shard
  private let log: Logger
  /// What is asked of the store; answers may come on any queue.
  struct Store: Sendable {
    let token: @Sendable (_ id: String, _ answer: @escaping @Sendable (String?) -> Void) -> Void
    let digest: @Sendable (_ answer: @escaping @Sendable ([UInt8]) -> Void) -> Void
    let all: @Sendable (_ answer: @escaping @Sendable ([(id: String, token: String)]) -> Void) -> Void
    let received: @Sendable (_ id: String, _ token: String) -> Void
  }
  private let store: Store?
  private var timer: ShardTimer?
  private var wasConnected = false
  private var toldLoss: ConnectionLoss?

  /// - Parameter store: For a server that shares what it has; nil when it only notifies.
  init(_ options: ClientOptions, shard: Shard, log: Logger, store: Store?) {
    client = NATSClient(options: options, shard: shard, log: log)
    self.shard = shard
    self.log = log
    self.store = store
  }

  func start() {
    shard.run { [self] in
      client.onStateChange = { [weak self] in self?.changed($0) }
      if store != nil { share() }
      client.start()
    }
  }

  func stop() {
    shard.run { [self] in
      timer?.cancel()
      client.stop()
    }
  }

  private func changed(_ state: NATSClient.State) {
    switch state {
    case .connected:
      wasConnected = true
      log.notice("connected to NATS for account and activation notifications")
      if store != nil { log.notice("connected to NATS for JWT syncing") }
    case .disconnected(let loss, _):
      // An attempt that fails like the one before it is not worth a line of its own.
      guard wasConnected || loss != toldLoss else { return }
      if wasConnected { log.warning("disconnected from NATS: \(loss)") } else { log.warning("failed to connect to NATS: \(loss)") }
      wasConnected = false
      toldLoss = loss
    default: break
    }
  }

  /// Publishes a changed account.
  func notify(_ id: String, _ token: String) {
    shard.run { [self] in
      let sent = client.publish("$SYS.ACCOUNT.\(id).CLAIMS.UPDATE", payload: Array(token.utf8))
      if sent {
        log.notice("sent notification for account - \(id.prefix(12))")
      } else {
        log.notice("skipping notification for \(id.prefix(12)), not connected to NATS")
      }
    }
  }

  /// Asks a signing service; nil without an answer in time.
  func sign(_ subject: String, _ token: String, timeout: Double, _ answer: @escaping @Sendable ([UInt8]?) -> Void) {
    shard.run { [self] in
      var request: NATSClient.RequestToken?
      var isDone = false
      let finish = { [self] (bytes: [UInt8]?) in
        guard !isDone else { return }
        isDone = true
        if let request { client.cancel(request) }
        answer(bytes)
      }
      request = client.request(subject, payload: Array(token.utf8)) { event in
        if case .reply(let message) = event { finish(message.payload) } else { finish(nil) }
      }
      guard request != nil else { return finish(nil) }
      let late = ShardBound<Void>(shard) { finish(nil) }
      _ = shard.after(timeout) { late.call(()) }
    }
  }

  // MARK: Sharing

  private func share() {
    client.subscribe("$SYS.ACCOUNT.*.CLAIMS.UPDATE") { [weak self] message in
      let tokens = message.subject.split(separator: ".")
      guard tokens.count == 5 else { return }
      self?.store?.received(String(tokens[2]), String(decoding: message.payload, as: UTF8.self))
    }
    client.subscribe("$SYS.REQ.ACCOUNT.*.CLAIMS.LOOKUP") { [weak self] message in
      let tokens = message.subject.split(separator: ".")
      guard let self, let reply = message.reply, tokens.count == 6 else { return }
      store?.token(String(tokens[3])) { token in
        guard let token else { return }
        self.shard.run { self.client.publish(reply, payload: Array(token.utf8)) }
      }
    }
    client.subscribe("$SYS.REQ.CLAIMS.PACK", queue: "responder") { [weak self] message in
      guard let self, let reply = message.reply else { return }
      self.pack(message.payload, reply)
    }
    timer = shard.every(1) { [weak self] in self?.askForPack() }
  }

  private func pack(_ theirs: [UInt8], _ reply: String) {
    store?.digest { [self] own in
      guard own != theirs else {
        shard.run { self.client.publish(reply) }
        return
      }
      store?.all { tokens in
        self.shard.run {
          for (id, token) in tokens { self.client.publish(reply, payload: Array("\(id)|\(token)".utf8)) }
          self.client.publish(reply)
        }
      }
    }
  }

  private func askForPack() {
    guard client.isConnected else { return }
    store?.digest { [self] digest in
      shard.run { self.request(digest) }
    }
  }

  private func request(_ digest: [UInt8]) {
    var request: NATSClient.RequestToken?
    request = client.request("$SYS.REQ.CLAIMS.PACK", payload: digest) { [self] event in
      guard case .reply(let message) = event, !message.payload.isEmpty else {
        if let request { client.cancel(request) }
        return
      }
      let text = String(decoding: message.payload, as: UTF8.self)
      guard let bar = text.firstIndex(of: "|") else { return }
      store?.received(String(text[..<bar]), String(text[text.index(after: bar)...]))
    }
    guard let token = request else { return }
    _ = shard.after(0.9) { [weak self] in self?.client.cancel(token) }
  }
}
