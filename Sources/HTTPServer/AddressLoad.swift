import Reactor
import Synchronization

/// What one peer has open and under way, by all its connections: an address, or of IPv6 a network (`PeerAddress.network`).
public final class AddressLoad: Sendable {
  /// Whose it is (`PeerAddress.network`).
  public let network: String
  private let connections = Atomic<Int>(0)
  private let requests = Atomic<Int>(0)

  /// Requests of this address that have no whole answer yet, streams among them.
  public var requestsUnderWay: Int { requests.load(ordering: .relaxed) }

  func requestBegan() { requests.add(1, ordering: .relaxed) }

  func requestEnded() { requests.subtract(1, ordering: .relaxed) }

  /// Connections of this address.
  var connectionCount: Int { connections.load(ordering: .relaxed) }

  /// Those of them that rest, by shard.
  let resting: [RestingConnections]

  fileprivate init(_ network: String, _ shards: [Shard]) {
    self.network = network
    resting = shards.map(RestingConnections.init)
  }

  fileprivate func connectionCame() { connections.add(1, ordering: .relaxed) }

  /// True when it was the last one.
  fileprivate func connectionWent() -> Bool { connections.subtract(1, ordering: .relaxed).newValue == 0 }
}

/// The addresses that have connections now: looked up once a connection, not once a request.
final class AddressTable: Sendable {
  private let loads = Mutex<[String: AddressLoad]>([:])
  private let shards: [Shard]

  init(_ shards: [Shard]) { self.shards = shards }

  func connectionCame(from network: String) -> AddressLoad {
    loads.withLock { loads in
      let load = loads[network] ?? AddressLoad(network, shards)
      load.connectionCame()
      loads[network] = load
      return load
    }
  }

  func connectionWent(_ load: AddressLoad) {
    loads.withLock { loads in
      if load.connectionWent() { loads[load.network] = nil }
    }
  }

  func load(of network: String) -> AddressLoad? { loads.withLock { $0[network] } }

  var count: Int { loads.withLock { $0.count } }
}
