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
  /// Rounds in which `serveReady` serves what is ready, before it lets others have their turn.
  private static let mostRounds = 8
  /// No connection has this token: its generation would have to be the last one.
  private static let bellToken = UInt64.max

  private let epoll: Int32
  private let source: any DispatchSourceRead
  private let doorbell: Doorbell
  private let turn: PollerTurn
  /// Touched on the shard's queue only, by one call at a time.
  private let events: UnsafeMutablePointer<cposix_event>

  /// - Parameters:
  ///   - turn: Called for each batch of events: `begin` once, then `event` for each, then `end`.
  ///   - doorbell: Rung where a block is queued while the poller waits.
  init(queue: DispatchQueue, doorbell: Doorbell, turn: PollerTurn) {
    epoll = cposix_epoll_create()
    precondition(epoll >= 0, "the system refuses an epoll set: \(SocketError.text(of: errno))")
    source = DispatchSource.makeReadSource(fileDescriptor: epoll, queue: queue)
    self.doorbell = doorbell
    self.turn = turn
    let epoll = epoll
    events = UnsafeMutablePointer<cposix_event>.allocate(capacity: EpollPoller.eventsPerRound)
    nonisolated(unsafe) let events = events
    _ = cposix_epoll_add(epoll, doorbell.fd, EpollPoller.bellToken, UInt32(cposix_readable))
    source.setEventHandler { @Sendable in
      guard let owner = turn.owner() else { return }
      defer { withExtendedLifetime(owner) {} }
      let end = MonotonicClock.now() + EpollPoller.longestStay
      var isRung = false
      while !isRung {
        let count = EpollPoller.wait(epoll, events, doorbell)
        guard count > 0 else { break }
        isRung = EpollPoller.serve(events, count, doorbell, turn)
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

  /// Whether the doorbell was among the events.
  private static func serve(_ events: UnsafeMutablePointer<cposix_event>, _ count: Int32, _ doorbell: Doorbell, _ turn: PollerTurn) -> Bool
  {
    var isRung = false
    turn.begin()
    for index in 0..<Int(count) {
      if events[index].token == bellToken {
        doorbell.silence()
        isRung = true
      } else {
        turn.event(events[index].token, Readiness(rawValue: events[index].flags))
      }
    }
    turn.end()
    return isRung
  }

  func serveReady() {
    guard let owner = turn.owner() else { return }
    defer { withExtendedLifetime(owner) {} }
    for _ in 0..<EpollPoller.mostRounds {
      let count = cposix_epoll_wait(epoll, events, Int32(EpollPoller.eventsPerRound), 0)
      guard count > 0, !EpollPoller.serve(events, count, doorbell, turn) else { return }
    }
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
