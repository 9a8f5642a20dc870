import Reactor
import Wire

/// Requests that leave an account for another one, and their answers.
extension Router {
  /// Sends a request on to the exporting account. True when somebody there got it.
  package func request(_ message: inout Message, through service: ServiceImport, _ publisher: ClientConnection?) -> Bool {
    guard !service.isInvalid, message.depth < Self.maximumDepth, let remote = service.toRemote.apply(message.subject) else { return false }
    let exporter = service.exporter
    guard remote.withUnsafeBytes({ exporter.sublist.hasInterest($0) }) else { return false }
    let pending = message.reply.isEmpty ? nil : expectReply(message, service, publisher)
    let (body, headerSize) = withRequestInfo(message, service, publisher)
    let delivered = body.withUnsafeBytes { bytes in
      remote.withUnsafeBytes { subject in
        (pending?.address ?? []).withUnsafeBytes { reply in
          var copy = Message(
            subject: subject, reply: reply, body: UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - 2)]),
            headerSize: headerSize, serial: nextSerial())
          copy.depth = message.depth + 1
          copy.isInternal = message.isInternal
          return route(&copy, in: exporter, from: publisher)
        }
      }
    }
    if !delivered, let pending { exporter.replies.remove(pending) }
    return delivered
  }

  private func expectReply(_ message: Message, _ service: ServiceImport, _ publisher: ClientConnection?) -> PendingReply {
    let exporter = service.exporter
    let tracked = isSampled(message, service)
    let made = exporter.replies.makeAddress(tracked: tracked != nil)
    if made.first {
      let subject = exporter.replies.prefix + [UInt8(ascii: ">")]
      exporter.add(Subscription(client: own, subject: subject, queue: nil, sid: [], target: .serviceReplies))
    }
    let threshold = service.export.responseThreshold > .zero ? service.export.responseThreshold : .seconds(120)
    let now = services.shard.now
    let pending = PendingReply(
      serviceImport: service, reply: Array(message.reply), address: made.address, startedAt: now, expiresAt: now + threshold,
      startedWall: wallClockNow(), requester: publisher?.cid ?? 0)
    if let tracked {
      pending.isTracked = true
      pending.trackingHeader = tracked
    }
    exporter.replies.insert(pending, now: now)
    return pending
  }

  /// Brings an answer back to the importing account. True when somebody there got it.
  package func answer(_ message: inout Message, from exporter: Account, _ publisher: ClientConnection?) -> Bool {
    guard let pending = exporter.replies.find(message.subject) else { return false }
    let service = pending.serviceImport
    let isLast = service.export.responseType == .singleton || message.body.isEmpty
    if isLast { exporter.replies.remove(pending) }
    guard pending.expiresAt > services.shard.now else {
      exporter.replies.remove(pending)
      return false
    }
    if pending.isTracked {
      pending.isTracked = false
      sendLatency(pending, responder: publisher)
    }
    return pending.reply.withUnsafeBytes { reply in
      var copy = Message(
        subject: reply, reply: message.reply, body: message.body, headerSize: message.headerSize, serial: nextSerial())
      copy.depth = message.depth + 1
      copy.isInternal = message.isInternal
      guard copy.depth <= Self.maximumDepth else { return false }
      return route(&copy, in: pending.importer, from: publisher)
    }
  }

  /// The body with `Nats-Request-Info` in its header block, CR LF behind it, and the new size of the block.
  private func withRequestInfo(_ message: Message, _ service: ServiceImport, _ publisher: ClientConnection?) -> ([UInt8], Int) {
    var body: [UInt8] = []
    body.reserveCapacity(message.body.count + 256)
    let info = Array("Nats-Request-Info: ".utf8) + requestInfo(service, publisher) + Array("\r\n\r\n".utf8)
    if message.headerSize >= 4 {
      body += HeaderBlock(message.header).removing(exactly: "Nats-Request-Info").dropLast(2)
    } else {
      body += "NATS/1.0\r\n".utf8
    }
    body += info
    let headerSize = body.count
    body += message.payload
    body += [0x0D, 0x0A]
    return (body, headerSize)
  }

  /// Who asks: the account and round trip time, and everything else where the import shares it.
  private func requestInfo(_ service: ServiceImport, _ publisher: ClientConnection?) -> [UInt8] {
    var json = JSONWriter(capacity: 128)
    json.object { json in
      guard let publisher, publisher.kind != .system else {
        json.member("acc", service.importer.name)
        json.member("server", services.serverName)
        return
      }
      guard service.share else {
        json.member("acc", service.importer.name)
        json.member("rtt", unlessZero: publisher.rtt.nanoseconds)
        return
      }
      let description = ConnectionDescription(
        publisher, account: service.importer.name, start: Timestamp(unixNanoseconds: Int64(publisher.start)).rfc3339)
      description.writeHead(&json)
      json.member("rtt", unlessZero: publisher.rtt.nanoseconds)
      json.member("server", services.serverName)
      json.member("cluster", unlessEmpty: services.configuration.clusterName ?? "")
      description.writeIdentity(&json, nameTag: publisher.identity?.nameTag ?? service.importer.nameTag)
      description.writeKind(&json)
    }
    return json.bytes
  }
}
