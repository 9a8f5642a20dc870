import Judgement
import Recording
import Synchronization
import Wire

/// The time before a recorded moment, as the record has it.
final class RecordedPast: Past {
  private let store: any RecordStore
  private let moment: Timestamp
  private let earlier: EarlierSystem
  /// They are read once.
  private let trends = Mutex<Trends?>(nil)

  init(store: any RecordStore, moment: Timestamp) {
    self.store = store
    self.moment = moment
    earlier = EarlierSystem(store: store, until: moment)
  }

  var readsRecord: Bool { true }

  func fill(_ system: inout JudgedSystem) {
    system.before = earlier.read(moment)
    system.trends = trends.withLock { known in
      if let known { return known }
      let read = RecordedTrends.read(store, until: moment)
      known = read
      return read
    }
  }
}
