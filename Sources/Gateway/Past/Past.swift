import Judgement
import Wire

/// Tells the checks of the time before.
protocol Past: Sendable {
  /// It reads the record: that takes a worker of its own, which waits for the disk.
  var readsRecord: Bool { get }
  /// Adds what is known of the time before to a system; for workers.
  func fill(_ system: inout JudgedSystem)
}
