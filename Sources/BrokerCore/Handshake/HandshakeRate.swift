import Logging
import Reactor

/// How many TLS handshakes may begin within a second (`connection_rate_limit`): they are the dearest thing that a stranger can ask for.
package struct HandshakeRate {
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
