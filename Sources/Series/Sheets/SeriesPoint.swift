/// What one thing's figures were at one moment.
public struct SeriesPoint: Sendable, Equatable {
  /// As ``SeriesKind/parts`` says, and ``SeriesKind/home`` behind them.
  public var parts: [String]
  /// Who told of it: of what is replicated the leader, and nobody where nobody led; then there are no values.
  public var server: String
  public var cluster: String
  /// When it was read, milliseconds since 1970 by the server's clock, within the epoch by the gateway's.
  public var time: Int64
  /// What its counters count from: a start, a creation, the connections that there are. Another one has counters of its own.
  public var origin: String
  /// In the order of ``SeriesKind/fields``; nil where the server did not tell.
  public var values: [Double?]

  public init(parts: [String], server: String, cluster: String, time: Int64, origin: String, values: [Double?]) {
    self.parts = parts
    self.server = server
    self.cluster = cluster
    self.time = time
    self.origin = origin
    self.values = values
  }

  public var entity: String { SeriesEntity.joined(parts) }
}

/// All points of one kind at one moment: what an epoch keeps of them.
public struct SeriesSheet: Sendable, Equatable {
  /// What a sheet of a kind is kept under among an epoch's documents.
  public static func document(_ kind: SeriesKind) -> String { "series/" + kind.rawValue }

  public var kind: SeriesKind
  /// How far apart epochs were, in seconds.
  public var every: Int
  /// How many were not kept because there were too many.
  public var leftOut: Int
  /// By their parts.
  public var points: [SeriesPoint]

  public init(kind: SeriesKind, every: Int, leftOut: Int, points: [SeriesPoint]) {
    self.kind = kind
    self.every = every
    self.leftOut = leftOut
    self.points = points
  }
}
