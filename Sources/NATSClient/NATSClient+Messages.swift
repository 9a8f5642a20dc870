import Reactor
import Wire

/// What callers do with a connection: subscribing, publishing, asking.
extension NATSClient {
  /// Subscribes; the subscription is made again after each reconnect.
  public func subscribe(_ subject: String, queue: String? = nil, handler: @escaping (NATSMessage) -> Void) {
    shard.assertCurrent()
    let sid = nextSID
    nextSID += 1
    subscriptions[sid] = Subscription(subject: subject, queue: queue, handler: handler)
    if phase == .ready { send("SUB \(subject) \(queue.map { $0 + " " } ?? "")\(sid)\r\n") }
  }

  /// Publishes; false where there is no connection, and nothing was sent.
  ///
  /// Subjects must not hold blanks or line ends; a debug build traps on them.
  @discardableResult
  public func publish(_ subject: String, reply: String? = nil, headers: [UInt8] = [], payload: [UInt8] = []) -> Bool {
    shard.assertCurrent()
    assert(!subject.utf8.contains { $0 <= 0x20 }, "a subject with blanks")
    guard phase == .ready, let connection else { return false }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(subject.utf8.count + (reply?.utf8.count ?? 0) + headers.count + payload.count + 40)
    bytes.append(contentsOf: headers.isEmpty ? "PUB ".utf8 : "HPUB ".utf8)
    bytes.append(contentsOf: subject.utf8)
    if let reply {
      bytes.append(0x20)
      bytes.append(contentsOf: reply.utf8)
    }
    if !headers.isEmpty {
      bytes.append(0x20)
      DecimalText.append(headers.count, to: &bytes)
    }
    bytes.append(0x20)
    DecimalText.append(headers.count + payload.count, to: &bytes)
    bytes.append(contentsOf: [0x0D, 0x0A])
    bytes.append(contentsOf: headers)
    bytes.append(contentsOf: payload)
    bytes.append(contentsOf: [0x0D, 0x0A])
    connection.write(bytes)
    return true
  }

  /// Sends a request whose replies, any number of them, go to `handler` until `cancel`.
  ///
  /// - Returns: nil where there is no connection.
  public func request(
    _ subject: String, headers: [UInt8] = [], payload: [UInt8] = [], handler: @escaping (RequestEvent) -> Void
  ) -> RequestToken? {
    shard.assertCurrent()
    let token = nextToken
    nextToken += 1
    guard publish(subject, reply: inbox + String(token, radix: 36), headers: headers, payload: payload) else { return nil }
    requests[token] = handler
    return token
  }

  /// Sends what is queued now instead of at the end of the shard's turn.
  public func flush() {
    shard.assertCurrent()
    connection?.flush()
  }

  /// Takes nothing more from the connection until `resumeReading`; the kernel's buffer then holds the server back. A connection that is
  /// made meanwhile is read.
  public func pauseReading() {
    shard.assertCurrent()
    connection?.pauseReading()
  }

  /// Takes what the server sends again.
  public func resumeReading() {
    shard.assertCurrent()
    connection?.resumeReading()
  }

  /// Gives a request up. Replies that come later go to `onLateReply`.
  public func cancel(_ token: RequestToken) {
    shard.assertCurrent()
    requests[token] = nil
  }

  /// Sends a PING and reports within `timeout` seconds whether it was answered.
  public func checkAlive(timeout: Double, _ completion: @escaping @Sendable (Bool) -> Void) {
    shard.assertCurrent()
    guard phase == .ready else { return completion(false) }
    let once = Once(completion)
    sendPing { once.call(true) }
    _ = shard.after(timeout) { once.call(false) }
  }

  private final class Once: @unchecked Sendable {
    // Sendable: used on the client's shard only.
    private var body: (@Sendable (Bool) -> Void)?
    init(_ body: @escaping @Sendable (Bool) -> Void) { self.body = body }
    func call(_ value: Bool) {
      let body = body
      self.body = nil
      body?(value)
    }
  }
}
