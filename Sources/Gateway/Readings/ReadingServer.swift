import SystemAPI
import Wire

/// A server that told of rows of a reading.
struct ReadingServer: Sendable, Equatable {
  let id: String
  let name: String
  let cluster: String
  /// When its answer was made, by its own clock, in seconds since 1970; nil where it does not say.
  let time: Double?
  /// Rows that it has; more than were read where it told of the first so many.
  let total: Int

  /// - Parameter rows: Those it told of.
  init(_ reply: MetricReply, rows: Int) {
    (id, name, cluster) = (reply.id, reply.name, reply.cluster)
    time = reply.document.time("now") ?? reply.time
    total = reply.document["total"]?.int.map(Tally.bounded) ?? rows
  }
}

extension Sequence<ReadingServer> {
  /// Rows that servers have: more than were read where one told of the first so many.
  var total: Int { reduce(0) { Tally.sum($0, $1.total) } }
}
