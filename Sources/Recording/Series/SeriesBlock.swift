/// What one thing's figures were within one hour. What the bytes say is its writer's business; the store packs them.
public struct SeriesBlock: Sendable, Equatable {
  /// Which block it is.
  public struct Key: Sendable, Hashable {
    /// Whole hours since 1970.
    public var hour: Int
    /// What kind of thing it is about.
    public var kind: String
    /// The thing, by what tells it apart from others of its kind.
    public var entity: String

    public init(hour: Int, kind: String, entity: String) {
      self.hour = hour
      self.kind = kind
      self.entity = entity
    }
  }

  /// The largest block, in bytes. Larger ones are not kept.
  public static let largest = 4 << 20

  /// One of so many parts of what a record may take is theirs, where they reach further back than epochs.
  static let share = 4

  public var key: Key
  public var bytes: [UInt8]

  public init(_ key: Key, bytes: [UInt8]) {
    self.key = key
    self.bytes = bytes
  }
}

/// Which things of a kind are meant.
public enum SeriesEntities: Sendable, Equatable {
  case all
  case these([String])
  /// Those whose names begin with this.
  case beginning(String)

  package func includes(_ entity: String) -> Bool {
    switch self {
    case .all: true
    case .these(let entities): entities.contains(entity)
    case .beginning(let prefix): entity.utf8.starts(with: prefix.utf8)
    }
  }
}
