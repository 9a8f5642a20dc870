import Judgement
import Recorded
import SystemModel
import Wire

/// What an epoch holds besides documents: what was believed, by which connection, and what was heard of each server.
struct RecordedBeliefs: Sendable, Equatable {
  var system: SystemRecord
  /// The name of the server that the gateway was connected to, its URL without credentials, and how often it had changed.
  var server = ""
  var url = ""
  var reconnects = 0
  /// How far back what was heard of servers goes; nil where that was not kept.
  var window: Span?
  /// Since when events had been heard without a break; nil where that was not kept.
  var heardSince: Timestamp?
  /// By the server's id.
  var facts: [ServerID: ServerFacts] = [:]
  /// With which options the documents were asked for, where another tool did.
  var holdings = Holdings.full
}
