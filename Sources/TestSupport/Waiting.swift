import Glibc

/// What went wrong, in one sentence: fails a test when thrown out of it.
public struct TestFailure: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// Seconds on a clock that only goes forward.
public func monotonicSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Waits until the condition holds, looking every few milliseconds; blocks the thread.
/// - Parameter timeout: seconds; generous, because it is only waited out on failure.
/// - Throws: `TestFailure` naming `what` when the time has passed, and what the condition itself throws.
public func eventually(_ what: String = "the condition", timeout: Double = 30, _ condition: () throws -> Bool) throws {
  let deadline = monotonicSeconds() + timeout
  var pause: UInt32 = 1000
  while try !condition() {
    if monotonicSeconds() > deadline { throw TestFailure("not within \(timeout) s: \(what)") }
    usleep(pause)
    pause = min(pause * 2, 50_000)
  }
}

/// The same for asynchronous code: gives the thread back while it waits.
public func eventually(
  _ what: String = "the condition", timeout: Double = 30, _ condition: () async throws -> Bool
) async throws {
  let deadline = monotonicSeconds() + timeout
  var pause: UInt64 = 1_000_000
  while try await !condition() {
    if monotonicSeconds() > deadline { throw TestFailure("not within \(timeout) s: \(what)") }
    try await Task.sleep(nanoseconds: pause)
    pause = min(pause * 2, 50_000_000)
  }
}
