import HTTPServer
import Logging
import Reactor
import Synchronization
import Wire

/// The requests in the log: each at debug. Of those that fail on this side one line when a kind of failure begins, and one when it has
/// ended, with the count: what happens to the servers meanwhile has lines of its own.
final class FailureLog: Sendable {
  /// Seconds without one more after which a kind of failure has ended.
  static let calm = 60.0

  private struct Kind {
    var count = 0
    let began: MonotonicTime
    var last: MonotonicTime
  }

  private let log: Logger
  private let open = Mutex<[Int: Kind]>([:])

  init(_ log: Logger) { self.log = log }

  @Sendable func observe(_ exchange: HTTPExchange) {
    // Probes ask whether it is ready; that it is not, and why, is told by what keeps it from being.
    let isFailure = exchange.status >= 500 && exchange.request.head.rawPath != "/readyz"
    let isFirst = isFailure && note(exchange.status, now: MonotonicClock.now())
    let level: Logger.Level = isFirst ? .info : .debug
    guard level >= log.logLevel else { return }
    let request = exchange.request
    var metadata: Logger.Metadata = [
      "request": "\(request.idText)", "peer": "\(request.peer.host)", "status": "\(exchange.status)", "bytes": "\(exchange.bodyBytes)",
      "milliseconds": "\(exchange.duration.milliseconds)",
    ]
    if isFirst { metadata["more"] = "counted, and told once there are none for a minute" }
    log.log(level: level, "\(request.method) \(request.head.target)", metadata: metadata)
  }

  /// Counts a failure; true for the first of its kind.
  func note(_ status: Int, now: MonotonicTime) -> Bool {
    open.withLock { open in
      var kind = open[status] ?? Kind(began: now, last: now)
      kind.count += 1
      kind.last = now
      open[status] = kind
      return kind.count == 1
    }
  }

  /// Tells of the kinds that have ended.
  func settle(now: MonotonicTime = MonotonicClock.now()) {
    for (status, count, span) in ended(now: now) {
      log.info(
        "no more answers with status \(status)",
        metadata: ["count": "\(count)", "within": "\(DurationText.go(span.nanoseconds))"])
    }
  }

  /// Takes out the kinds that have had no failure for `calm`: each with how many there were, from the first to the last.
  func ended(now: MonotonicTime) -> [(status: Int, count: Int, span: Span)] {
    open.withLock { open in
      let over = open.filter { now - $0.value.last >= .seconds(FailureLog.calm) }
      for status in over.keys { open[status] = nil }
      return over.sorted { $0.key < $1.key }.map { ($0.key, $0.value.count, $0.value.last - $0.value.began) }
    }
  }
}
