import NATSClient
import Reactor
import Wire

/// What all runs share: opening connections, giving up when nothing moves, and the one result.
///
/// Confined to the queue of its shard; ``start(_:)`` is the one way in.
class LoadRun: @unchecked Sendable {  // state is touched on `shard.queue` only
  let options: LoadOptions
  let shard = Shard(label: "bench")
  var report = LoadReport()
  var connections: [LoadConnection] = []
  private var began = MonotonicTime.origin
  private var lastProgress = MonotonicTime.origin
  private var watchdog: ShardTimer?
  private var continuation: CheckedContinuation<LoadReport, any Error>?

  init(_ options: LoadOptions) { self.options = options }

  /// Carries the run out.
  /// - Throws: `LoadFailure`, and what reading credentials throws.
  final func result() async throws -> LoadReport {
    try options.validate()
    return try await withCheckedThrowingContinuation { continuation in
      shard.run {
        self.continuation = continuation
        self.progress()
        self.watchdog = self.shard.every(1) { self.checkProgress() }
        self.begin()
      }
    }
  }

  /// Opens the connections that the run needs; on the shard.
  func begin() {}

  /// Nothing has moved for ``LoadOptions/patience`` seconds: a run that can still report does, others fail.
  func giveUp() { fail("nothing has moved for \(options.patience) s") }

  final func progress() { lastProgress = MonotonicClock.now() }

  final func startClock() { began = MonotonicClock.now() }

  /// The report with the time so far.
  final func elapsed() -> LoadReport {
    var timed = report
    timed.seconds = (MonotonicClock.now() - began).seconds
    return timed
  }

  final func finish() { finish(with: elapsed()) }

  final func finish(with report: LoadReport) { end(.success(report)) }

  final func fail(_ reason: String) { end(.failure(LoadFailure(reason))) }

  /// Opens `count` connections, at most 64 at a time, and calls back for each when it is confirmed.
  final func open(_ count: Int, _ ready: @escaping (LoadConnection, _ index: Int) -> Void) {
    var next = 0
    func openOne() {
      guard next < count, continuation != nil else { return }
      let index = next
      next += 1
      let asked = MonotonicClock.now()
      connect { connection in
        connection.onReady = {
          self.progress()
          self.report.latency.record(MonotonicClock.now() - asked)
          ready(connection, index)
          openOne()
        }
      }
    }
    for _ in 0..<min(64, count) { openOne() }
  }

  private func connect(_ prepare: @escaping (LoadConnection) -> Void) {
    let handOver = ShardBound(shard, prepare)
    Connector.connect(host: options.server.host, port: options.server.port, timeout: 10, shard: shard) { result in
      switch result {
      case .failure(let error): self.fail("\(error)")
      case .success(let socket):
        let connection = LoadConnection(socket, self.options)
        connection.onFailure = { self.fail($0) }
        self.connections.append(connection)
        handOver.call(connection)
        connection.start()
      }
    }
  }

  private func checkProgress() {
    guard MonotonicClock.now() - lastProgress > .seconds(options.patience) else { return }
    giveUp()
  }

  private func end(_ result: Result<LoadReport, any Error>) {
    guard let continuation else { return }
    self.continuation = nil
    watchdog?.cancel()
    for connection in connections { connection.close() }
    continuation.resume(with: result)
  }
}
