@preconcurrency import Dispatch
import Glibc
import Wire

/// A serial queue with its own set of watched sockets, their connections and their deadlines.
///
/// A connection belongs to one shard for its life, and all of its state is touched on that shard's queue
/// only. What crosses shards is a block (`run`).
public final class Shard: @unchecked Sendable {
  // Sendable by confinement: every stored property below `queue` is touched on `queue` only; `assertCurrent`
  // stands at the entries.

  /// The queue on which everything of this shard happens.
  public let queue: DispatchQueue

  /// How often deadlines are looked at, in seconds, where nobody needs it finer: the precision of `Connection.deadline`.
  public static let sweepInterval = 0.05

  private let key = DispatchSpecificKey<Bool>()
  private let doorbell = Doorbell()
  private var poller: (any Poller)?
  private var connections: [Slot] = []
  private var free: [Int] = []
  private var dirty: [Connection] = []
  private var flushScheduled = false
  private var inTurn = false
  private var sweeper: ShardTimer?
  private var grains: [ObjectIdentifier: Double] = [:]
  /// How often this shard looks at deadlines, in seconds.
  public private(set) var grain = Shard.sweepInterval

  /// The buffer that every read of this shard goes through; what a handler does not use at once it keeps itself.
  let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)

  /// Where TLS puts what it has decrypted; like `readBuffer` it is valid during one delivery.
  var plainBuffer: UnsafeMutableRawBufferPointer {
    if let plainStorage { return plainStorage }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    plainStorage = buffer
    return buffer
  }
  private var plainStorage: UnsafeMutableRawBufferPointer?

  /// The monotonic clock as it was when this turn of the queue began.
  public private(set) var now: MonotonicTime = MonotonicClock.now()

  private struct Slot {
    var connection: Connection?
    var generation: UInt32
  }

  /// - Parameters:
  ///   - label: The queue's label, for debuggers.
  ///   - poller: How sockets are watched.
  public init(label: String, poller kind: PollerKind = .epoll) {
    queue = DispatchQueue(label: label)
    queue.setSpecific(key: key, value: true)
    let turn = PollerTurn(
      owner: { [weak self] in self },
      begin: { [unowned self] in beginTurn() },
      event: { [unowned self] token, readiness in dispatch(token, readiness) },
      end: { [unowned self] in endTurn() })
    switch kind {
    case .epoll: poller = EpollPoller(queue: queue, doorbell: doorbell, turn: turn)
    case .dispatchSources: poller = DispatchPoller(queue: queue, turn: turn)
    }
  }

  deinit {
    poller?.stop()
    readBuffer.deallocate()
    plainStorage?.deallocate()
  }

  /// Runs `body` on the shard's queue, after what already waits there.
  public func run(_ body: @escaping @Sendable () -> Void) {
    doorbell.announce()
    queue.async { [self] in
      doorbell.answered()
      beginTurn()
      body()
      endTurn()
    }
    doorbell.ring()
  }

  /// Runs `body` like `run`, once the sockets that are ready by then have been served: for one part of long work after the other. Blocks
  /// alone would go on while Dispatch has yet to hear of the sockets, which on a busy machine takes many times as long as a part.
  public func runBehindSockets(_ body: @escaping @Sendable () -> Void) {
    doorbell.announce()
    queue.async { [self] in
      doorbell.answered()
      poller?.serveReady()
      beginTurn()
      body()
      endTurn()
    }
    doorbell.ring()
  }

  /// Runs `body` at once where the caller already is on the queue, else like `run`.
  public func runNowOrLater(_ body: @escaping @Sendable () -> Void) {
    if isCurrent { body() } else { run(body) }
  }

  /// True on the shard's queue.
  public var isCurrent: Bool { DispatchQueue.getSpecific(key: key) == true }

  /// Traps where the caller is not on the shard's queue.
  @inline(__always)
  public func assertCurrent() { dispatchPrecondition(condition: .onQueue(queue)) }

  /// Runs `body` once, `seconds` from now. For few timers; a connection's deadline is `Connection.deadline`.
  public func after(_ seconds: Double, _ body: @escaping @Sendable () -> Void) -> ShardTimer {
    ShardTimer(shard: self, delay: seconds, interval: nil, body)
  }

  /// Runs `body` every `seconds`, the first time after `seconds`, until the timer is cancelled.
  public func every(_ seconds: Double, _ body: @escaping @Sendable () -> Void) -> ShardTimer {
    ShardTimer(shard: self, delay: seconds, interval: seconds, body)
  }

  // MARK: Turns

  func beginTurn() {
    inTurn = true
    now = MonotonicClock.now()
  }

  func endTurn() {
    flushDirty()
    inTurn = false
  }

  private func flushDirty() {
    var index = 0
    while index < dirty.count {
      dirty[index].flushAtEndOfTurn()
      index += 1
    }
    dirty.removeAll(keepingCapacity: true)
  }

  /// Called by a connection with bytes to send; they leave together at the end of the turn.
  func needsFlush(_ connection: Connection) {
    dirty.append(connection)
    guard !inTurn, !flushScheduled else { return }
    flushScheduled = true
    queue.async { [self] in
      flushScheduled = false
      beginTurn()
      endTurn()
    }
  }

  // MARK: Connections

  /// Registers a connection and returns its token: the slot, and a generation that outdates late events.
  func register(_ connection: Connection, fd: Int32) -> UInt64 {
    assertCurrent()
    let index: Int
    if let reused = free.popLast() {
      index = reused
      connections[index].connection = connection
    } else {
      index = connections.count
      connections.append(Slot(connection: connection, generation: 0))
    }
    let token = UInt64(index) | UInt64(connections[index].generation) << 32
    poller?.add(fd, token: token)
    startSweeping()
    return token
  }

  func modify(fd: Int32, token: UInt64, wanted: Readiness) {
    poller?.modify(fd, token: token, wanted: wanted)
  }

  func unregister(fd: Int32, token: UInt64) {
    let index = Int(token & 0xFFFF_FFFF)
    poller?.removeAndClose(fd, token: token)
    connections[index].connection = nil
    connections[index].generation &+= 1
    free.append(index)
  }

  private func dispatch(_ token: UInt64, _ readiness: Readiness) {
    let index = Int(token & 0xFFFF_FFFF)
    guard index < connections.count, connections[index].generation == UInt32(token >> 32),
      let connection = connections[index].connection
    else { return }
    connection.ready(readiness)
  }

  /// Looks at deadlines at least as often as somebody needs it, from now on. Each look is at every connection, so that more than is needed
  /// is a waste: the finest of what anybody needs is in force.
  ///
  /// - Parameters:
  ///   - seconds: More than 0; what is coarser than `sweepInterval` changes nothing. Nil: it needs nothing any more.
  ///   - user: Whose need it is, in the place of what it needed before. It takes it back before it goes.
  public func setGrain(_ seconds: Double?, for user: AnyObject) {
    assertCurrent()
    grains[ObjectIdentifier(user)] = seconds
    let finest = min(grains.values.min() ?? Shard.sweepInterval, Shard.sweepInterval)
    guard finest != grain else { return }
    grain = finest
    guard let former = sweeper else { return }
    former.cancel()
    sweeper = nil
    startSweeping()
  }

  private func startSweeping() {
    guard sweeper == nil else { return }
    sweeper = ShardTimer(shard: self, delay: grain, interval: grain, weakly: { $0.sweep() })
  }

  private func sweep() {
    if free.count == connections.count {
      sweeper?.cancel()
      sweeper = nil
      return
    }
    for index in connections.indices {
      connections[index].connection?.sweep()
    }
  }
}
