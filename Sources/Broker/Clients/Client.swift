import BrokerCore
import Reactor
import Wire

/// One connection: a client, a leaf node that joined, or the server itself. Confined to the broker's shard.
final class Client: ConnectionHandler {
  enum Kind { case client, leaf, system }

  let cid: UInt64
  let kind: Kind
  // Outlives this; unsafe because counting references would cost a tenth of the message rate.
  unowned(unsafe) let broker: Broker
  /// Nil for the server itself.
  let connection: Connection?
  /// What an in-process connection is, without asking.
  let preset: PresetIdentity?
  var account: Account
  /// Authenticated, or no authentication was needed and the client has spoken.
  var isRegistered = false
  var isClosed = false
  /// The server's own way of looking at itself: in no document, count or event.
  var isHidden = false
  /// The log shows its protocol.
  var isTraced = false
  var closeReason: CloseReason?

  // What CONNECT said.
  var verbose = true
  var pedantic = true
  var echo = true
  var headers = false
  var noResponders = false
  var protocolRevision = 0
  var name = ""
  var language = ""
  var version = ""
  var hasConnected = false

  // Who it is.
  var authorizedUser = ""
  var identity: AuthenticatedIdentity?
  var permissions: UserPermissions?
  var nonce: [UInt8] = []
  var tlsFirst = false
  var infoSent = false
  var toldAccount = false
  var authenticationSettled = false
  var decisionWasLate = false
  /// Stands in the account's books.
  var isCounted = false

  var maxSubscriptions = -1
  var parser = ClientOpParser()
  var subscriptions = ByteTable<Subscription>()
  /// Reply subjects that may be published to under `allow_responses`.
  var responses = ByteTable<AllowedResponse>()
  /// Bytes that arrived while a decision is being made elsewhere (a password hash, a resolver).
  var held: [UInt8] = []
  var isHeld = false
  /// TLS has yet to be decided by the first byte.
  var awaitsFirstByte = false
  var isHandshaking = false
  /// Leaf nodes only.
  var leaf: LeafLink?

  // Counters; "in" is from the connection to the server.
  var inMessages: UInt64 = 0
  var inBytes: UInt64 = 0
  var outMessages: UInt64 = 0
  var outBytes: UInt64 = 0
  var stalls: UInt64 = 0

  /// Wall clock, nanoseconds since 1970.
  let start: UInt64
  /// Monotonic, as everything below.
  var lastActivity: UInt64
  var lastInput: UInt64
  var rtt: UInt64 = 0
  var pingSentAt: UInt64 = 0
  var rttMeasuredAt: UInt64 = 0
  var pingsOutstanding = 0
  var authenticationDue: UInt64 = 0
  var pingDue: UInt64 = 0
  var writeDue: UInt64 = 0
  var expiryDue: UInt64 = 0

  init(cid: UInt64, kind: Kind, broker: Broker, connection: Connection?, account: Account, preset: PresetIdentity? = nil) {
    self.cid = cid
    self.kind = kind
    self.broker = broker
    self.connection = connection
    self.account = account
    self.preset = preset
    isTraced = broker.traces(preset == nil ? kind : .system)
    start = wallClockNow()
    lastActivity = MonotonicClock.now()
    lastInput = lastActivity
  }

  var host: String { connection?.peer.host ?? "" }
  var port: UInt16 { connection?.peer.port ?? 0 }
  var isInProcess: Bool { connection.map { $0.peer.port == 0 && $0.peer.host.isEmpty } ?? false }
  var now: UInt64 { broker.shard.now }

  // MARK: ConnectionHandler

  func connection(_ connection: Connection, received bytes: UnsafeRawBufferPointer) {
    guard !isClosed else { return }
    if awaitsFirstByte && decideOnTLS(bytes) { return }
    if isHeld {
      held.append(contentsOf: bytes)
      if held.count > 1 << 20 { connection.pauseReading() }
      return
    }
    lastInput = now
    lastActivity = lastInput
    if let leaf { leaf.process(bytes) } else { process(bytes) }
  }

  func connectionDrained(_ connection: Connection) {
    guard !isClosed, writeDue != 0 else { return }
    writeDue = 0
    updateDeadline()
  }

