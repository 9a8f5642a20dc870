import BrokerCore
import Reactor
import Wire

/// Requests that leave an account for another one, and their answers.
extension Broker {
  /// Sends a request on to the exporting account. True when somebody there got it.
  func request(_ message: inout Message, through service: ServiceImport, _ publisher: Client?) -> Bool {
    guard !service.isInvalid, message.depth < 16, let remote = service.toRemote.apply(message.subject) else { return false }
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

  private func expectReply(_ message: Message, _ service: ServiceImport, _ publisher: Client?) -> PendingReply {
    let exporter = service.exporter
    let tracked = isSampled(message, service)
    let made = exporter.replies.makeAddress(tracked: tracked != nil)
    if made.first {
      let subject = exporter.replies.prefix + [UInt8(ascii: ">")]
      exporter.add(Subscription(client: internalClient, subject: subject, queue: nil, sid: [], target: .serviceReplies(exporter)))
    }
    let threshold = service.export.responseThreshold > 0 ? service.export.responseThreshold : 120_000_000_000
    let now = shard.now
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
  func answer(_ message: inout Message, from exporter: Account, _ publisher: Client?) -> Bool {
    guard let pending = exporter.replies.find(message.subject) else { return false }
    let service = pending.serviceImport
    let isLast = service.export.responseType == .singleton || message.body.isEmpty
    if isLast { exporter.replies.remove(pending) }
    guard pending.expiresAt > shard.now else {
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
      guard copy.depth <= 16 else { return false }
      return route(&copy, in: pending.importer, from: publisher)
    }
  }

  /// The body with `Nats-Request-Info` in its header block, CR LF behind it, and the new size of the block.
  private func withRequestInfo(_ message: Message, _ service: ServiceImport, _ publisher: Client?) -> ([UInt8], Int) {
    var body: [UInt8] = []
    body.reserveCapacity(message.body.count + 256)
    let info = Array("Nats-Request-Info: ".utf8) + requestInfo(service, publisher) + Array("\r\n\r\n".utf8)
    if message.headerSize >= 4 {
      body += HeaderBlock.removing("Nats-Request-Info", from: message.header).dropLast(2)
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
  private func requestInfo(_ service: ServiceImport, _ publisher: Client?) -> [UInt8] {
    var json = JSONWriter(capacity: 128)
    json.object { json in
      guard let publisher, publisher.kind != .system else {
        json.member("acc", service.importer.name)
        json.member("server", serverName)
        return
      }
      guard service.share else {
        json.member("acc", service.importer.name)
        json.member("rtt", unlessZero: publisher.rtt)
        return
      }
      json.member("start", Timestamp(unixNanoseconds: Int64(publisher.start)).rfc3339)
      json.member("host", unlessEmpty: publisher.host)
      json.member("id", publisher.cid)
      json.member("acc", service.importer.name)
      json.member("user", unlessEmpty: publisher.authorizedUser)
      json.member("name", unlessEmpty: publisher.name)
      json.member("lang", unlessEmpty: publisher.language)
      json.member("ver", unlessEmpty: publisher.version)
      json.member("rtt", unlessZero: publisher.rtt)
      json.member("server", serverName)
      json.member("cluster", unlessEmpty: configuration.clusterName ?? "")
      json.member("jwt", unlessEmpty: publisher.identity?.jwt ?? "")
      json.member("issuer_key", unlessEmpty: publisher.identity?.issuerKey ?? "")
      json.member("name_tag", unlessEmpty: publisher.identity?.nameTag ?? service.importer.nameTag)
      json.member("tags", unlessEmpty: publisher.identity?.tags ?? [])
      json.member("kind", publisher.kind == .leaf ? "Leafnode" : "Client")
      if publisher.kind == .client { json.member("client_type", "nats") }
    }
    return json.bytes
  }
}

/// Header blocks as bytes.
enum HeaderBlock {
  /// The block without the lines of one header, its closing empty line kept.
  static func removing(_ name: String, from block: UnsafeRawBufferPointer) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(block.count)
    var start = 0
    let wanted = Array(name.utf8)
    while start < block.count {
      var end = start
      while end < block.count && block[end] != 0x0A { end += 1 }
      end = min(end + 1, block.count)
      let line = block[start..<end]
      let matches = line.count > wanted.count && line[start + wanted.count] == UInt8(ascii: ":") && line.starts(with: wanted)
      if !matches { result += line }
      start = end
    }
    return result
  }

  /// The values of one header, letters of the name in either case.
  static func values(_ name: String, in block: UnsafeRawBufferPointer) -> [String] {
    var found: [String] = []
    for line in String(decoding: block, as: UTF8.self).split(separator: "\r\n") {
      guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == name.lowercased() else { continue }
      found.append(String(line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }))
    }
    return found
  }
}
