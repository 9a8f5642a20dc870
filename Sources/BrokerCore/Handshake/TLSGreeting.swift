import Logging
import Reactor
import Wire

/// The certificates of the listeners, made by whoever starts the server from the files that its configuration names: the core opens no
/// file itself.
package struct ListenerCertificates: Sendable {
  package var clients: TLSContext?
  package var leafs: TLSContext?

  /// One for each of `leafRemotes`, in their order.
  package var remotes: [LeafRemoteSecrets]

  package init(clients: TLSContext? = nil, leafs: TLSContext? = nil, remotes: [LeafRemoteSecrets] = []) {
    self.clients = clients
    self.leafs = leafs
    self.remotes = remotes
  }
}

/// From accept to the first operation on a listener with certificates: what comes first, INFO or TLS. Confined to the shard.
final class TLSGreeting {
  private let services: Services
  var certificates: ListenerCertificates
  private var rate = HandshakeRate()

  init(_ services: Services, _ certificates: ListenerCertificates) {
    self.services = services
    self.certificates = certificates
  }

  /// The certificates and rules of the listener that a connection came through.
  func listener(of client: ClientConnection) -> (context: TLSContext, options: TLSListenerConfiguration)? {
    let configuration = services.configuration
    let context = client.kind == .leaf ? certificates.leafs : certificates.clients
    guard let context, let options = client.kind == .leaf ? configuration.leafNodes?.tls : configuration.tls else { return nil }
    return (context, options)
  }

  private func mayBePlain(_ client: ClientConnection) -> Bool { client.kind == .client && services.configuration.allowNonTLS }

  /// Greets on a listener with certificates. False where the listener has none.
  func greet(_ client: ClientConnection, _ input: some ConnectionInput) -> Bool {
    guard !client.isInProcess, let (context, options) = listener(of: client) else { return false }
    client.authenticationDue = MonotonicClock.now() + Span.seconds(options.timeout)
    switch options.handshakeFirst {
    case .always:
      client.tlsFirst = true
      start(client, context, alreadyRead: UnsafeRawBufferPointer(start: nil, count: 0))
    case .within(let seconds):
      client.awaitsFirstByte = true
      client.authenticationDue = MonotonicClock.now() + Span.seconds(seconds)
    case .no: greetInClear(client, context, input)
    }
    client.updateDeadline()
    return true
  }

  private func greetInClear(_ client: ClientConnection, _ context: TLSContext, _ input: some ConnectionInput) {
    input.greet(client)
    if mayBePlain(client) {
      client.awaitsFirstByte = true
    } else {
      start(client, context, alreadyRead: UnsafeRawBufferPointer(start: nil, count: 0))
    }
  }

  /// TLS-first was waited for in vain: INFO in clear, TLS next.
  func greetAfterWaiting(_ client: ClientConnection, _ input: some ConnectionInput) {
    guard let (context, options) = listener(of: client) else { return }
    client.authenticationDue = MonotonicClock.now() + Span.seconds(options.timeout)
    greetInClear(client, context, input)
    client.updateDeadline()
  }

  /// True when the bytes were the beginning of a TLS handshake and are taken care of.
  func decide(_ bytes: UnsafeRawBufferPointer, _ client: ClientConnection, _ input: some ConnectionInput) -> Bool {
    client.awaitsFirstByte = false
    guard let (context, options) = listener(of: client) else { return false }
    if bytes.first == 0x16 {
      if case .within = options.handshakeFirst, !client.infoSent { client.tlsFirst = true }
      start(client, context, alreadyRead: bytes)
      return true
    }
    if mayBePlain(client) {
      input.begin(client)
      return false
    }
    client.failHandshake("tls: first record does not look like a TLS handshake")
    return true
  }

  private func start(_ client: ClientConnection, _ context: TLSContext, alreadyRead: UnsafeRawBufferPointer) {
    if client.kind == .client, !rate.admits(services.configuration.tls?.connectionRateLimit ?? 0, at: client.now) {
      countThrottled()
      return client.fail("Connection throttling is active. Please try again later.", .maxConnectionsExceeded)
    }
    client.isHandshaking = true
    do throws(TLSError) {
      client.connection?.startTLS(try context.makeEngine(), alreadyRead: alreadyRead)
    } catch {
      client.log(error: "TLS engine: \(error)")
      client.close(.tlsHandshakeError)
    }
  }

  /// The handshake is over. False: the certificate is not one of those pinned, and the connection is closed.
  func admit(_ client: ClientConnection) -> Bool {
    client.isHandshaking = false
    guard let pinned = listener(of: client)?.options.pinnedCertificates, !pinned.isEmpty else { return true }
    let key = client.connection?.tls?.peerCertificates.first?.publicKeyFingerprint ?? ""
    if pinned.contains(key) { return true }
    client.log(error: "certificate not pinned")
    client.close(.tlsHandshakeError)
    return false
  }

  /// Counts a connection that was turned away; the log hears of all of one second together.
  private func countThrottled() {
    rate.throttled += 1
    guard rate.throttled == 1 else { return }
    services.later(1) { [self] in
      services.log.warning("Rejected \(rate.throttled) connections due to TLS rate limiting")
      rate.throttled = 0
    }
  }
}
