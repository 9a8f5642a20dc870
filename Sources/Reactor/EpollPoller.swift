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
  private let round: Round

  /// - Parameters:
  ///   - turn: Called for each batch of events: `begin` once, then `event` for each, then `end`.
  ///   - doorbell: Rung where a block is queued while the poller waits.
  init(queue: DispatchQueue, doorbell: Doorbell, turn: PollerTurn) {
    epoll = cposix_epoll_create()
    precondition(epoll >= 0, "the system refuses an epoll set: \(SocketError.text(of: errno))")
    source = DispatchSource.makeReadSource(fileDescriptor: epoll, queue: queue)
    let round = Round(epoll, doorbell, turn)
    self.round = round
    let epoll = epoll
    _ = cposix_epoll_add(epoll, doorbell.fd, EpollPoller.bellToken, UInt32(cposix_readable))
    source.setEventHandler { @Sendable in
      guard let owner = turn.owner() else { return }
      defer { withExtendedLifetime(owner) {} }
      let end = MonotonicClock.now() + EpollPoller.longestStay
      while round.serve(waiting: true), MonotonicClock.now() < end {}
    }
    source.setCancelHandler { @Sendable in close(epoll) }
    source.activate()
  }

  /// Asks for events and serves them, a batch at a time.
  private final class Round: @unchecked Sendable {
    // Sendable by confinement: used on the shard's queue only, by one call at a time.
    private let epoll: Int32
    private let doorbell: Doorbell
    private let turn: PollerTurn
    private let events = UnsafeMutablePointer<cposix_event>.allocate(capacity: EpollPoller.eventsPerRound)

    init(_ epoll: Int32, _ doorbell: Doorbell, _ turn: PollerTurn) {
      self.epoll = epoll
      self.doorbell = doorbell
      self.turn = turn
    }

    deinit { events.deallocate() }

    /// False where the poller is to leave: there was nothing, or the doorbell was among it.
    func serve(waiting: Bool) -> Bool {
      let count = waiting ? wait() : take(0)
      guard count > 0 else { return false }
      var isRung = false
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
      return !isRung
    }

    private func wait() -> Int32 {
      guard doorbell.listen() else { return take(0) }
      defer { doorbell.leave() }
      return take(EpollPoller.patience)
    }

    private func take(_ patience: Int32) -> Int32 { cposix_epoll_wait(epoll, events, Int32(EpollPoller.eventsPerRound), patience) }
  }

  func serveReady() {
    var rounds = 0
    while rounds < EpollPoller.mostRounds, round.serve(waiting: false) { rounds += 1 }
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
