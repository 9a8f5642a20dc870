import DequeModule
@preconcurrency import Dispatch
import Gateway
import Reactor
import Recording
import Synchronization
import Wire

/// Plays a system into a store, in virtual time: epochs are judged, kept and folded as a gateway's recorder does it.
///
/// Two things go beside each other, on two processors: the next epoch is made while one is kept. In the hours in which nothing happens an epoch
/// an hour is judged, the others are kept as a gateway keeps them that has no time to judge: judging takes most of what recording does.
package final class Player {
  /// Why an hour could not be folded, the first time.
  private final class Failure: Sendable {
    let error = Mutex<RecordError?>(nil)
  }

  /// An epoch that is made while the one before it is kept.
  private final class Next: Sendable {
    private let epoch = Mutex<EpochWithSeries?>(nil)
    private let isMade = DispatchSemaphore(value: 0)

    init(_ number: Int, _ every: Int, _ system: PlayedSystem, on queue: DispatchQueue) {
      queue.async { [self] in
        let made = EpochWithSeries(system.epoch(number, every: every), every: every)
        epoch.withLock { $0 = made }
        isMade.signal()
      }
    }

    /// Called once.
    func wait() -> EpochWithSeries? {
      isMade.wait()
      return epoch.withLock { $0.take() }
    }
  }

  /// Epochs that are made while one is kept.
  private static let ahead = 2
  /// Epochs that are folded together at most.
  private static let portion = 16

  private let completion: EpochCompletion
  private let writer: EpochWriter
  private let making = DispatchQueue(label: "play.make", attributes: .concurrent)
  private let storing = DispatchQueue(label: "play.store")
  private let folding = DispatchQueue(label: "play.fold")
  private let failure = Failure()
  /// When epochs were kept that nobody has folded.
  private var unfolded: [Timestamp] = []

  package init(_ store: any RecordStore) {
    completion = EpochCompletion(store, shard: Shard(label: "play"))
    writer = EpochWriter(store, queue: storing, foldingQueue: folding)
  }

  /// - Parameters:
  ///   - epochs: Intervals' numbers since 1970.
  ///   - every: An interval's length, seconds.
  package func play(_ system: PlayedSystem, _ epochs: Range<Int>, every: Int) throws {
    guard let first = epochs.first else { return }
    // No more hours at a time than are folded at a time.
    let portion = min(Player.portion, max(1, 3600 / every))
    var next = Deque((first..<min(first + Player.ahead, epochs.upperBound)).map { Next($0, every, system, on: making) })
    for number in epochs {
      guard var made = next.popFirst()?.wait() else { return }
      if number + Player.ahead < epochs.upperBound { next.append(Next(number + Player.ahead, every, system, on: making)) }
      let isJudged = system.isEventful(number, every: every) || number * every % 3600 < every
      if isJudged { made.epoch = completion.completed(made.epoch) }
      let epoch = made
      _ = try storing.sync { [writer] in try writer.write(epoch, oldest: .zero, bytes: .max) }
      unfolded.append(epoch.epoch.header.at)
      if unfolded.count == portion { fold() }
    }
    fold()
    folding.sync {}
    if let error = failure.error.withLock({ $0 }) { throw error }
  }

  /// Beside the epochs that follow, as a recorder does; but these go by faster, and it stays no more than a portion behind.
  private func fold() {
    let times = unfolded
    unfolded.removeAll()
    folding.sync {}
    folding.async { [writer, failure] in
      do throws(RecordError) { try writer.fold(times) } catch { failure.error.withLock { $0 = $0 ?? error } }
    }
  }
}
