import Wire

/// What recording has done so far, for `/servers` and `/metrics`.
struct RecordFigures: Sendable, Equatable {
  var epochs = 0
  /// Epochs that could not be kept.
  var failures = 0
  /// What they take in the record, and what their documents were.
  var bytes = 0
  var documentBytes = 0
  /// The newest epoch that was kept.
  var last: RecordedMark?
  /// Why the last one was not kept; nil where it was.
  var failure: String?
}
