import CPosix
@preconcurrency import Dispatch
import Glibc
import Wire

/// A private epoll set whose own descriptor is watched by a single dispatch source, so that what Dispatch
/// costs is paid for a batch of events and not for each.
final class EpollPoller: Poller {
  /// How long one call from Dispatch may go on, so that timers of the queue are late by no more than this.
  private static let longestStay = Span.milliseconds(4)
  /// How long it waits for the next event before it goes back to Dispatch, in milliseconds.
  private static let patience: Int32 = 1
  private static let eventsPerRound = 64
  /// No connection has this token: its generation would have to be the last one.
  private static let bellToken = UInt64.max

  private let epoll: Int32
  private let source: any DispatchSourceRead

  /// - Parameters:
  ///   - turn: Called for each batch of events: `begin` once, then `event` for each, then `end`.
  ///   - doorbell: Rung where a block is queued while the poller waits.
  init(queue: DispatchQueue, doorbell: Doorbell, turn: PollerTurn) {
    epoll = cposix_epoll_create()
    precondition(epoll >= 0, "the system refuses an epoll set: \(SocketError.text(of: errno))")
    source = DispatchSource.makeReadSource(fileDescriptor: epoll, queue: queue)
    let epoll = epoll
    // Touched by the handlers only, which run on the shard's queue one after the other.
    nonisolated(unsafe) let events = UnsafeMutablePointer<cposix_event>.allocate(capacity: EpollPoller.eventsPerRound)
    _ = cposix_epoll_add(epoll, doorbell.fd, EpollPoller.bellToken, UInt32(cposix_readable))
    source.setEventHandler { @Sendable in
      guard let owner = turn.owner() else { return }
      defer { withExtendedLifetime(owner) {} }
      let end = MonotonicClock.now() + EpollPoller.longestStay
      var isRung = false
      while !isRung {
        let count = EpollPoller.wait(epoll, events, doorbell)
        guard count > 0 else { break }
        turn.begin()
        for index in 0..<Int(count) {
          if events[index].token == EpollPoller.bellToken {
            doorbell.silence()
            isRung = true
          } else {
            turn.event(events[index].token, Readiness(rawValue: events[index].flags))
          }
        }
        turn.end()
        if MonotonicClock.now() >= end { break }
      }
    }
    source.setCancelHandler { @Sendable in
      close(epoll)
      events.deallocate()
    }
    source.activate()
  }

  private static func wait(_ epoll: Int32, _ events: UnsafeMutablePointer<cposix_event>, _ doorbell: Doorbell) -> Int32 {
    guard doorbell.listen() else { return cposix_epoll_wait(epoll, events, Int32(eventsPerRound), 0) }
    defer { doorbell.leave() }
    return cposix_epoll_wait(epoll, events, Int32(eventsPerRound), patience)
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
