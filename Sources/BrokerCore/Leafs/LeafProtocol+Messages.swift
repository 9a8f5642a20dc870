import Logging
import Wire

/// What a leaf node sends once it has joined.
extension LeafProtocol {
  // MARK: Interest from there
  func subscribe(
    _ subject: UnsafeRawBufferPointer, _ queue: UnsafeRawBufferPointer, _ weight: UnsafeRawBufferPointer, _ client: ClientConnection
  ) {
    client.interestChanges &+= 1
    if let own = client.account.loopSubject, own.elementsEqual(subject) {
      client.leaf?.joining?.refusal = .loop
      client.log(
        error: "Loop detected for leafnode account=\"\(client.account.name)\". Delaying attempt to reconnect for 30s")
      return client.fail(
        "Loop detected for leafnode account=\"\(client.account.name)\". Delaying attempt to reconnect for 30s", .protocolViolation,
        logged: nil)
    }
    let group = queue.isEmpty ? nil : Array(queue)
    let isLoopSubject = subject.starts(with: Account.loopPrefix)
    // A hub may want what it may not have: it does not get it, and stays.
    if let permissions = client.permissions, client.leaf?.isSpoke == false, !isLoopSubject, Subject.isLiteral(subject),
      !permissions.maySubscribe(subject, queue: group)
    {
      return client.fail("Permissions Violation for Subscription to \(GoQuote.quoted(subject))", .protocolViolation, logged: .debug)
    }
    guard Subject.isValid(subject) else {
      client.log(error: "Could not insert subscription: invalid subject \(GoQuote.quoted(subject))")
      return client.sendError("Invalid Subscription")
    }
    var key = Array(subject)
    if let group { key += [0x20] + group }
    let value = UInt32(clamping: LineNumber.read(weight) ?? 1)
    if let known = key.withUnsafeBytes({ client.subscriptions[$0] }) {
      known.weight = value
      return
    }
    // The link stays, and the other side may make room.
    if client.isAtSubscriptionLimit { return client.refuseSubscription() }
    let subscription = Subscription(client: client, subject: Array(subject), queue: group, sid: key)
    subscription.weight = value
    key.withUnsafeBytes { client.subscriptions.set($0, subscription) }
    client.account.add(subscription)
  }

  func withdraw(_ subject: UnsafeRawBufferPointer, _ queue: UnsafeRawBufferPointer, _ client: ClientConnection) {
    client.interestChanges &+= 1
    var key = Array(subject)
    if !queue.isEmpty { key += [0x20] + Array(queue) }
    if let known = key.withUnsafeBytes({ client.subscriptions[$0] }) { client.remove(known) }
  }

  // MARK: Messages

  func receive(_ op: MessageOp, _ client: ClientConnection) {
    let size = UInt64(op.body.count)
    client.inMessages &+= 1
    client.inBytes &+= size
    services.counters.received(size, .leaf)
    client.account.inMessages &+= 1
    client.account.inBytes &+= size
    var message = Message(op, serial: router.nextSerial())
    message.queueFilter = op.queues
    if op.headerSize > 0 {
      switch MessageTrace.wish(message, of: client) {
      case .nothing, .notThisTime: break
      case .drop: return
      case .trace(let trace): return receive(&message, client, trace)
      }
    }
    guard mayCome(op.subject, client) else { return refuse(op.subject, client) }
    guard let mapped = client.account.mappings.select(op.subject) else {
      _ = router.route(&message, in: client.account, from: client)
      return
    }
    Self.openToGroups(&message)
    mapped.withUnsafeBytes { subject in
      message.subject = subject
      _ = router.route(&message, in: client.account, from: client)
    }
  }

  private func mayCome(_ subject: UnsafeRawBufferPointer, _ client: ClientConnection) -> Bool {
    guard let permissions = client.permissions, !Router.isServiceReply(subject) else { return true }
    return permissions.mayPublish(subject) || client.mayRespond(subject, permissions)
  }

  private func refuse(_ subject: UnsafeRawBufferPointer, _ client: ClientConnection) {
    // A hub that sends what its own rules or this side's keep from here is not cut off for it.
    if client.leaf?.isSpoke == true { return }
    client.log(error: "Publish Violation on \(GoQuote.quoted(subject)) - Check other side configuration")
    client.fail("Permissions Violation for Publish to \(GoQuote.quoted(subject))", .protocolViolation, logged: nil)
  }

  /// It was sent here for the interest in a mapping's source, which knows no groups: those of the destination are served too.
  private static func openToGroups(_ message: inout Message) {
    if message.queueFilter?.isEmpty == true { message.queueFilter = nil }
  }

  /// A message that is being followed: what becomes of it here is told where the first server was asked to.
  private func receive(_ message: inout Message, _ client: ClientConnection, _ trace: MessageTrace) {
    // What may not come from there does not come from there by this way either.
    let destination = Array(trace.destination.utf8)
    if let permissions = client.permissions, !destination.withUnsafeBytes({ permissions.mayPublish($0) }) {
      let quoted = GoQuote.quoted(trace.destination)
      client.log(error: "Publish Violation - Subject \(quoted)")
      // It may be a link of many: the one message is refused, and the link stays.
      if client.leaf?.isSpoke == false { client.sendError("Permissions Violation for Publish to \(quoted)") }
      return
    }
    let subject = message.subject
    let mapped = client.account.mappings.isEmpty ? nil : client.account.mappings.select(subject)
    (mapped ?? Array(subject)).withUnsafeBytes { actual in
      message.subject = actual
      trace.ingress(client, subject)
      if mapped != nil {
        trace.mapped(to: actual)
        Self.openToGroups(&message)
      }
      guard mayCome(subject, client) else {
        // That it came is told, as nats-server tells it; why it went no further the other side hears itself.
        trace.tell(router, in: client.account)
        return refuse(subject, client)
      }
      _ = router.route(&message, in: client.account, from: client, trace)
    }
  }
}
