import Judgement
import Recording
import Synchronization
import Wire

/// What is remembered of a system that is looked at again and again: its figures, and the last look but one, or what the record has of it.
final class LivingPast: Past {
  /// Reads the epoch before; nil where nothing is recorded.
  private let earlier: EarlierSystem?
  private let state = Mutex(State())

  private struct State {
    var trends = Trends()
    /// The look to compare with, and the one that will be it.
    var before: JudgedSystem.Before?
    var next: JudgedSystem.Before?
    /// The looks until it is known what the record has of the time before; nil from then on.
    var early: [Trends]?
  }

  /// How far apart two looks are at least that are compared. Looks by the minute are a little less.
  private static let apart = Span.seconds(45)
  /// What is older tells of nothing that has just changed.
  private static let oldest = EarlierSystem.oldest
  /// Bytes of a look's documents: what is larger is not held.
  private static let mostBytes = 32 << 20

  /// Looks that may come while a record is read.
  private static let mostEarly = 3

  /// - Parameter begins: ``begin(_:until:)`` is going to be called.
  init(earlier: EarlierSystem?, begins: Bool = false) {
    self.earlier = earlier
    if begins { state.withLock { $0.early = [] } }
  }

  var readsRecord: Bool { earlier != nil }

  func fill(_ system: inout JudgedSystem) {
    let recorded = earlier?.read(system.now)
    // Copied out of the lock: others look at the same time.
    system = state.withLock { [system] state in
      var system = system
      state.trends.take(system)
      if state.early != nil { LivingPast.hold(system, &state) }
      system.trends = state.trends
      system.before = recorded ?? LivingPast.before(system, &state)
      return system
    }
  }

  /// The look to compare with. Where there is a record it is not needed, and not held.
  private static func before(_ system: JudgedSystem, _ state: inout State) -> JudgedSystem.Before? {
    guard !system.documents.isEmpty else { return nil }
    if state.next.map({ system.now - $0.at >= apart }) ?? true, system.documentBytes <= mostBytes {
      (state.before, state.next) = (state.next, JudgedSystem.Before(system))
    }
    return state.before.flatMap { system.now > $0.at && system.now - $0.at <= oldest ? $0 : nil }
  }

  /// Takes up a look that the record may have to go before.
  private static func hold(_ system: JudgedSystem, _ state: inout State) {
    var look = Trends()
    look.take(system)
    state.early = ((state.early ?? []) + [look]).suffix(mostEarly)
  }

  /// Begins with the figures that a record has of the time until now; what was seen since it is read comes behind them. For workers.
  func begin(_ store: any RecordStore, until now: Timestamp) {
    let trends = RecordedTrends.read(store, until: now)
    state.withLock { state in
      let early = state.early ?? []
      state.early = nil
      guard !trends.isEmpty else { return }
      state.trends = trends
      for look in early { state.trends.take(look: look) }
    }
  }
}
