import Logging
import Wire

/// Every open connection and the last closed ones, and who is told of their coming and going. Confined to the shard.
package final class ConnectionBook {
  /// The first ids are those of the connections that nats-server itself has for its system account; clients begin behind them.
  private static let internalConnections: UInt64 = 4

  private let services: Services
  /// Authenticated or not, by id.
  package private(set) var clients: [UInt64: ClientConnection] = [:]
  /// Client connections, and leaf nodes.
  package private(set) var clientCount = 0
  /// Of these, connections of this process's own, which no limit is about.
  private var ownClients = 0
  /// The clients that limits are about.
  var limitedClients: Int { clientCount - ownClients }
  package private(set) var leafCount = 0
  /// Among `clients`, those that nobody is told of; a handful at most.
  package private(set) var hidden: [ClientConnection] = []
  /// Leaf nodes in the order in which they came, registered or not.
  package private(set) var leafs: [ClientConnection] = []
  package private(set) var closed: ClosedRing
  private(set) var observers: [any BrokerObserver] = []
  private var lastCID: UInt64
  /// Hidden connections count down from the last id that there is: nobody's next one tells of them.
  private var lastHiddenCID = UInt64.max

  init(_ services: Services) {
    self.services = services
    lastCID = services.configuration.noSystemAccount ? 0 : Self.internalConnections
    closed = ClosedRing(capacity: services.configuration.limits.maxClosedClients)
  }

  package func add(_ observer: any BrokerObserver) { observers.append(observer) }

  func nextCID() -> UInt64 {
    lastCID += 1
    return lastCID
  }

  func nextHiddenCID() -> UInt64 {
    lastHiddenCID -= 1
    return lastHiddenCID
  }

  /// Writes a new connection into the books; until it is authenticated it stands in the global account's.
  func enter(_ client: ClientConnection) {
    clients[client.cid] = client
    if client.isHidden { return hidden.append(client) }
    if client.kind == .client {
      services.counters.totalConnections += 1
      clientCount += 1
      if client.preset != nil { ownClients += 1 }
      book(client, in: client.account)
    } else {
      leafCount += 1
      leafs.append(client)
    }
  }

  /// Counts a connection in an account.
  func book(_ client: ClientConnection, in account: Account) {
    if client.isHidden { return }
    account.clients[client.cid] = client
    account.totalConnections += 1
    if client.kind == .leaf {
      account.leafCount += 1
      account.leafs.append(client)
    } else {
      account.clientCount += 1
      if client.preset != nil { account.ownClients += 1 }
    }
    client.isCounted = true
    observers.forEach { $0.connectionsChanged(in: account) }
  }

  /// Counts a connection in its account no longer.
  func leave(_ client: ClientConnection) {
    guard client.isCounted else { return }
    client.isCounted = false
    let account = client.account
    account.clients[client.cid] = nil
    if client.kind == .leaf {
      account.leafCount -= 1
      account.leafs.removeAll { $0 === client }
    } else {
      account.clientCount -= 1
      if client.preset != nil { account.ownClients -= 1 }
    }
    observers.forEach { $0.connectionsChanged(in: account) }
  }

  func move(_ client: ClientConnection, to account: Account) {
    leave(client)
    client.account = account
    book(client, in: account)
  }

  /// A connection was authenticated into its account.
  func tellConnected(_ client: ClientConnection) { observers.forEach { $0.connected(client) } }

  /// Servers come and go seldom: the log has that as it is.
  private func logEnd(of client: ClientConnection, _ reason: CloseReason) {
    guard client.kind == .leaf else { return services.log.debug("\(client.label) - Client connection closed: \(reason.rawValue)") }
    let remote = client.name.isEmpty || !client.isRegistered ? "" : " - Remote: \(client.name)"
    services.log.info("\(client.label) - Leafnode connection closed: \(reason.rawValue)\(remote)")
  }

  /// A connection ends: out of every sublist and book, into the ring of closed ones.
  func forget(_ client: ClientConnection, reason: CloseReason) {
    guard clients[client.cid] === client else { return }
    logEnd(of: client, reason)
    if !client.isHidden { closed.append(client.record(withSubscriptions: true)) }
    if client.kind == .leaf { leafs.removeAll { $0 === client } }
    var all: [Subscription] = []
    client.subscriptions.forEach { all.append($0) }
    for subscription in all {
      if client.isTraced { client.traceRemoval(subscription) }
      client.account.remove(subscription)
    }
    client.subscriptions.removeAll()
    client.abandonRequests()
    clients[client.cid] = nil
    if client.isHidden { return hidden.removeAll { $0 === client } }
    if client.kind == .client {
      clientCount -= 1
      if client.preset != nil { ownClients -= 1 }
    } else {
      leafCount -= 1
    }
    leave(client)
    observers.forEach { $0.disconnected(client, reason: reason) }
  }

  /// After a reload: open connections follow the trace settings.
  func renewTracing() {
    let trace = services.configuration.trace
    for client in clients.values { client.isTraced = trace.shows(client.preset == nil ? client.kind : .system) }
  }
}
