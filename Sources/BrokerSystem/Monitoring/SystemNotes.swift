import BrokerCore
import Wire

/// What the system side remembers between events, for documents. Confined to the broker's shard.
final class SystemNotes {
  /// Servers heard of, by id, with the time of the last word; leaf nodes bring them.
  var otherServers: [String: MonotonicTime] = [:]
  /// What went over leaf nodes that are gone, by account.
  var goneLeafs: [String: LeafTraffic] = [:]
}

/// What went over some connections of an account.
struct LeafTraffic {
  var inMessages: UInt64 = 0
  var inBytes: UInt64 = 0
  var outMessages: UInt64 = 0
  var outBytes: UInt64 = 0

  mutating func add(_ leaf: ClientConnection) {
    inMessages &+= leaf.inMessages
    inBytes &+= leaf.inBytes
    outMessages &+= leaf.outMessages
    outBytes &+= leaf.outBytes
  }
}
