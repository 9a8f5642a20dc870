import Reactor
import Wire

/// The leaf nodes that a message goes to: each one once under each of its names there, with the queue groups that it must serve.
package struct LeafTargets {
  package struct Target {
    package let client: ClientConnection
    /// The account that the leaf node is in.
    let account: Account
    /// What the message is called there; nil: as here.
    let shown: [UInt8]?
    /// Somebody there has it without being of a group, or of one of `queues`.
    var queues: [[UInt8]]
  }
  package private(set) var targets: [Target] = []
  package var isEmpty: Bool { targets.isEmpty }

  /// Interest of a leaf node: its own, or what a stream import makes of it in the account that the message is in.
  package mutating func add(
    _ subscription: Subscription, _ message: borrowing Message, _ account: Account, from publisher: ClientConnection?, queue: [UInt8]? = nil
  ) {
    let client = subscription.client
    guard Self.accepts(client, from: publisher) else { return }
    if subscription.isDirect { return add(client, account, shown: nil, queue) }
    guard message.origin == .here, let place = Self.place(of: subscription, message.subject) else { return }
    add(client, place.account, shown: place.shown, queue)
  }

  /// Takes over from `others` what is reached here too, with its queue groups: each leaf node gets a message once.
  mutating func takeShared(from others: inout LeafTargets) {
    guard !others.isEmpty else { return }
    others.targets.removeAll { other in
      guard targets.contains(where: { $0.client === other.client && $0.shown == other.shown }) else { return false }
      for queue in other.queues { add(other.client, other.account, shown: other.shown, queue) }
      return true
    }
  }

  private mutating func add(_ client: ClientConnection, _ account: Account, shown: [UInt8]?, _ queue: [UInt8]?) {
    if let index = targets.firstIndex(where: { $0.client === client && $0.shown == shown }) {
      if let queue, !targets[index].queues.contains(queue) { targets[index].queues.append(queue) }
    } else {
      targets.append(Target(client: client, account: account, shown: shown, queues: queue.map { [$0] } ?? []))
    }
  }

  /// Behind one stream import or several: the account that the leaf node is in, and the subject there.
  private static func place(of subscription: Subscription, _ subject: UnsafeRawBufferPointer) -> (account: Account, shown: [UInt8])? {
    guard case .streamImport(let binding) = subscription.target, let shown = binding.shown(subject) else { return nil }
    if binding.origin.isDirect { return (binding.importer, shown) }
    return shown.withUnsafeBytes { place(of: binding.origin, $0) }
  }

  /// Nothing goes back where it came from, nor to another leaf node of the same cluster.
  static func accepts(_ client: ClientConnection, from publisher: ClientConnection?) -> Bool {
    if client === publisher || client.isClosed { return false }
    guard let from = publisher?.leaf, let to = client.leaf else { return true }
    if from.isSpoke && to.isSpoke { return false }
    return from.cluster.isEmpty || from.cluster != to.cluster
  }
}

extension Router {
  /// One line per leaf node, however many subscriptions match behind it. True when any was written.
  package func send(_ message: inout Message, to leafs: LeafTargets) -> Bool {
    var sent = false
    for target in leafs.targets {
      if let shown = target.shown {
        if shown.withUnsafeBytes({ send(message, as: $0, to: target) }) { sent = true }
      } else if send(message, as: message.subject, to: target) {
        sent = true
      }
    }
    return sent
  }

  func send(_ message: Message, as shown: UnsafeRawBufferPointer, to target: LeafTargets.Target) -> Bool {
    let client = target.client
    guard let link = client.leaf, mayReceive(shown, client, link) else { return false }
    write(message, as: shown, to: client, queues: target.queues)
    let size = UInt64(message.body.count)
    client.outMessages &+= 1
    client.lastActivity = client.now
    client.outBytes &+= size
    target.account.outMessages &+= 1
    target.account.outBytes &+= size
    services.counters.sent(size, .leaf)
    if client.permissions?.responses != nil && !message.reply.isEmpty { allowResponse(client, message.reply) }
    if let pending = client.connection?.pendingBytes, pending > 65_536 { watch(client, pending) }
    return true
  }

  /// A member behind a leaf node, more often where more members are.
  func chooseLeaf(of group: Sublist.Group, _ publisher: ClientConnection?) -> Subscription? {
    let members = group.members.filter { !$0.isClosed && $0.client.kind == .leaf && LeafTargets.accepts($0.client, from: publisher) }
    let total = members.reduce(UInt64(0)) { $0 + UInt64(max(1, $1.weight)) }
    guard total > 0 else { return nil }
    var dice = randomNumber() % total
    for member in members {
      let weight = UInt64(max(1, member.weight))
      if dice < weight { return member }
      dice -= weight
    }
    return nil
  }
}
