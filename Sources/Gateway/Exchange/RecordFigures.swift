import Judgement
import Wire

/// What recording has done so far, for `/servers` and `/metrics`.
struct RecordFigures: Sendable, Equatable {
  var epochs = 0
  /// Epochs that could not be kept.
  var failures = 0
  /// What they take in the record, and what their documents were.
  var bytes = 0
  var documentBytes = 0
  /// What it has asked the servers, part of what the gateway costs them: questions that left, replies with the bytes that they are unpacked,
  /// and from each question to its reply.
  var questions = 0
  var replies = 0
  var replyBytes = 0
  var waited = Span.zero
  /// Questions that did not have to leave: the server had just answered them for somebody else.
  var reused = 0
  /// The newest epoch that was kept.
  var last: RecordedMark?
  /// Why the last one was not kept; nil where it was.
  var failure: String?
  /// Since when none is kept.
  var failingSince: Timestamp?

  /// What keeps the gateway from recording; nil where nothing does.
  var trouble: RecordTrouble? { failure.map { RecordTrouble(sentence: $0, since: failingSince) } }
}
