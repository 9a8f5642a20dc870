import CPosix
import Glibc
import Synchronization

/// Lets a shard's queue wait inside the kernel for its sockets without letting blocks wait with it.
///
/// Going back to Dispatch between two events costs two changes of threads, more than most events take to serve. A
/// poller therefore stays in the kernel for a moment, and whoever queues a block meanwhile rings it out of there.
final class Doorbell: Sendable {
  /// Readable once rung; -1 where the system has none to give, and then nobody listens.
  let fd: Int32
  private let blocks = Atomic<Int>(0)
  private let isListening = Atomic<Bool>(false)

  init() { fd = cposix_eventfd() }

  deinit {
    if fd >= 0 { close(fd) }
  }

  /// A block is about to be queued.
  func announce() { blocks.add(1, ordering: .sequentiallyConsistent) }

  /// The announced block is queued: wakes the poller if it waits.
  func ring() {
    guard isListening.load(ordering: .sequentiallyConsistent) else { return }
    var one: UInt64 = 1
    _ = write(fd, &one, 8)
  }

  /// An announced block runs.
  func answered() { blocks.subtract(1, ordering: .relaxed) }

  /// Whether the poller may wait; it must call `leave` then. False while blocks stand in the queue.
  ///
  /// Either side writes its own word before it reads the other's, so that a block is seen here or the ring is heard.
  func listen() -> Bool {
    guard fd >= 0 else { return false }
    isListening.store(true, ordering: .sequentiallyConsistent)
    if blocks.load(ordering: .sequentiallyConsistent) == 0 { return true }
    isListening.store(false, ordering: .relaxed)
    return false
  }

  func leave() { isListening.store(false, ordering: .relaxed) }

  /// Takes the ring back, once heard.
  func silence() {
    var count: UInt64 = 0
    _ = read(fd, &count, 8)
  }
}
