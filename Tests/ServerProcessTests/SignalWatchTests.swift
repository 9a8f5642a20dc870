import Dispatch
import Glibc
import ServerProcess
import Testing

@Suite struct SignalWatchTests {
  /// Also by a second watch for the same signal. It is one that ends nobody who does not listen.
  @Test func whatArrivesAfterwardsIsHeard() {
    for round in 0..<50 {
      let watch = SignalWatch(label: "test")
      let heard = DispatchSemaphore(value: 0)
      watch.on(SIGWINCH) { heard.signal() }
      kill(getpid(), SIGWINCH)
      guard heard.wait(timeout: .now() + 20) == .success else {
        Issue.record("not heard in round \(round)")
        return
      }
      watch.cancel()
    }
  }
}
