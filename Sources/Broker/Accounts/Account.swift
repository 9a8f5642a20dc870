import BrokerCore
import Wire

/// One subject space with its users' connections, what it offers to others and what it takes from them.
/// Confined to the broker's shard.
final class Account {
  let name: String
  // Outlives this; unsafe because counting references would cost a tenth of the message rate.
  unowned(unsafe) let broker: Broker
  let sublist: Sublist
  /// Changes with a reload or a claims update.
  var limits = LimitsConfiguration()
  var mappings = SubjectMappings()
  var exports: [AccountExport] = []
  var streamImports: [StreamImport] = []
  var serviceImports: [ServiceImport] = []
  var defaultPermissions: PermissionsConfiguration?
  /// Nanoseconds since 1970.
  var updatedAt: UInt64
  var isExpired = false

  /// Registered connections by id.
  var clients: [UInt64: Client] = [:]
  var clientCount = 0
  var leafCount = 0
  /// Since start.
  var totalConnections: UInt64 = 0
  var slowConsumers: UInt64 = 0
  /// From the account's connections to the server, and the other way.
  var inMessages: UInt64 = 0
  var inBytes: UInt64 = 0
  var outMessages: UInt64 = 0
  var outBytes: UInt64 = 0

  // Operator mode.
  var jwt = ""
  var issuerKey = ""
  var nameTag = ""
  var tags: [String] = []
  /// Users whose tokens were taken back, with the time (seconds since 1970) before which they were made; `*` is everybody.
  var revocations: [String: Int64] = [:]

  /// Answers on their way back through service imports; see ServiceReplies.
  let replies = ServiceReplies()
  /// Announced to leaf nodes to find loops; made at the first leaf.
  var loopSubject: [UInt8]?

  init(name: String, broker: Broker) {
    self.name = name
    self.broker = broker
    self.sublist = Sublist(caches: !broker.configuration.disableSublistCache)
    self.updatedAt = wallClockNow()
  }

  var isSystem: Bool { broker.systemAccount === self }
  var isGlobal: Bool { broker.globalAccount === self }
  /// Clients and leaf nodes.
  var connectionCount: Int { clientCount + leafCount }
}
