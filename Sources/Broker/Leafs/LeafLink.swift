import Reactor
import Wire

/// The leaf nodes that a message goes to: each one once, with the queue groups that it must serve.
struct LeafTargets {
  struct Target {
    let client: Client
    var isPlain: Bool
    var queues: [[UInt8]]
  }
  private(set) var targets: [Target] = []
  var isEmpty: Bool { targets.isEmpty }

  /// Plain interest. Nothing goes back where it came from, nor to the same cluster.
  mutating func add(_ client: Client, from publisher: Client?) {
    guard Self.accepts(client, from: publisher) else { return }
    if let index = targets.firstIndex(where: { $0.client === client }) {
      targets[index].isPlain = true
    } else {
      targets.append(Target(client: client, isPlain: true, queues: []))
    }
  }

  mutating func add(_ client: Client, queue: [UInt8]) {
    if let index = targets.firstIndex(where: { $0.client === client }) {
      targets[index].queues.append(queue)
    } else {
      targets.append(Target(client: client, isPlain: false, queues: [queue]))
    }
  }

  static func accepts(_ client: Client, from publisher: Client?) -> Bool {
    if client === publisher || client.isClosed { return false }
    guard let publisher, let from = publisher.leaf, let to = client.leaf else { return true }
    return from.cluster.isEmpty || from.cluster != to.cluster
  }
}

/// The protocol side of a leaf node that joined.
final class LeafLink {
  unowned let client: Client
  /// The other side's cluster, or its name.
  var cluster = ""
  init(client: Client) { self.client = client }
  func process(_ bytes: UnsafeRawBufferPointer) {}
}

extension Broker {
  func acceptedLeaf(_ connection: Connection) { connection.close() }

  func send(_ message: inout Message, to leafs: LeafTargets, _ account: Account) -> Bool { false }

  func chooseLeaf(of group: Sublist.Group, _ publisher: Client?, _ leafs: inout LeafTargets) {}

  func interestChanged(in account: Account, _ subscription: Subscription, added: Bool) {}
}
