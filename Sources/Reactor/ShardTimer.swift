@preconcurrency import Dispatch

/// A timer on a shard's queue. It lives until it is cancelled or, for a single shot, has fired; letting go of it
/// does not end it.
public final class ShardTimer: @unchecked Sendable {
  // Sendable: the only stored property is a dispatch source, whose `cancel` may be called from anywhere.
  private let source: any DispatchSourceTimer

  init(shard: Shard, delay: Double, interval: Double?, _ body: @escaping @Sendable () -> Void) {
    source = ShardTimer.makeSource(shard.queue, delay: delay, interval: interval)
    let source = source
    source.setEventHandler { @Sendable in
      shard.beginTurn()
      body()
      shard.endTurn()
      if interval == nil { source.cancel() }
    }
    source.activate()
  }

  /// A timer that does not keep its shard alive.
  init(shard: Shard, delay: Double, interval: Double, weakly body: @escaping @Sendable (Shard) -> Void) {
    source = ShardTimer.makeSource(shard.queue, delay: delay, interval: interval)
    let source = source
    source.setEventHandler { @Sendable [weak shard] in
      guard let shard else { return source.cancel() }
      shard.beginTurn()
      body(shard)
      shard.endTurn()
    }
    source.activate()
  }

  private static func makeSource(_ queue: DispatchQueue, delay: Double, interval: Double?) -> any DispatchSourceTimer {
    let source = DispatchSource.makeTimerSource(queue: queue)
    let start = DispatchTime.now() + max(delay, 0)
    if let interval {
      source.schedule(deadline: start, repeating: interval, leeway: .milliseconds(2))
    } else {
      source.schedule(deadline: start, leeway: .milliseconds(1))
    }
    return source
  }

  /// Ends the timer. A handler that already waits on the queue may still run once.
  public func cancel() { source.cancel() }
}
