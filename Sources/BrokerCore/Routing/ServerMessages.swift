import Wire

/// What the server itself publishes and subscribes. On the shard only.
extension Router {
  /// Calls `handler` for every message that matches, within the turn in which it was published.
  @discardableResult
  package func subscribe(
    _ subject: String, queue: String? = nil, in account: Account, _ handler: @escaping (InternalMessage) -> Void
  ) -> InternalSubscription {
    let subscription = Subscription(
      client: own, subject: Array(subject.utf8), queue: queue.map { Array($0.utf8) }, sid: accounts.nextSID(),
      target: .system(handler))
    account.add(subscription)
    return InternalSubscription(subscription: subscription, account: account)
  }

  package func unsubscribe(_ internalSubscription: InternalSubscription) {
    internalSubscription.account.remove(internalSubscription.subscription)
  }

  /// Publishes as the server. `header` is a whole `NATS/1.0` block or empty.
  @discardableResult
  package func publish(
    _ subject: String, reply: String? = nil, header: [UInt8] = [], payload: consuming [UInt8], in account: Account
  ) -> Bool {
    publish(Array(subject.utf8), reply: Array((reply ?? "").utf8), header: header, payload: payload, in: account)
  }

  @discardableResult
  package func publish(
    _ subject: [UInt8], reply: [UInt8], header: [UInt8], payload: consuming [UInt8], in account: Account
  ) -> Bool {
    let body = Self.body(header, payload)
    let before = lent
    if body.count > Self.largeBody { lent = body }
    defer { lent = before }
    return body.withUnsafeBytes { bytes in
      subject.withUnsafeBytes { subject in
        reply.withUnsafeBytes { reply in
          var message = Message(
            subject: subject, reply: reply, body: UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - 2)]),
            headerSize: header.count, serial: nextSerial())
          message.isInternal = true
          message.isLent = bytes.count > Self.largeBody
          if own.isTraced { traceOwn(message) }
          return route(&message, in: account, from: own)
        }
      }
    }
  }

  /// More than this is kept by the connections that get it, instead of a copy.
  private static let largeBody = 65_536

  /// Both and CR LF, in the payload's own memory where there is no header.
  private static func body(_ header: [UInt8], _ payload: consuming [UInt8]) -> [UInt8] {
    guard header.isEmpty else {
      var body: [UInt8] = []
      body.reserveCapacity(header.count + payload.count + 2)
      body += header
      body += payload
      body += [0x0D, 0x0A]
      return body
    }
    payload += [0x0D, 0x0A]
    return payload
  }

  package func hasInterest(_ subject: String, in account: Account) -> Bool {
    Array(subject.utf8).withUnsafeBytes { account.sublist.hasInterest($0) }
  }

  /// Whether anybody but the server itself listens there.
  package func isHeard(_ subject: String, in account: Account) -> Bool {
    let heard = Array(subject.utf8).withUnsafeBytes { account.sublist.look($0) }
    return (heard.plain + heard.groups.flatMap(\.members)).contains { !$0.isClosed && $0.client !== own }
  }

  /// What the server itself publishes; a message of its own without reply shows two blanks.
  private func traceOwn(_ message: borrowing Message) {
    let reply = String(decoding: message.reply, as: UTF8.self)
    let subject = String(decoding: message.subject, as: UTF8.self)
    own.trace("<<- [PUB \(subject) \(reply) \(message.body.count)]")
    own.tracePayload(message.body, headerSize: message.headerSize)
  }
}
