import HTTPServer
import SystemAPI
import Wire

extension EarlierMoment {
  /// The time that is meant; nil for an epoch.
  ///
  /// - Throws: 400 for a time that has not come yet.
  func moment(now: Timestamp) throws(Refusal) -> Timestamp? {
    switch self {
    case .epoch: return nil
    case .ago(let span): return now - span
    case .time(let time):
      // Clocks differ a little.
      guard time <= now + .seconds(2) else {
        throw Refusal(.badParameter, "at=\(time.rfc3339) has not come yet: it is \(now.rfc3339)")
      }
      return time
    }
  }
}
