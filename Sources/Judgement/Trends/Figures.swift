import Wire

/// What is remembered of one thing at one moment.
public protocol TrendFigures: Sendable {
  /// Takes up what is counted from look to look.
  mutating func follow(_ earlier: Self)
  /// It is another process, or was made anew: what was before tells nothing of it.
  func isAnew(after earlier: Self) -> Bool
}

extension TrendFigures {
  public mutating func follow(_ earlier: Self) {}
}

/// Of a server.
public struct ServerTrend: TrendFigures {
  /// A digest of the process's id.
  public var origin: UInt64 = 0
  public var memory = 0
  public var connections = 0
  public var subscriptions = 0
  /// Received and sent since the start.
  public var messages = 0
  /// Bytes of JetStream on its disk.
  public var storage = 0
  /// Requests to the JetStream API since the start.
  public var requests = 0
  /// Percent of one core.
  public var cpu = 0.0
  /// How often it was started since it is looked at.
  var starts = 0

  public init(id: String) { origin = TrendDigest.of(id) }

  public mutating func follow(_ earlier: ServerTrend) { starts = earlier.starts + (origin == earlier.origin ? 0 : 1) }

  public func isAnew(after earlier: ServerTrend) -> Bool { origin != earlier.origin }
}

/// Of an account, over all servers.
public struct AccountTrend: TrendFigures {
  public var connections = 0
  /// Of its clients, since the starts of the servers.
  public var messages = 0

  public init() {}

  /// Servers that are started anew count anew, and their connections are not new for that.
  public func isAnew(after earlier: AccountTrend) -> Bool { false }
}

/// Of a stream, as its leader tells.
public struct StreamTrend: TrendFigures {
  public var bytes = 0
  public var messages = 0
  public var lastSequence = 0
  /// A digest of its name.
  private var leader: UInt64 = 0
  /// How often another server led than at the look before.
  var changes = 0

  public init(leader: String) { self.leader = TrendDigest.of(leader) }

  public mutating func follow(_ earlier: StreamTrend) { changes = earlier.changes + (leader == earlier.leader ? 0 : 1) }

  public func isAnew(after earlier: StreamTrend) -> Bool { lastSequence < earlier.lastSequence }
}

/// Of a consumer, as its leader tells.
public struct ConsumerTrend: TrendFigures {
  public var pending = 0
  /// Deliveries, repeated ones among them.
  public var deliveries = 0
  /// The stream's sequences up to which it has delivered, and up to which all is acknowledged.
  public var delivered = 0
  public var acknowledged = 0

  public init() {}

  public func isAnew(after earlier: ConsumerTrend) -> Bool { deliveries < earlier.deliveries }
}

/// Of a meta group.
public struct MetaTrend: TrendFigures {
  private var leader: UInt64
  /// How often another server led than at the look before.
  var changes = 0

  init(leader: String) { self.leader = TrendDigest.of(leader) }

  public mutating func follow(_ earlier: MetaTrend) { changes = earlier.changes + (leader == earlier.leader ? 0 : 1) }

  public func isAnew(after earlier: MetaTrend) -> Bool { false }
}

/// What stands for a name that is only compared.
enum TrendDigest {
  /// FNV-1a: nobody chooses names to make two of them alike.
  static func of(_ text: String) -> UInt64 { text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 } }
}
