import DequeModule
import HTTPServer
import Reactor
import Recording
import SystemAPI
import SystemModel
import Wire

/// Takes the system as it is for whoever asks, one scope after the other; whoever asks for one that is being taken gets the same. Confined to
/// the gateway's shard.
final class EpochTakings: @unchecked Sendable {
  // Sendable by confinement to the shard, which every entry asserts.

  typealias Completion = (Result<RecordedMoment, Refusal>) -> Void

  /// Scopes that may wait for their turn.
  private static let mostWaiting = 16

  private struct Order {
    let scope: PathScope
    var completions: [Completion]
    let onProgress: (Int, Int) -> Void
  }

  private let means: EpochTaking.Means
  /// Adds to an epoch what a recorder adds: what was wrong.
  private let complete: (Epoch, @escaping (Epoch) -> Void) -> Void
  /// Opens an epoch, on a worker.
  private let open: @Sendable (Epoch) -> RecordedMoment?
  private let shard: Shard
  /// The first one is under way, or about to be.
  private var orders: Deque<Order> = []
  private var isUnderWay = false

  init(
    _ means: EpochTaking.Means, complete: @escaping (Epoch, @escaping (Epoch) -> Void) -> Void,
    open: @escaping @Sendable (Epoch) -> RecordedMoment?, shard: Shard
  ) {
    self.means = means
    self.complete = complete
    self.open = open
    self.shard = shard
  }

  /// - Parameter onProgress: Told how many questions have been answered, and how many there are so far; only of a scope that nobody takes yet.
  func take(_ scope: PathScope, onProgress: @escaping (Int, Int) -> Void = { _, _ in }, _ completion: @escaping Completion) {
    shard.assertCurrent()
    if let place = orders.firstIndex(where: { $0.scope == scope }) {
      orders[place].completions.append(completion)
      return
    }
    guard orders.count < EpochTakings.mostWaiting else {
      return completion(.failure(Refusal(.notAsked, "as many archives are being made as may be at once: ask again")))
    }
    orders.append(Order(scope: scope, completions: [completion], onProgress: onProgress))
    begin()
  }

  private func begin() {
    guard !isUnderWay, let order = orders.first else { return }
    isUnderWay = true
    let taking = EpochTaking(means, scope: order.scope, shard: shard) { [self] result in
      switch result {
      case .failure(let refusal): finish(.failure(refusal))
      case .success(let epoch): complete(epoch) { [self] in open($0) }
      }
    }
    taking.onProgress = order.onProgress
    taking.start()
  }

  private func open(_ epoch: Epoch) {
    let (open, shard) = (open, shard)
    let isTaken = RecordKeeper.workers.run { [self] in
      let moment = open(epoch)
      shard.run { [self] in
        finish(moment.map { .success($0) } ?? .failure(Refusal(.recordUnreadable, "what was read cannot be opened")))
      }
    }
    if !isTaken { finish(.failure(Refusal(.notAsked, "too much is being done at once: ask again"))) }
  }

  private func finish(_ result: Result<RecordedMoment, Refusal>) {
    guard let order = orders.popFirst() else { return }
    isUnderWay = false
    // One of them may order the next.
    for completion in order.completions { completion(result) }
    begin()
  }
}
