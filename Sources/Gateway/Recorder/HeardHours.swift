import Recording
import Series
import Wire

/// The figures of hours that are not folded yet, as epochs brought them: whoever folds an hour need not read again what was just written.
struct HeardHours {
  /// An epoch that was kept, and its figures.
  struct Epoch: Sendable {
    let number: Int
    let at: Timestamp
    let sheets: [SeriesSheet]

    var points: Int { sheets.reduce(0) { $0 + $1.points.count } }
  }

  private struct Hour {
    var numbers: [Int] = []
    var last: Timestamp?
    var kinds: [SeriesKind: HourTracks] = [:]
    /// It was too much to be held: it is read when it is folded, and nothing more of it is taken up.
    var isGivenUp = false
  }

  /// Bytes that are held at most.
  static let most = 64 << 20
  /// The one that is under way, and the one before; others where the clock is wrong.
  private static let mostHours = 3

  private var hours: [Int: Hour] = [:]

  /// Bytes that are held.
  var bytes: Int { figures * MemoryLayout<SeriesCell?>.stride }

  private var figures: Int { hours.values.reduce(0) { $0 + $1.kinds.values.reduce(0) { $0 + $1.figures } } }

  mutating func take(_ epoch: Epoch, most: Int = HeardHours.most) {
    let place = epoch.at.hour
    var hour = hours.removeValue(forKey: place) ?? Hour()
    // What comes out of order would be read in order.
    guard hour.last.map({ $0 < epoch.at }) ?? true else { return }
    hour.last = epoch.at
    hour.numbers.append(epoch.number)
    if !hour.isGivenUp { for sheet in epoch.sheets { hour.kinds[sheet.kind, default: HourTracks()].take(sheet) } }
    hours[place] = hour
    if hours.count > HeardHours.mostHours, let oldest = hours.keys.min() { hours[oldest] = nil }
    if bytes > most { giveUp() }
  }

  private mutating func giveUp() {
    for hour in Array(hours.keys) {
      hours[hour]?.kinds = [:]
      hours[hour]?.isGivenUp = true
    }
  }

  /// What is known of an hour; nil where that is not all that a store has of it, for others may have written too.
  func whole(_ hour: Int, in store: any RecordStore) throws(RecordError) -> [SeriesKind: HourTracks]? {
    guard let known = hours[hour], !known.isGivenUp else { return nil }
    let end = Timestamp(hour: hour + 1) - Span(nanoseconds: 1)
    let kept = try store.epochs(since: Timestamp(hour: hour), until: end, most: .max)
    return kept.map(\.number) == known.numbers ? known.kinds : nil
  }

  mutating func forget(_ hour: Int) { hours[hour] = nil }
}
