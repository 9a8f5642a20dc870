import Reactor
import Wire

/// From a published message to everybody who gets it. Confined to the services.shard.
package final class Router {
  /// An account's border is crossed at most so often by one message.
  static let maximumDepth = 16

  let services: Services
  /// The server itself: its own subscriptions and messages.
  let own: ClientConnection
  let accounts: AccountDirectory
  let book: ConnectionBook
  private var serial: UInt64 = 0
  private var scratch = LineScratch()
  /// The body, with CR LF, of a large message of the server's own that is being routed.
  var lent: [UInt8] = []
  private var randomState = UInt64.random(in: 1 ... .max)
  /// Somebody does not keep up: whoever publishes is to rest for so many seconds.
  var wantedRest = 0.0

  init(_ services: Services, _ accounts: AccountDirectory, _ book: ConnectionBook) {
    self.services = services
    self.accounts = accounts
    self.book = book
    own = accounts.own
  }

  @inline(__always)
  func nextSerial() -> UInt64 {
    serial &+= 1
    return serial
  }

  /// Delivers a message in one account. True when anybody got it.
  @inline(__always)
  func route(_ message: inout Message, in account: Account, from publisher: ClientConnection?) -> Bool {
    let result = account.sublist.match(message.subject)
    if result.isEmpty { return false }
    return deliver(&message, result, account, publisher)
  }

  private func deliver(_ message: inout Message, _ result: Sublist.Result, _ account: Account, _ publisher: ClientConnection?) -> Bool {
    var delivered = false
    var leafs = LeafTargets()
    let plain = result.plain
    for index in plain.indices {
      let subscription = plain[index]
      if subscription.isClosed { continue }
      if subscription.client.kind == .leaf {
        leafs.add(subscription, message, account, from: publisher)
      } else if deliver(&message, to: subscription, account, publisher) {
        delivered = true
      }
    }
    if !result.groups.isEmpty {
      for group in result.groups where isWanted(group.name, message.queueFilter) {
        if deliverToOne(of: group, &message, account, publisher, &leafs) { delivered = true }
      }
    }
    if !leafs.isEmpty && send(&message, to: leafs) { delivered = true }
    return delivered
  }

  /// A message from a link is for the groups that it names, and for no group when it names none.
  func isWanted(_ group: [UInt8], _ filter: UnsafeRawBufferPointer?) -> Bool {
    guard let filter else { return true }
    return filter.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 }).contains { $0.elementsEqual(group) }
  }

  /// One member chosen by chance; the next one where that does not work. Leaf nodes come last.
  private func deliverToOne(
    of group: Sublist.Group, _ message: inout Message, _ account: Account, _ publisher: ClientConnection?, _ leafs: inout LeafTargets
  ) -> Bool {
    let members = group.members
    let count = members.count
    var index = count == 1 ? 0 : Int(randomNumber() % UInt64(count))
    var behindLeafs = false
    for _ in 0..<count {
      let member = members[index]
      index = index + 1 == count ? 0 : index + 1
      if member.isClosed { continue }
      if member.client.kind == .leaf {
        behindLeafs = true
      } else if deliver(&message, to: member, account, publisher) {
        return true
      }
    }
    if behindLeafs, let member = chooseLeaf(of: group, publisher) {
      leafs.add(member, message, account, from: publisher, queue: group.name)
    }
    return false
  }

  /// One subscription that is not a leaf node's.
  @inline(__always)
  private func deliver(_ message: inout Message, to subscription: Subscription, _ account: Account, _ publisher: ClientConnection?) -> Bool
  {
    if subscription.isDirect { return write(&message, to: subscription, as: message.subject, account, publisher) }
    return deliverIndirectly(&message, to: subscription, account, publisher)
  }

  func deliverIndirectly(
    _ message: inout Message, to subscription: Subscription, _ account: Account, _ publisher: ClientConnection?
  ) -> Bool {
    switch subscription.target {
    case .client: return false
    case .system(let handler):
      subscription.delivered &+= 1
      handler(
        InternalMessage(
          subject: message.subject, reply: message.reply, header: message.header, payload: message.payload, account: account,
          client: publisher))
      return true
    // What came as a request or an answer was sent to one account, and is shown to no other one.
    case .streamImport(let binding): return message.origin == .here && deliver(&message, through: binding, publisher)
    // An answer is not asked for again where a service's subject covers the place that it goes to.
    case .serviceImport(let service): return message.origin != .answer && request(&message, through: service, publisher)
    case .serviceReplies:
      // Whoever answered is not told that nobody waits any more: it has answered.
      _ = answer(&message, from: account, publisher)
      return true
    }
  }

  /// Shows a message of another account under the importer's name for it.
  private func deliver(_ message: inout Message, through binding: StreamImportBinding, _ publisher: ClientConnection?) -> Bool {
    guard let local = binding.shown(message.subject) else { return false }
    return local.withUnsafeBytes { shown in
      var copy = Message(
        subject: shown, reply: message.reply, body: message.body, headerSize: message.headerSize, serial: nextSerial())
      copy.isInternal = message.isInternal
      copy.depth = message.depth + 1
      guard copy.depth <= Self.maximumDepth else { return false }
      return deliver(&copy, to: binding.origin, binding.importer, publisher)
    }
  }

  // MARK: Writing

  /// Puts MSG or HMSG on a connection. False when it was not for this one after all.
  @inline(__always)
  package func write(
    _ message: inout Message, to subscription: Subscription, as shown: UnsafeRawBufferPointer, _ account: Account,
    _ publisher: ClientConnection?
  ) -> Bool {
    let client = subscription.client
    if client === publisher && !client.echo { return false }
    if subscription.needsDenyCheck, let permissions = client.permissions, permissions.deniesDelivery(shown, queue: subscription.queue) {
      return false
    }
    subscription.delivered &+= 1
    if subscription.maximum > 0 && subscription.delivered > subscription.maximum {
      client.remove(subscription)
      return false
    }
    guard let connection = client.connection else { return false }
    scratch.prepare(message, subject: shown)
    let hasHeader = message.headerSize > 0
    let stripping = hasHeader && !client.headers
    let size: Int
    let line = scratch.line(sid: subscription.sid, withHeader: hasHeader && !stripping, stripping: stripping)
    // First, because a write may end the connection, and what is said about that is put together where the line stands.
    if client.isTraced {
      client.traceOutput(line: line)
      client.traceOutput(message, withoutHeader: stripping)
    }
    connection.write(line)
    if stripping {
      size = message.body.count - message.headerSize
      connection.write(UnsafeRawBufferPointer(start: message.body.baseAddress.map { $0 + message.headerSize }, count: size + 2))
    } else {
      size = message.body.count
      if _slowPath(message.isLent) {
        connection.write(lending: lent)
      } else {
        connection.write(UnsafeRawBufferPointer(start: message.body.baseAddress, count: size + 2))
      }
    }
    client.outMessages &+= 1
    client.lastActivity = client.now
    client.outBytes &+= UInt64(size)
    account.outMessages &+= 1
    account.outBytes &+= UInt64(size)
    services.counters.sent(UInt64(size), .client)
    let pending = connection.pendingBytes
    if pending > 65_536 { watch(client, pending) }
    if client.permissions?.responses != nil && !message.reply.isEmpty { allowResponse(client, message.reply) }
    if subscription.maximum > 0 && subscription.delivered == subscription.maximum { client.remove(subscription) }
    return true
  }

  /// A connection that does not take what is sent: watched, then held against its producers, then cut off.
  func watch(_ client: ClientConnection, _ pending: Int) {
    if client.isClosed { return }
    let limit = services.configuration.limits.maxPending
    if pending > limit { return client.slowConsumer(.slowConsumerPendingBytes) }
    if client.writeDue == .distantFuture { client.watchWriting() }
    guard !services.configuration.noFastProducerStall, let connection = client.connection else { return }
    // One that does take bytes, only not as fast as they come, holds its producers a little long before it is in danger:
    // a short queue stays in the processor's cache. One that takes nothing holds nobody until it is nearly cut off.
    let isDraining = services.shard.now - connection.lastWriteProgress < .milliseconds(20)
    if pending > limit / 4 * 3 || (isDraining && pending > min(limit / 2, 8 << 20)) {
      wantedRest = max(wantedRest, Self.rest(pending, of: limit))
    }
  }

  /// The nearer the end, the longer: what one reading of requests makes of answers and descriptions may be many times its size.
  static func rest(_ pending: Int, of limit: Int) -> Double {
    pending > limit / 4 * 3 ? 0.03 : pending > limit / 2 ? 0.01 : 0.003
  }

  func allowResponse(_ client: ClientConnection, _ reply: UnsafeRawBufferPointer) {
    guard let rule = client.permissions?.responses else { return }
    let now = services.shard.now
    if client.responses.count >= 4096 { pruneResponses(client, now) }
    let left = rule.maxMessages == 0 ? 1 : rule.maxMessages
    let seconds = rule.expires == 0 ? 120 : rule.expires
    client.responses.set(
      reply, AllowedResponse(left: left < 0 ? -1 : left, expiresAt: seconds < 0 ? .distantFuture : now + Span.seconds(seconds)))
  }

  private func pruneResponses(_ client: ClientConnection, _ now: MonotonicTime) {
    var dead: [[UInt8]] = []
    client.responses.forEachKey { key, value in if value.expiresAt <= now { dead.append(Array(key)) } }
    for key in dead { key.withUnsafeBytes { _ = client.responses.remove($0) } }
    if client.responses.count >= 4096 { client.responses.removeAll() }
  }

  /// A plain subscription of the client itself that a reply would reach.
  func ownSubscription(of client: ClientConnection, on reply: UnsafeRawBufferPointer) -> Subscription? {
    client.account.sublist.look(reply).plain.first { $0.isDirect && !$0.isClosed && $0.client === client }
  }

  /// A message of the server's own that is only a header: HMSG without reply. As on nats-server it is nobody's message: it is counted nowhere,
  /// and takes nothing of what the subscription is still to get.
  package func send(header: [UInt8], subject: UnsafeRawBufferPointer, to subscription: Subscription) {
    let client = subscription.client
    if subscription.needsDenyCheck, let permissions = client.permissions, permissions.deniesDelivery(subject, queue: subscription.queue) {
      return
    }
    let line = Array("HMSG ".utf8) + Array(subject) + [0x20] + subscription.sid + Array(" \(header.count) \(header.count)\r\n".utf8)
    client.send(line + header + [0x0D, 0x0A])
    if let pending = client.connection?.pendingBytes, pending > 65_536 { watch(client, pending) }
  }

  func randomNumber() -> UInt64 {
    randomState ^= randomState << 13
    randomState ^= randomState >> 7
    randomState ^= randomState << 17
    return randomState
  }
}
