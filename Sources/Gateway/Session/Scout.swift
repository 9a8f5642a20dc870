import Logging
import NATSClient
import Reactor
import SystemAPI
import SystemModel
import Wire

/// A look at the system from another server than the connected one: a second connection, one PING, and who answers. Confined to the
/// gateway's shard.
final class Scout: @unchecked Sendable {
  // Sendable by confinement: touched on the shard only.

  /// How long a look may take with all, and how long answers are waited for.
  private static let span = Span.seconds(4)
  private static let patience = Span.seconds(1)
  /// Answers that are counted.
  private static let most = 10_000

  let id: ScoutID
  /// Where it looks from.
  let server: ServerURL
  private let client: NATSClient
  private let shard: Shard
  private var answers: [ServerID] = []
  private var timer: ShardTimer?
  private var completion: (([ServerID]) -> Void)?

  init(_ id: ScoutID, from server: ServerURL, options: ClientOptions, shard: Shard, log: Logger) {
    self.id = id
    self.server = server
    self.shard = shard
    var options = options
    options.servers = [server]
    options.usesDiscoveredServers = false
    var log = log
    // That a server cannot be reached is what it was sent to find out.
    log.logLevel = .critical
    client = NATSClient(options: options, shard: shard, log: log)
  }

  /// Looks, and gives the ids of those who answered; nobody where there is no connection.
  func look(_ ping: String, completion: @escaping ([ServerID]) -> Void) {
    self.completion = completion
    timer = shard.after(Scout.span.seconds) { [weak self] in self?.finish() }
    client.onStateChange = { [weak self] state in
      switch state {
      case .connected: self?.ask(ping)
      case .disconnected: self?.finish()
      case .idle, .connecting, .stopped: break
      }
    }
    client.start()
  }

  private func ask(_ ping: String) {
    _ = client.request(ping) { [weak self] event in
      guard let self else { return }
      switch event {
      case .reply(let message):
        if let read = ReplyReader.beat(message.payload), answers.count < Scout.most { answers.append(read.server.id) }
      case .noResponders, .disconnected: finish()
      }
    }
    timer?.cancel()
    timer = shard.after(Scout.patience.seconds) { [weak self] in self?.finish() }
  }

  /// Ends it, and gives what it has found, once.
  func finish() {
    timer?.cancel()
    client.onStateChange = nil
    let done = completion
    completion = nil
    if client.state != .stopped { client.stop() }
    done?(answers)
  }
}
