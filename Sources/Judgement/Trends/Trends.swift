import SystemAPI
import Wire

/// What is remembered of the system's figures, so that it can be told how they go. A value; at most some 100 MB of it, and of a system of ten
/// servers less than one.
public struct Trends: Sendable {
  /// What figures are remembered of.
  public enum Kind: String, Sendable, CaseIterable {
    case servers, accounts, streams, consumers, metaGroups = "meta groups"
  }

  /// A server by what outlives its process.
  public struct ServerKey: Hashable, Sendable {
    public var cluster: String
    public var name: String
    /// Empty where no other server of its cluster bears the name.
    public var id: String

    public init(cluster: String, name: String, id: String = "") { (self.cluster, self.name, self.id) = (cluster, name, id) }
  }

  /// A stream or a consumer.
  public struct AssetKey: Hashable, Sendable {
    /// The domain; of a server that stands alone the domain, its cluster and its name, with slashes between.
    public var place: String
    public var account: String
    public var stream: String
    /// Empty for a stream.
    public var consumer: String

    public init(place: String, account: String, stream: String, consumer: String = "") {
      (self.place, self.account, self.stream, self.consumer) = (place, account, stream, consumer)
    }
  }

  public var servers = TrendTable<ServerKey, ServerTrend>()
  public var accounts = TrendTable<String, AccountTrend>()
  public var streams = TrendTable<AssetKey, StreamTrend>()
  public var consumers = TrendTable<AssetKey, ConsumerTrend>()
  var metaGroups = TrendTable<String, MetaTrend>()

  public init() {}

  /// Nothing is known.
  public var isEmpty: Bool { servers.isEmpty && accounts.isEmpty && streams.isEmpty && consumers.isEmpty }

  /// Takes up the only look of others.
  public mutating func take(look: Trends) {
    servers.take(look: look.servers)
    accounts.take(look: look.accounts)
    streams.take(look: look.streams)
    consumers.take(look: look.consumers)
    metaGroups.take(look: look.metaGroups)
  }

  /// A figure that was kept, within what figures may be.
  public static func amount(_ value: Double) -> Int { max(0, Amount.of(value)) }

  func known(_ kind: Kind, _ window: TrendWindow) -> TrendWindow.Known {
    switch kind {
    case .servers: servers.known(window)
    case .accounts: accounts.known(window)
    case .streams: streams.known(window)
    case .consumers: consumers.known(window)
    case .metaGroups: metaGroups.known(window)
    }
  }

  /// Finds the readings of a window, once for all checks that ask for it.
  mutating func prepare(_ kind: Kind, _ window: TrendWindow) {
    switch kind {
    case .servers: servers.prepare(window)
    case .accounts: accounts.prepare(window)
    case .streams: streams.prepare(window)
    case .consumers: consumers.prepare(window)
    case .metaGroups: metaGroups.prepare(window)
    }
  }
}