  func connectionClosed(_ connection: Connection, cause: CloseCause) {
    guard !isClosed else { return }
    switch cause {
    case .local: close(.clientClosed)
    case .peerClosed: close(isHandshaking ? .tlsHandshakeError : .clientClosed)
    case .readError: close(.readError)
    case .writeError: close(.writeError)
    case .tls: close(isHandshaking ? .tlsHandshakeError : .readError)
    }
  }

  func connectionSecured(_ connection: Connection) { if !isClosed { secured() } }

  func connectionDeadlinePassed(_ connection: Connection) { if !isClosed { deadlinePassed() } }

  // MARK: Sending

  func send(_ bytes: [UInt8]) { connection?.write(bytes) }
  func send(_ text: StaticString) { connection?.write(text) }

  /// `-ERR`, and nothing else.
  func sendError(_ text: String) {
    if isTraced { traceOutput("-ERR \(text)") }
    send(Array("-ERR '\(text)'\r\n".utf8))
  }

  func sendOK() {
    guard verbose else { return }
    if isTraced { traceOutput("OK") }
    connection?.write("+OK\r\n")
  }

  /// `-ERR` and the end.
  func fail(_ text: String, _ reason: CloseReason) {
    sendError(text)
    close(reason, flushing: true)
  }

  // MARK: Ending

  /// Ends the connection and forgets it. Nothing is sent; with `flushing` what is queued still goes out.
  func close(_ reason: CloseReason, flushing: Bool = false) {
    guard !isClosed else { return }
    closeReason = reason
    broker.forget(self, reason: reason)
    isClosed = true
    if let connection, !connection.isClosed {
      if flushing { connection.closeAfterFlush() } else { connection.close() }
    }
  }

  // MARK: Monitoring

  /// A copy of everything that monitoring shows.
  func record(withSubscriptions: Bool) -> ConnectionRecord {
    let wall = wallClockNow()
    let monotonic = MonotonicClock.now()
    let secured = connection?.tls.flatMap { $0.isSecured ? $0 : nil }
    var details: [ConnectionRecord.SubscriptionDetail] = []
    if withSubscriptions { subscriptions.forEach { details.append(detail(of: $0)) } }
    return ConnectionRecord(
      cid: cid, kind: kind == .leaf ? .leaf : .client, host: host, port: port, start: start,
      lastActivity: wall - min(wall, monotonic - min(monotonic, lastActivity)), stop: closeReason == nil ? nil : wall,
      reason: closeReason, rtt: rtt, pendingBytes: connection?.pendingBytes ?? 0, inMessages: inMessages,
      outMessages: outMessages, inBytes: inBytes, outBytes: outBytes, stalls: stalls, name: name, language: language,
      version: version, tlsVersion: secured?.version, tlsCipherSuite: secured?.cipherSuite, tlsFirst: tlsFirst,
      peerCertificates: (secured?.peerCertificates ?? []).map {
        .init(subject: $0.subject, spkiSHA256: $0.publicKeyFingerprint, certificateSHA256: $0.fingerprint)
      },
      authorizedUser: authorizedUser, account: account.name, jwt: identity?.jwt ?? "", issuerKey: identity?.issuerKey ?? "",
      nameTag: identity?.nameTag ?? account.nameTag, tags: identity?.tags ?? [], subscriptions: details,
      subscriptionCount: subscriptions.count)
  }

  func detail(of subscription: Subscription) -> ConnectionRecord.SubscriptionDetail {
    ConnectionRecord.SubscriptionDetail(
      account: account.name, subject: subscription.subjectText, queue: subscription.queueText, sid: subscription.sidText,
      delivered: subscription.delivered, maximum: subscription.maximum, cid: cid)
  }
}

/// How often and how long a reply subject may still be published to.
struct AllowedResponse {
  /// Negative: no limit.
  var left: Int
  /// Monotonic; 0: never.
  var expiresAt: UInt64
}

/// Nanoseconds since 1970.
func wallClockNow() -> UInt64 { UInt64(max(0, Timestamp.now().unixNanoseconds)) }
