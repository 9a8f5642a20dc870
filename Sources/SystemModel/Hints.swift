import Wire

/// What is suspected of servers that never spoke: how many the others count, and which ids their links show.
public struct Hints: Sendable, Equatable {
  /// Whether the servers can tell of their links.
  enum Links: Sendable, Equatable {
    /// Nobody was asked yet.
    case unknown
    case told
    /// Nobody who was asked could tell.
    case untold
  }

  /// Ids that links show and that were not heard when they were told of.
  var sighted: [Sighting] = []
  var links = Links.unknown
  /// A question about links is on its way.
  var isAsking = false
  var askedAt: MonotonicTime?
  /// The surplus for which links were last asked.
  var askedFor = 0
  /// The largest `active_servers` of a server that is waited for, and the row that said it; nil = to be looked for anew.
  var largest: (count: Int, row: Int)? = (0, -1)

  public static func == (left: Hints, right: Hints) -> Bool {
    left.sighted == right.sighted && left.links == right.links && left.isAsking == right.isAsking && left.askedAt == right.askedAt
      && left.askedFor == right.askedFor && left.largest?.count == right.largest?.count && left.largest?.row == right.largest?.row
  }
}
