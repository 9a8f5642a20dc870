import CPosix
@preconcurrency import Dispatch
import Glibc

/// A private epoll set whose own descriptor is watched by a single dispatch source, so that what Dispatch
/// costs is paid for a batch of events and not for each.
final class EpollPoller: Poller {
  /// Rounds of `epoll_wait` in one turn: bounded, so that blocks waiting on the queue get theirs.
  private static let roundsPerTurn = 64
  private static let eventsPerRound = 64

  private let epoll: Int32
  private let source: any DispatchSourceRead

  /// - Parameters:
  ///   - turn: Called for each batch of events: `begin` once, then `event` for each, then `end`.
  init(queue: DispatchQueue, turn: PollerTurn) {
    epoll = cposix_epoll_create()
    precondition(epoll >= 0, "the system refuses an epoll set: \(SocketError.text(of: errno))")
    source = DispatchSource.makeReadSource(fileDescriptor: epoll, queue: queue)
    let epoll = epoll
    // Touched by the handlers only, which run on the shard's queue one after the other.
    nonisolated(unsafe) let events = UnsafeMutablePointer<cposix_event>.allocate(capacity: EpollPoller.eventsPerRound)
    source.setEventHandler { @Sendable in
      guard let owner = turn.owner() else { return }
      defer { withExtendedLifetime(owner) {} }
      // Until nothing is ready: what arrives meanwhile is then served without another wake-up through Dispatch.
      for _ in 0..<EpollPoller.roundsPerTurn {
        let count = cposix_epoll_wait(epoll, events, Int32(EpollPoller.eventsPerRound), 0)
        guard count > 0 else { break }
        turn.begin()
        for index in 0..<Int(count) {
          turn.event(events[index].token, Readiness(rawValue: events[index].flags))
        }
        turn.end()
      }
    }
    source.setCancelHandler { @Sendable in
      close(epoll)
      events.deallocate()
    }
    source.activate()
  }

  func add(_ fd: Int32, token: UInt64) {
    _ = cposix_epoll_add(epoll, fd, token, UInt32(cposix_readable))
  }

  func modify(_ fd: Int32, token: UInt64, wanted: Readiness) {
    _ = cposix_epoll_modify(epoll, fd, token, wanted.rawValue)
  }

  func removeAndClose(_ fd: Int32, token: UInt64) {
    close(fd)
  }

  func stop() { source.cancel() }
}
