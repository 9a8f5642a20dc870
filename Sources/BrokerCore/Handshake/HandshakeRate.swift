import Logging
import Reactor
import Wire

/// How many TLS handshakes may begin within a second (`connection_rate_limit`): they are the dearest thing that a stranger can ask for.
package struct HandshakeRate {
  private var count = 0
  private var end = MonotonicTime.origin
  /// Connections turned away since the log was last told.
  var throttled = 0

  /// Whether one more may begin. A limit of 0 admits all.
  mutating func admits(_ limit: Int, at now: MonotonicTime) -> Bool {
    guard limit > 0 else { return true }
    if now > end {
      end = now + .seconds(1)
      count = 0
    }
    count += 1
    return count <= limit
  }
}
