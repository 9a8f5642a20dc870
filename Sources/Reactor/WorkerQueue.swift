@preconcurrency import Dispatch
import Synchronization

/// A bounded number of threads for work that takes long or blocks (name resolution, password hashes, compression,
/// files), which must never run on a shard.
public final class WorkerQueue: Sendable {
  /// The process's worker queue.
  public static let shared = WorkerQueue(width: 8)

  fileprivate struct Backlog {
    var running = 0
    var waiting: [@Sendable () -> Void] = []
    var next = 0
  }

  private let width: Int
  private let threads = DispatchQueue(label: "natsight.workers", attributes: .concurrent)
  private let backlog = Mutex(Backlog())

  /// - Parameter width: How many pieces of work may run at the same time.
  public init(width: Int) { self.width = max(1, width) }

  /// Runs `body` on a worker, after what waits already where all workers are busy.
  public func run(_ body: @escaping @Sendable () -> Void) {
    let mayRun = backlog.withLock { backlog in
      guard backlog.running < width else {
        backlog.waiting.append(body)
        return false
      }
      backlog.running += 1
      return true
    }
    if mayRun { threads.async { self.work(body) } }
  }

  private func work(_ first: @escaping @Sendable () -> Void) {
    var body: (@Sendable () -> Void)? = first
    while let current = body {
      current()
      body = backlog.withLock { $0.take() }
    }
  }
}

extension WorkerQueue.Backlog {
  /// The next piece of work; nil gives the worker up.
  fileprivate mutating func take() -> (@Sendable () -> Void)? {
    guard next < waiting.count else {
      waiting.removeAll()
      next = 0
      running -= 1
      return nil
    }
    defer { next += 1 }
    if next > 1024 {
      waiting.removeFirst(next)
      next = 0
    }
    return waiting[next]
  }
}
