import Wire

/// One subject space with its users' connections, what it offers to others and what it takes from them.
/// Confined to the broker's shard.
package final class Account {
  package let name: String
  /// Carries `$SYS`.
  package let isSystem: Bool
  /// `$G`, where connections stand that nothing puts elsewhere.
  package let isGlobal: Bool
  package let sublist: Sublist
  /// Changes with a reload or a claims update.
  package var limits = LimitsConfiguration()
  package var mappings = SubjectMappings()
  package var exports: [AccountExport] = []
  package var streamImports: [StreamImport] = []
  package var serviceImports: [ServiceImport] = []
  package var defaultPermissions: PermissionsConfiguration?
  /// Nanoseconds since 1970.
  package var updatedAt: UInt64
  package var isExpired = false
  /// Which messages are traced without asking.
  package var trace: MessageTraceConfiguration?

  /// Registered connections by id.
  package var clients: [UInt64: ClientConnection] = [:]
  package var clientCount = 0
  package var leafCount = 0
  /// Since start.
  package var totalConnections: UInt64 = 0
  package var slowConsumers: UInt64 = 0
  /// From the account's connections to the server, and the other way.
  package var inMessages: UInt64 = 0
  package var inBytes: UInt64 = 0
  package var outMessages: UInt64 = 0
  package var outBytes: UInt64 = 0

  // Operator mode.
  package var jwt = ""
  package var issuerKey = ""
  package var nameTag = ""
  package var tags: [String] = []
  /// Users whose tokens were taken back, with the time (seconds since 1970) before which they were made; `*` is everybody.
  package var revocations: [String: Int64] = [:]

  /// Its claims name an authorization service, which nobody asks but the server.
  package var hasCallout = false
  /// Answers on their way back through service imports; see ServiceReplies.
  package let replies = ServiceReplies()
  /// Announced to leaf nodes to find loops; made at the first leaf.
  var loopSubject: [UInt8]?

  /// Leaf nodes among `clients`, told of changed interest.
  package var leafs: [ClientConnection] = []

  init(name: String, isSystem: Bool, isGlobal: Bool, caches: Bool) {
    self.name = name
    self.isSystem = isSystem
    self.isGlobal = isGlobal
    sublist = Sublist(caches: caches)
    updatedAt = wallClockNow()
  }

  deinit { serviceImports.forEach { $0.letGo() } }

  /// Of the clients, connections of this process's own, which no limit is about.
  var ownClients = 0
  /// The clients that limits are about.
  var limitedClients: Int { clientCount - ownClients }

  /// The limit is a lower one now: those go that came last.
  package func enforceConnectionLimit() {
    guard limits.maxConnections >= 0 else { return }
    let open = clients.values.filter { $0.kind == .client && $0.preset == nil && !$0.isClosed }.sorted { $0.cid < $1.cid }
    for client in open.dropFirst(limits.maxConnections) {
      client.fail("maximum account active connections exceeded", .maxAccountConnectionsExceeded)
    }
  }

  /// When the log was last told that a connection has as many subscriptions as it may.
  private var subscriptionLimitLoggedAt: MonotonicTime?

  /// Whether two seconds have gone by since the last time; they begin anew then.
  func mayLogSubscriptionLimit(_ now: MonotonicTime) -> Bool {
    if let last = subscriptionLimitLoggedAt, now - last < .seconds(2) { return false }
    subscriptionLimitLoggedAt = now
    return true
  }

  /// Clients and leaf nodes.
  package var connectionCount: Int { clientCount + leafCount }
}
