@preconcurrency import Dispatch
import Synchronization

/// A bounded number of threads, and of pieces of work that wait for them: for what takes long or blocks (password hashes,
/// compression, files), which must never run on a shard.
public final class WorkerQueue: Sendable {
  /// The process's worker queue. Nothing that waits for another machine belongs here: it has a queue of its own.
  public static let shared = WorkerQueue(width: 8)

  fileprivate struct Backlog {
    /// Workers without work, by index.
    var idle: [Int]
    var waiting: [@Sendable () -> Void] = []
    var next = 0
  }

  private let limit: Int
  // A serial queue each: Dispatch gives such a queue a thread whenever it has work, while the threads that it shares among all concurrent
  // queues are as few as there are cores, and those who block keep the others' work waiting for a second and more.
  private let workers: [DispatchQueue]
  private let backlog: Mutex<Backlog>

  /// - Parameters:
  ///   - width: How many pieces of work may run at the same time.
  ///   - limit: How many more may wait.
  public init(width: Int, limit: Int = 1024) {
    workers = (0..<max(1, width)).map { DispatchQueue(label: "natsight.worker.\($0)") }
    backlog = Mutex(Backlog(idle: Array(workers.indices.reversed())))
    self.limit = limit
  }

  /// Runs `body` on a worker, after what waits already where all workers are busy.
  ///
  /// - Returns: false where as much waits as may: `body` was not taken and never runs. The caller does without, does it itself
  ///   (which holds back whoever brings the work), or says that it cannot be done now.
  public func run(_ body: @escaping @Sendable () -> Void) -> Bool {
    let taken = backlog.withLock { backlog -> Taken in
      if let worker = backlog.idle.popLast() { return .starts(worker) }
      guard backlog.count < limit else { return .refused }
      backlog.waiting.append(body)
      return .waits
    }
    if case .starts(let worker) = taken { workers[worker].async { self.work(worker, body) } }
    return taken != .refused
  }

  private enum Taken: Equatable { case starts(Int), waits, refused }

  private func work(_ worker: Int, _ first: @escaping @Sendable () -> Void) {
    var body: (@Sendable () -> Void)? = first
    while let current = body {
      current()
      body = backlog.withLock { $0.take(worker) }
    }
  }
}

extension WorkerQueue.Backlog {
  /// Pieces of work that wait.
  fileprivate var count: Int { waiting.count - next }

  /// The next piece of work for a worker; nil makes it idle.
  fileprivate mutating func take(_ worker: Int) -> (@Sendable () -> Void)? {
    guard next < waiting.count else {
      waiting.removeAll()
      next = 0
      idle.append(worker)
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
