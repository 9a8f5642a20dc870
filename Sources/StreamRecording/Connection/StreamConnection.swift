import Logging
import NATSClient
import Reactor
import Wire

/// A NATS connection for callers that may block: they ask, and have the answer or know why there is none.
///
/// Never called on a shard. The connection is kept up on a shard of its own.
final class StreamConnection: @unchecked Sendable {
  // Sendable by confinement: what changes is touched on the client's shard only.

  private let client: NATSClient
  /// Those who have not all their answers; some of them wait for the first connection, or for the next server of several.
  private var exchanges: [StreamExchange] = []
  private var waiting: [StreamExchange] = []
  /// The user may not hear replies at all: nobody who asks would ever know.
  private var deafness: ServerRefusal?
  private var isClosed = false

  init(_ options: ClientOptions, log: Logger) {
    client = NATSClient(options: options, shard: Shard(label: "natsight.record"), log: log)
    let client = client
    client.shard.run { [weak self] in
      client.onStateChange = { state in self?.changed(to: state) }
      client.onRefusal = { refusal in self?.refused(refusal) }
      client.start()
    }
  }

  /// Ends the connection; who waits hears so.
  func close() {
    client.shard.run { [self] in
      isClosed = true
      client.stop()
      failAll(.away("it is closed"))
    }
  }

  /// Asks one question.
  ///
  /// - Parameter seconds: How long the answer is waited for.
  func ask(_ question: StreamQuestion, within seconds: Double) -> Result<NATSMessage, StreamSilence> {
    ask([question], within: seconds)[0]
  }

  /// Asks many questions, a window of them at a time; the answers are in their order.
  ///
  /// - Parameter seconds: How long the first answer is waited for, and each one after the one before.
  func ask(_ questions: [StreamQuestion], within seconds: Double) -> [Result<NATSMessage, StreamSilence>] {
    guard !questions.isEmpty else { return [] }
    let exchange = StreamExchange(questions, client)
    client.shard.run { [self] in take(exchange, seconds) }
    return exchange.wait()
  }

  /// The largest message that the server takes, in bytes; 0 where that is not known.
  func largestMessage() -> Int {
    let asked = StreamFact<Int>()
    client.shard.run { [client] in asked.tell(client.server?.maxPayload ?? 0) }
    return asked.wait()
  }

  /// Those who wait for a connection.
  func waitingCount() -> Int {
    let asked = StreamFact<Int>()
    client.shard.run { [self] in asked.tell(waiting.count) }
    return asked.wait()
  }

  private func take(_ exchange: StreamExchange, _ seconds: Double) {
    exchanges.removeAll(where: \.isOver)
    // A connection that is never made takes up nobody for ever.
    waiting.removeAll(where: \.isOver)
    exchanges.append(exchange)
    exchange.limit(seconds)
    if isClosed { return exchange.fail(.away("it is closed")) }
    if let deafness, client.isConnected { return exchange.fail(.forbidden("\(deafness)")) }
    switch client.state {
    case .connected: exchange.begin()
    case .idle, .connecting, .disconnected(_, isFailingOver: true): waiting.append(exchange)
    case .disconnected(let loss, isFailingOver: false): exchange.fail(.away("\(loss)"))
    case .stopped: exchange.fail(.away("it is closed"))
    }
  }

  private func changed(to state: NATSClient.State) {
    switch state {
    case .connected:
      deafness = nil
      let ready = waiting
      waiting.removeAll()
      for exchange in ready where !exchange.isOver { exchange.begin() }
    case .disconnected(let loss, isFailingOver: false): failAll(.away("\(loss)"))
    case .idle, .connecting, .disconnected, .stopped: break
    }
  }

  private func refused(_ refusal: ServerRefusal) {
    if case .subscription = refusal { deafness = refusal }
    for exchange in exchanges { exchange.refused(refusal) }
    exchanges.removeAll(where: \.isOver)
  }

  private func failAll(_ silence: StreamSilence) {
    waiting.removeAll()
    for exchange in exchanges { exchange.fail(silence) }
    exchanges.removeAll()
  }
}
