import HTTPServer
import Recording
import Wire

extension Refusal {
  /// It is about what was recorded: no other answer stands in for it.
  var isOfTheRecord: Bool { reason == GatewayProblem.notRecorded.reason || reason == GatewayProblem.recordUnreadable.reason }

  init(_ error: RecordError) {
    if case .gone = error { self.init(.notRecorded, error.sentence) } else { self.init(.recordUnreadable, error.sentence) }
  }

  /// Nothing was recorded in a span.
  static func notRecorded(since: Timestamp, until: Timestamp, _ extent: RecordExtent?) -> Refusal {
    let span = "\(since.rfc3339) to \(until.rfc3339)"
    guard let extent else { return Refusal(.notRecorded, "nothing was recorded from \(span): nothing is kept") }
    return Refusal(
      .notRecorded,
      "nothing was recorded from \(span): \(extent.epochs) epochs are kept, from \(extent.oldest.rfc3339) to \(extent.newest.rfc3339)")
  }
}
