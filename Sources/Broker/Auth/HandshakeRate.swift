import Reactor

/// How many TLS handshakes may begin within a second (`connection_rate_limit`): they are the dearest thing that a stranger can ask for.
struct HandshakeRate {
  private var count = 0
  private var end: UInt64 = 0
  /// Connections turned away since the log was last told.
  var throttled = 0

  /// Whether one more may begin. A limit of 0 admits all; `now` is monotonic nanoseconds.
  mutating func admits(_ limit: Int, at now: UInt64) -> Bool {
    guard limit > 0 else { return true }
    if now > end {
      end = now + 1_000_000_000
      count = 0
    }
    count += 1
    return count <= limit
  }
}

extension Broker {
  /// Counts a connection that was turned away; the log hears of all of one second together.
  func countThrottled() {
    handshakes.throttled += 1
    guard handshakes.throttled == 1 else { return }
    later(1) { [self] in
      logger.warning("Rejected \(handshakes.throttled) connections due to TLS rate limiting")
      handshakes.throttled = 0
    }
  }
}
