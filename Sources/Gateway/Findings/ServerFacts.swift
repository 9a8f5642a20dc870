import SystemModel
import Wire

/// What the judge is told of a server besides its documents: what was heard of it within the time that is judged.
struct ServerFacts: Sendable, Equatable {
  /// Slow consumers cut off; nil where that is not known.
  var slowConsumers: UInt64?
  /// The first client of those that is known by name.
  var slowClient = ""
  var refusedLogins = 0
  /// By how much its clock is ahead of the gateway's; nil where that is not known.
  var clockDifference: Span?
}

/// Tells what was heard of servers. Confined to the gateway's shard.
protocol ServerFactsReader: Sendable {
  /// How far back it tells, where that cannot be chosen; nil where it can.
  var window: Span? { get }
  /// By the server's id; who is not among them was heard nothing of.
  ///
  /// - Parameter since: The beginning of what is judged.
  func facts(since: Timestamp) -> [ServerID: ServerFacts]
  /// What keeps the gateway itself from recording; nil where nothing does, and for an earlier moment.
  var recordTrouble: RecordTrouble? { get }
}
