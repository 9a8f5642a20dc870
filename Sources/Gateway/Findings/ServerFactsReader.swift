import Judgement
import SystemModel
import Wire

/// Tells what was heard of servers. Confined to the gateway's shard.
protocol ServerFactsReader: Sendable {
  /// How far back it tells, where that cannot be chosen; nil where it can.
  var window: Span? { get }
  /// Since when events are heard without a break; nil where that is not known of a recorded moment.
  var heardSince: Timestamp? { get }
  /// By the server's id; who is not among them was heard nothing of.
  ///
  /// - Parameter since: The beginning of what is judged.
  func facts(since: Timestamp) -> [ServerID: ServerFacts]
  /// What keeps the gateway itself from recording; nil where nothing does, and for an earlier moment.
  var recordTrouble: RecordTrouble? { get }
  /// Receivers of news that get none; none for an earlier moment.
  var notifyTroubles: [NotifyTrouble] { get }
  /// Keeps in mind what servers tell of streams; nil for an earlier moment.
  var streams: StreamMemory? { get }
}
