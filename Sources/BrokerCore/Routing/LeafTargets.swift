import Reactor
import Wire

/// The leaf nodes that a message goes to: each one once, with the queue groups that it must serve.
package struct LeafTargets {
  package struct Target {
    package let client: ClientConnection
    var queues: [[UInt8]]
  }
  package private(set) var targets: [Target] = []
  package var isEmpty: Bool { targets.isEmpty }

  /// Plain interest.
  package mutating func add(_ client: ClientConnection, from publisher: ClientConnection?) {
    guard Self.accepts(client, from: publisher), !targets.contains(where: { $0.client === client }) else { return }
    targets.append(Target(client: client, queues: []))
  }

  /// Interest of a queue group, of which this leaf node was chosen to serve one member.
  package mutating func add(_ client: ClientConnection, queue: [UInt8]) {
    if let index = targets.firstIndex(where: { $0.client === client }) {
      targets[index].queues.append(queue)
    } else {
      targets.append(Target(client: client, queues: [queue]))
    }
  }

  /// Nothing goes back where it came from, nor to another leaf node of the same cluster.
  static func accepts(_ client: ClientConnection, from publisher: ClientConnection?) -> Bool {
    if client === publisher || client.isClosed { return false }
    guard let from = publisher?.leaf, let to = client.leaf else { return true }
    return from.cluster.isEmpty || from.cluster != to.cluster
  }
}

extension Router {
  /// One line per leaf node, however many subscriptions match behind it. True when any was written.
  package func send(_ message: inout Message, to leafs: LeafTargets, _ account: Account) -> Bool {
    var sent = false
    for target in leafs.targets {
      guard let link = target.client.leaf, mayReceive(message.subject, target.client, link) else { continue }
      write(message, to: target.client, queues: target.queues)
      let size = UInt64(message.body.count)
      target.client.outMessages &+= 1
      target.client.outBytes &+= size
      account.outMessages &+= 1
      account.outBytes &+= size
      services.counters.sent(size, .leaf)
      if let pending = target.client.connection?.pendingBytes, pending > 65_536 { watch(target.client, pending) }
      sent = true
    }
    return sent
  }

  /// A member behind a leaf node, more often where more members are.
  func chooseLeaf(of group: Sublist.Group, _ publisher: ClientConnection?, _ leafs: inout LeafTargets) {
    let members = group.members.filter {
      !$0.isClosed && $0.isDirect && $0.client.kind == .leaf && LeafTargets.accepts($0.client, from: publisher)
    }
    let total = members.reduce(UInt64(0)) { $0 + UInt64(max(1, $1.weight)) }
    guard total > 0 else { return }
    var dice = randomNumber() % total
    for member in members {
      let weight = UInt64(max(1, member.weight))
      if dice < weight { return leafs.add(member.client, queue: group.name) }
      dice -= weight
    }
  }
}
