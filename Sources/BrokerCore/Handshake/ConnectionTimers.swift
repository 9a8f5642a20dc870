import Logging
import Reactor
import Wire

/// What is due on a connection: authentication, pings, a stalled write, expiring credentials. Confined to the shard.
final class ConnectionTimers {
  private let services: Services
  private let tls: TLSGreeting

  init(_ services: Services, _ tls: TLSGreeting) {
    self.services = services
    self.tls = tls
  }

  private var pingInterval: Span { Span.seconds(services.configuration.timers.pingInterval) }

  func deadlinePassed(_ client: ClientConnection, _ input: some ConnectionInput) {
    let now = MonotonicClock.now()
    if client.writeDue <= now { checkWriting(client, now) }
    if !client.isClosed && client.authenticationDue <= now { authenticationTimedOut(client, input) }
    if !client.isClosed && client.expiryDue <= now {
      client.expiryDue = .distantFuture
      client.fail("User Authentication Expired", .authenticationExpired, logged: .debug)
    }
    if !client.isClosed && client.pingDue <= now { checkPings(client, now) }
    client.updateDeadline()
  }

  private func authenticationTimedOut(_ client: ClientConnection, _ input: some ConnectionInput) {
    client.authenticationDue = .distantFuture
    if client.awaitsFirstByte {
      // Nobody spoke TLS in time: greet in clear.
      client.awaitsFirstByte = false
      return tls.greetAfterWaiting(client, input)
    }
    if client.isHandshaking {
      client.log(error: client.kind == .leaf ? "TLS leafnode handshake timeout" : "TLS handshake timeout")
      return client.close(.tlsHandshakeError)
    }
    client.fail("Authentication Timeout", .authenticationTimeout, logged: .debug)
  }

  /// The first PING comes soon, for the round trip time; later ones keep the interval.
  func startPings(_ client: ClientConnection) {
    let first = min(pingInterval, .seconds(2) + .milliseconds(20) * Int64(client.cid % 20))
    client.pingDue = MonotonicClock.now() + first
    client.updateDeadline()
  }

  private func checkPings(_ client: ClientConnection, _ now: MonotonicTime) {
    let interval = pingInterval
    client.pingDue = now + interval
    let needsRTT = client.rttMeasuredAt.map { now - $0 > .seconds(3600) } ?? true
    let isQuiet = now - client.lastInput >= interval
    guard needsRTT || isQuiet else {
      client.pingsOutstanding = 0
      return
    }
    if client.pingsOutstanding + 1 > services.configuration.timers.pingMaximum {
      services.counters.stale(client.kind)
      return client.fail("Stale Connection", .staleConnection, logged: .debug)
    }
    client.pingsOutstanding += 1
    client.pingSentAt = now
    client.send("PING\r\n")
    if client.isTraced { client.traceOutput("PING") }
  }

  func receivedPong(_ client: ClientConnection) {
    client.pingsOutstanding = 0
    guard let sent = client.pingSentAt else { return }
    let now = MonotonicClock.now()
    client.rtt = max(Span(nanoseconds: 1), now - sent)
    client.rttMeasuredAt = now
    client.pingSentAt = nil
  }

  private func checkWriting(_ client: ClientConnection, _ now: MonotonicTime) {
    client.writeDue = .distantFuture
    guard let connection = client.connection, connection.pendingBytes > 0 else { return }
    let deadline = connection.lastWriteProgress + Span.seconds(services.configuration.timers.writeDeadline)
    if deadline <= now { return client.slowConsumer(.slowConsumerWriteDeadline) }
    client.writeDue = deadline
  }
}
