import Wire

/// The leaf nodes that a message goes to: each one once, with the queue groups that it must serve.
struct LeafTargets {
  struct Target {
    let client: Client
    var queues: [[UInt8]]
  }
  private(set) var targets: [Target] = []
  var isEmpty: Bool { targets.isEmpty }

  /// Plain interest.
  mutating func add(_ client: Client, from publisher: Client?) {
    guard Self.accepts(client, from: publisher), !targets.contains(where: { $0.client === client }) else { return }
    targets.append(Target(client: client, queues: []))
  }

  /// Interest of a queue group, of which this leaf node was chosen to serve one member.
  mutating func add(_ client: Client, queue: [UInt8]) {
    if let index = targets.firstIndex(where: { $0.client === client }) {
      targets[index].queues.append(queue)
    } else {
      targets.append(Target(client: client, queues: [queue]))
    }
  }

  /// Nothing goes back where it came from, nor to another leaf node of the same cluster.
  static func accepts(_ client: Client, from publisher: Client?) -> Bool {
    if client === publisher || client.isClosed { return false }
    guard let from = publisher?.leaf, let to = client.leaf else { return true }
    return from.cluster.isEmpty || from.cluster != to.cluster
  }
}

extension Broker {
  /// One line per leaf node, however many subscriptions match behind it. True when any was written.
  func send(_ message: inout Message, to leafs: LeafTargets, _ account: Account) -> Bool {
    var sent = false
    for target in leafs.targets {
      guard let link = target.client.leaf, link.mayReceive(message.subject) else { continue }
      link.write(message, queues: target.queues)
      let size = UInt64(message.body.count)
      target.client.outMessages &+= 1
      target.client.outBytes &+= size
      account.outMessages &+= 1
      account.outBytes &+= size
      counters.sent(size, .leaf)
      if let pending = target.client.connection?.pendingBytes, pending > 65_536 { watch(target.client, pending) }
      sent = true
    }
    return sent
  }

  /// A member behind a leaf node, more often where more members are.
  func chooseLeaf(of group: Sublist.Group, _ publisher: Client?, _ leafs: inout LeafTargets) {
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

  /// A subscription came or went: leaf nodes of the account are told.
  func interestChanged(in account: Account, _ subscription: Subscription, added: Bool) {
    guard !leafs.isEmpty else { return }
    for client in leafs where client.account === account && client.isRegistered {
      client.leaf?.interestChanged(subscription, added: added)
    }
  }
}
