import HTTPServer
import Judgement
import Reactor
import Recording
import SystemAPI
import SystemModel
import Wire

/// Opens recorded moments, and keeps the last ones open. Confined to the gateway's shard.
final class Moments: @unchecked Sendable {
  // Sendable by confinement: what is open is touched on the shard only.

  /// Moments that are kept open; each holds those of its documents that were asked for.
  private static let mostOpen = 4

  private let shard: Shard
  private let keeper: RecordKeeper
  private let planner: RequestPlanner
  private let limits: Limits
  private let thresholds: Thresholds
  private let settings: MomentSettings
  /// The one that was asked for last stands last.
  private var open: [RecordedMoment] = []

  init(
    _ keeper: RecordKeeper, planner: RequestPlanner, limits: Limits, thresholds: Thresholds, settings: MomentSettings, shard: Shard
  ) {
    self.shard = shard
    self.keeper = keeper
    self.planner = planner
    self.limits = limits
    self.thresholds = thresholds
    self.settings = settings
  }

  /// Finds the newest epoch that is not younger than a moment, and opens it.
  func open(_ asked: EarlierMoment, _ completion: @escaping (Result<RecordedMoment, Refusal>) -> Void) {
    shard.assertCurrent()
    let time: Timestamp?
    do throws(Refusal) {
      time = try asked.moment(now: WallClock.now())
    } catch {
      return completion(.failure(error))
    }
    let known = Dictionary(open.map { ($0.mark.epoch, $0) }) { first, _ in first }
    let (limits, thresholds, planner, settings, shard) = (limits, thresholds, planner, settings, shard)
    keeper.read({ store throws(RecordError) -> Found in
      guard let header = try Moments.header(asked, time, store) else { return .absent(try store.extent()) }
      if let moment = known[header.number] { return .moment(moment) }
      guard let kept = RecordedBeliefs(try store.beliefs(ofEpoch: header.number)) else {
        throw .damaged(path: "", reason: "what was believed at epoch \(header.number) cannot be read")
      }
      let source = RecordedSource(kept, EpochDocuments(header, store: store, holdings: kept.holdings), limits: limits, shard: shard)
      let past = RecordedPast(store: store, moment: header.at)
      let findings = EpochChronicle.Before(after: header, store)?.findings
      return .moment(
        RecordedMoment(source, planner: planner, thresholds: thresholds, past: past, kept: findings, settings: settings))
    }) { [self] result in
      switch result {
      case .failure(let error): completion(.failure(Refusal(error)))
      case .success(.absent(let extent)): completion(.failure(Moments.notKept(asked, time, extent)))
      case .success(.moment(let moment)): completion(.success(keepOpen(moment)))
      }
    }
  }

  private enum Found: Sendable {
    case moment(RecordedMoment)
    case absent(RecordExtent?)
  }

  private static func header(_ asked: EarlierMoment, _ time: Timestamp?, _ store: any RecordStore) throws(RecordError) -> EpochHeader? {
    if case .epoch(let number) = asked { return try store.epoch(number: number) }
    return try time.flatMap { time throws(RecordError) in try store.epoch(at: time) }
  }

  private func keepOpen(_ moment: RecordedMoment) -> RecordedMoment {
    if let place = open.firstIndex(where: { $0.mark == moment.mark }) {
      let known = open.remove(at: place)
      open.append(known)
      return known
    }
    open.append(moment)
    if open.count > Moments.mostOpen { open.removeFirst() }
    return moment
  }

  private static func notKept(_ asked: EarlierMoment, _ time: Timestamp?, _ extent: RecordExtent?) -> Refusal {
    let what = if case .epoch(let number) = asked { "epoch \(number)" } else { time?.rfc3339 ?? "that moment" }
    guard let extent else { return Refusal(.notRecorded, "\(what) was not recorded: nothing is kept") }
    return Refusal(
      .notRecorded, "\(what) was not recorded: \(extent.epochs) epochs are kept, from \(extent.oldest.rfc3339) to \(extent.newest.rfc3339)")
  }
}
