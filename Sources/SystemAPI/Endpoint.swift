import Wire

/// One monitoring endpoint: everything that routing, validation, requests, merging and documentation need to know about it.
public struct Endpoint: Sendable {
  public enum Envelope: Sendable, Equatable {
    /// `{"server":…,"data":…}`
    case data
    /// `{"server":…,"statsz":…}`
    case statsz
    /// The bare document.
    case bare
  }

  public enum Layout: Sendable, Equatable {
    case indented(Int)
    case compact
  }

  /// The rows of an endpoint's document, for sorting and paging over a whole scope.
  public struct Rows: Sendable {
    /// Member that holds the array.
    public let array: String
    /// Member that counts the rows of the page, and member that counts all.
    public let count: String?
    public let total: String?
    /// Servers take `offset` and `limit` themselves and return rows in a defined order.
    public let pagedByServer: Bool
    public let defaultLimit: Int?
    public let sorts: [SortKey]
  }

  /// One order that rows can be asked in.
  public struct SortKey: Sendable {
    public enum Value: Sendable { case number, time, duration, text }
    public let name: String
    public let field: String
    public let value: Value
    public let descending: Bool
    /// Versions from which a server knows this order and means by it what its name says.
    public let since: [ServerVersion]
  }

  /// Where the request goes.
  public enum Form: Sendable, Equatable {
    /// `…SERVER.PING.<service>` and `…SERVER.<id>.<service>`
    case server
    /// `…ACCOUNT.PING.STATZ` in every scope; replies are filtered.
    case accountStatistics
    /// `…ACCOUNT.<a>.<service>`
    case account
  }

  /// Last path segment, such as `varz`.
  public let name: String
  /// Other paths of the same endpoint, such as `subscriptionsz`.
  public let aliases: [String]
  /// Last token of the request subject.
  public let service: String
  public let form: Form
  public let envelope: Envelope
  public let layout: Layout
  public let parameters: [EndpointParameter]
  /// The releases that first had it, one for each line that received it; empty = 2.9.10 has it.
  public let since: [ServerVersion]
  /// Options sent with every request, such as `"include_unused":true`.
  public let fixedOptions: String
  public let rows: Rows?
  public let merge: MergeRule
  public let help: String

  // What else sets one endpoint apart: see `Endpoint+Traits.swift`.
  public internal(set) var status = StatusRule.ok
  public internal(set) var size = Size.small
  /// `rate=` asks for rates over the kept heartbeats.
  public internal(set) var rates = false
  /// The document holds the command line of the server's process, which may hold secrets.
  public internal(set) var hidesCommandLines = false
  /// Servers send accounts without connections too; they are left out unless `unused=1` asks for them.
  public internal(set) var dropsUnusedRows = false
  /// Where a server's monitoring port says something else than its system service.
  public internal(set) var port: [PortDifference] = []
  /// The parameter that makes one server answer for all, so that the others' silence means nothing.
  public internal(set) var leaderOnly: String?
  /// Parameters that choose what a document shows, so that an empty one means nothing.
  public internal(set) var filters: Set<String> = []
  /// How an account is asked for whose name cannot stand in a subject; nil where no account is asked for.
  public internal(set) var account: AccountFallback?
  /// A server's refusal is its whole answer: it has nothing of that account.
  public internal(set) var refusalIsAnswer = false
  /// Documents that say `disabled` have no say in a merged one where others know better.
  public internal(set) var ignoresDisabled = false

  /// Whether a server of this version has the endpoint. An unreadable version counts as new.
  public func isSupported(by version: String) -> Bool {
    Endpoint.isSupported(since, by: version)
  }

  /// Releases are listed one for each line that received a feature: `[2.11.11, 2.12.2]` is in 2.11.12 but not in 2.12.0.
  public static func isSupported(_ since: [ServerVersion], by version: String) -> Bool {
    guard let first = since.first, let version = ServerVersion(version) else { return true }
    if let line = since.last(where: { ($0.major, $0.minor) == (version.major, version.minor) }) { return version >= line }
    return version > (since.last ?? first)
  }

  public func parameter(_ name: String) -> EndpointParameter? { parameters.first { $0.name == name } }
}
