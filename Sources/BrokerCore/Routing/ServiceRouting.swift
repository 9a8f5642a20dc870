import Reactor
import Wire

/// Requests that leave an account for another one, and their answers.
extension Router {
  /// Sends a request on to the exporting account. True when somebody there got it.
  ///
  /// - Parameter trace: Who is told of its way there; nil for nobody.
  package func request(
    _ message: inout Message, through service: ServiceImport, _ publisher: ClientConnection?
  ) -> Bool { request(&message, through: service, publisher, followedBy: nil) }

  func request(
    _ message: inout Message, through service: ServiceImport, _ publisher: ClientConnection?, followedBy trace: MessageTrace?
  ) -> Bool {
    guard !service.isInvalid, message.depth < Self.maximumDepth, let remote = destination(of: message, service) else { return false }
    let exporter = service.exporter
    let sampled = isSampled(message, service)
    if message.reply.isEmpty, let sampled { sendFailure(.badRequest, of: service, publisher, sampled) }
    guard remote.withUnsafeBytes({ exporter.sublist.hasInterest($0) }) else {
      if !message.reply.isEmpty, let sampled { sendFailure(.noResponders, of: service, publisher, sampled) }
      return false
    }
    let pending = message.reply.isEmpty ? nil : expectReply(message, service, publisher, sampled)
    let delivered = (pending?.address ?? []).withUnsafeBytes { reply in
      crossing(message, service, publisher, to: remote, reply: reply) { copy in
        if let trace { return follow(&copy, exporter, publisher, trace, delivers: true) }
        return route(&copy, in: exporter, from: publisher)
      }
    }
    if !delivered, let pending { end(pending, .noResponders) }
    return delivered
  }

  /// A request as it is beyond the border, with what the exporting account is told of who asks.
  func crossing(
    _ message: Message, _ service: ServiceImport, _ publisher: ClientConnection?, to remote: [UInt8], reply: UnsafeRawBufferPointer,
    _ body: (inout Message) -> Bool
  ) -> Bool {
    let (bytes, headerSize) = withRequestInfo(message, service, publisher)
    return bytes.withUnsafeBytes { bytes in
      remote.withUnsafeBytes { subject in
        var copy = Message(
          subject: subject, reply: reply, body: UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - 2)]), headerSize: headerSize,
          serial: nextSerial())
        copy.depth = message.depth + 1
        copy.isInternal = message.isInternal
        copy.origin = sharesRequester(message, service) ? .sharedRequest : .request
        return body(&copy)
      }
    }
  }

  /// What a request is for in the exporting account: what the import says, and that account's mappings. Nil where nobody is asked.
  func destination(of message: Message, _ service: ServiceImport) -> [UInt8]? {
    guard let wanted = service.toRemote.apply(message.subject) else { return nil }
    let exporter = service.exporter
    // An account's own service under its own name: asked for once.
    if exporter === service.importer && message.origin.isRequest && wanted.elementsEqual(message.subject) { return nil }
    return exporter.mappings.isEmpty ? wanted : wanted.withUnsafeBytes { exporter.mappings.select($0) } ?? wanted
  }

  /// An address in the exporting account from which a trace, and as many more as it says are to come, goes on to `destination` in the importing
  /// one. Nil where too many are awaited.
  func expectTraces(_ destination: [UInt8], _ service: ServiceImport) -> PendingReply? {
    let replies = service.exporter.replies
    let now = services.shard.now
    if replies.awaitedTraces >= ServiceReplies.traceLimit, replies.isSweepDue(now) { endExpired(in: service.exporter, now) }
    guard replies.awaitedTraces < ServiceReplies.traceLimit else { return nil }
    return expect(destination, service, requester: 0, isTracked: false, awaitedTraces: 1)
  }

  private func expectReply(
    _ message: Message, _ service: ServiceImport, _ publisher: ClientConnection?, _ sampled: [String: [String]]?
  ) -> PendingReply {
    let pending = expect(Array(message.reply), service, requester: publisher?.cid ?? 0, isTracked: sampled != nil)
    if let sampled { measure(pending, sampled, publisher) }
    return pending
  }

  private func expect(
    _ reply: [UInt8], _ service: ServiceImport, requester: UInt64, isTracked: Bool, awaitedTraces: Int = 0
  ) -> PendingReply {
    let exporter = service.exporter
    let made = exporter.replies.makeAddress(tracked: isTracked)
    if made.first {
      let subject = exporter.replies.prefix + [UInt8(ascii: ">")]
      exporter.add(Subscription(client: own, subject: subject, queue: nil, sid: [], target: .serviceReplies))
    }
    let own = service.export.responseThreshold
    let threshold = awaitedTraces > 0 ? exporter.replies.traceTime : own > .zero ? own : .seconds(120)
    let now = services.shard.now
    let pending = PendingReply(
      serviceImport: service, reply: reply, address: made.address, startedAt: now, threshold: threshold, startedWall: wallClockNow(),
      requester: requester, awaitedTraces: awaitedTraces)
    exporter.replies.insert(pending)
    if exporter.replies.isSweepDue(now) { endExpired(in: exporter, now) }
    return pending
  }

  /// Brings an answer back to the importing account. True when somebody there got it.
  package func answer(_ message: inout Message, from exporter: Account, _ publisher: ClientConnection?) -> Bool {
    guard let pending = exporter.replies.find(message.subject) else { return false }
    let service = pending.serviceImport
    let now = services.shard.now
    guard pending.expiresAt > now else {
      end(pending, .timeout)
      return false
    }
    if pending.isForTraces {
      pending.tookTrace()
      pending.awaitTraces(MessageTrace.hops(in: message))
    }
    if pending.isForTraces ? pending.awaitedTraces <= 0 : service.export.responseType == .singleton || message.body.isEmpty {
      exporter.replies.remove(pending)
    } else {
      pending.prolong(now)
    }
    if pending.isTracked {
      settle(pending)
      sendLatency(pending, responder: publisher)
    }
    return pending.reply.withUnsafeBytes { reply in
      var copy = Message(
        subject: reply, reply: message.reply, body: message.body, headerSize: message.headerSize, serial: nextSerial())
      copy.depth = message.depth + 1
      copy.origin = message.reply.isEmpty ? .answer : .answeredAnswer
      guard copy.depth <= Self.maximumDepth else { return false }
      return route(&copy, in: pending.importer, from: publisher)
    }
  }

  /// No answer is owed any more, and none came.
  func end(_ pending: PendingReply, _ failure: RequestFailure) {
    pending.serviceImport.exporter.replies.remove(pending)
    guard pending.isTracked else { return }
    sendFailure(failure, of: pending, book.clients[pending.requester])
    settle(pending)
  }

  func endExpired(in exporter: Account, _ now: MonotonicTime) {
    for pending in exporter.replies.takeExpired(now) { end(pending, .timeout) }
  }
}
