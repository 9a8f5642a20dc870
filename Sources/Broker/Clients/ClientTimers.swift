import BrokerCore
import Reactor

/// One deadline per connection, the nearest of several: authentication, pings, a stalled write, expiring credentials.
extension Client {
  func updateDeadline() {
    guard let connection, !isClosed else { return }
    var next: UInt64 = .max
    if authenticationDue != 0 { next = min(next, authenticationDue) }
    if pingDue != 0 { next = min(next, pingDue) }
    if writeDue != 0 { next = min(next, writeDue) }
    if expiryDue != 0 { next = min(next, expiryDue) }
    connection.deadline = next == .max ? 0 : next
  }

  func deadlinePassed() {
    let now = MonotonicClock.now()
    if writeDue != 0 && writeDue <= now { checkWriting(now) }
    if !isClosed && authenticationDue != 0 && authenticationDue <= now { authenticationTimedOut() }
    if !isClosed && expiryDue != 0 && expiryDue <= now {
      expiryDue = 0
      fail("User Authentication Expired", .authenticationExpired)
    }
    if !isClosed && pingDue != 0 && pingDue <= now { checkPings(now) }
    updateDeadline()
  }

  private func authenticationTimedOut() {
    authenticationDue = 0
    if awaitsFirstByte {
      // Nobody spoke TLS in time: greet in clear.
      awaitsFirstByte = false
      return greetAfterWaiting()
    }
    if isHandshaking { return close(.tlsHandshakeError) }
    fail("Authentication Timeout", .authenticationTimeout)
  }

  /// The first PING comes soon, for the round trip time; later ones keep the interval.
  func startPings() {
    let interval = broker.pingInterval
    let first = min(interval, Nanoseconds.seconds(2) + Nanoseconds(cid % 20) * 20_000_000)
    pingDue = MonotonicClock.now() + first
    updateDeadline()
  }

  private func checkPings(_ now: UInt64) {
    let interval = broker.pingInterval
    pingDue = now + interval
    let needsRTT = rttMeasuredAt == 0 || now - rttMeasuredAt > Nanoseconds.seconds(3600)
    let isQuiet = now - min(now, lastInput) >= interval * 9 / 10
    guard needsRTT || isQuiet else {
      pingsOutstanding = 0
      return
    }
    if pingsOutstanding + 1 > broker.configuration.timers.pingMaximum {
      broker.counters.stale(kind)
      return fail("Stale Connection", .staleConnection)
    }
    pingsOutstanding += 1
    pingSentAt = now
    send("PING\r\n")
    if isTraced { traceOutput("PING") }
  }

  func receivedPong() {
    pingsOutstanding = 0
    guard pingSentAt != 0 else { return }
    let now = MonotonicClock.now()
    rtt = max(1, now - pingSentAt)
    rttMeasuredAt = now
    pingSentAt = 0
  }

  /// Starts to watch a connection whose kernel buffer is full.
  func watchWriting() {
    writeDue = now + Nanoseconds.seconds(broker.configuration.timers.writeDeadline)
    updateDeadline()
  }

  private func checkWriting(_ now: UInt64) {
    writeDue = 0
    guard let connection, connection.pendingBytes > 0 else { return }
    let deadline = connection.lastWriteProgress + Nanoseconds.seconds(broker.configuration.timers.writeDeadline)
    if deadline <= now { return broker.slowConsumer(self, .slowConsumerWriteDeadline) }
    writeDue = deadline
  }
}
