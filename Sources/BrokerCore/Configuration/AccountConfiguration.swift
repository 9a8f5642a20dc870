/// One account of the configuration.
public struct AccountConfiguration: Sendable, Equatable {
  public var name: String
  public var nkey: String?
  public var users: [UserConfiguration] = []
  public var defaultPermissions: PermissionsConfiguration?
  public var limits = LimitsConfiguration()
  public var mappings: [MappingConfiguration] = []
  public var exports: [ExportConfiguration] = []
  public var imports: [ImportConfiguration] = []
  public var messageTrace: MessageTraceConfiguration?
  public init(name: String) { self.name = name }
}

/// Messages with a sampled `traceparent` are traced without asking (`msg_trace`).
public struct MessageTraceConfiguration: Sendable, Equatable {
  /// Where the traces are published in the account.
  public var destination: String
  /// Percent of them, 1…100.
  public var sampling = 100
  public init(destination: String) { self.destination = destination }
}

/// Limits of one account; negative: none.
public struct LimitsConfiguration: Sendable, Equatable {
  public var maxConnections = -1
  public var maxSubscriptions = -1
  public var maxPayload = -1
  public var maxLeafNodes = -1
  public init() {}
}

/// `source` is published, one of the destinations is what the account sees.
public struct MappingConfiguration: Sendable, Equatable {
  public struct Destination: Sendable, Equatable {
    public var subject: String
    /// Percent, 0…100.
    public var weight: Int
    public var cluster: String?
    public init(subject: String, weight: Int = 100, cluster: String? = nil) {
      self.subject = subject
      self.weight = weight
      self.cluster = cluster
    }
  }
  public var source: String
  public var destinations: [Destination]
  public init(source: String, destinations: [Destination]) {
    self.source = source
    self.destinations = destinations
  }
}
