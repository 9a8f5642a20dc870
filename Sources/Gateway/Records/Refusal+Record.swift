import HTTPServer
import Recording
import Wire

extension Refusal {
  /// It is about what was recorded: no other answer stands in for it.
  var isOfTheRecord: Bool { reason == GatewayProblem.notRecorded.reason || reason == GatewayProblem.recordUnreadable.reason }

  init(_ error: RecordError) {
    if case .gone = error { self.init(.notRecorded, error.sentence) } else { self.init(.recordUnreadable, error.sentence) }
  }
}
