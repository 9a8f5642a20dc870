@preconcurrency import Dispatch
import Glibc

/// One dispatch source per socket and direction: portable, and a check of the epoll poller.
final class DispatchPoller: Poller {
  /// The sources of one socket. A source may be released only when it is active, and a socket closed only
  /// after the cancel handlers of all its sources have run.
  private final class Watch {
    let read: any DispatchSourceRead
    let write: any DispatchSourceWrite
    var readActive = true
    var writeActive = false
    init(read: any DispatchSourceRead, write: any DispatchSourceWrite) {
      self.read = read
      self.write = write
    }
  }

  private let queue: DispatchQueue
  private let turn: PollerTurn
  private var watches: [UInt64: Watch] = [:]

  init(queue: DispatchQueue, turn: PollerTurn) {
    self.queue = queue
    self.turn = turn
  }

  func add(_ fd: Int32, token: UInt64) {
    let turn = turn
    let read = DispatchSource.makeReadSource(fileDescriptor: fd, queue: queue)
    read.setEventHandler { @Sendable in
      guard let owner = turn.owner() else { return }
      defer { withExtendedLifetime(owner) {} }
      turn.begin()
      turn.event(token, .readable)
      turn.end()
    }
    let write = DispatchSource.makeWriteSource(fileDescriptor: fd, queue: queue)
    write.setEventHandler { @Sendable in
      guard let owner = turn.owner() else { return }
      defer { withExtendedLifetime(owner) {} }
      turn.begin()
      turn.event(token, .writable)
      turn.end()
    }
    watches[token] = Watch(read: read, write: write)
    read.activate()
    // A source made but never resumed cannot be released.
    write.activate()
    write.suspend()
  }

  func modify(_ fd: Int32, token: UInt64, wanted: Readiness) {
    guard let watch = watches[token] else { return }
    if wanted.contains(.readable) != watch.readActive {
      watch.readActive.toggle()
      if watch.readActive { watch.read.resume() } else { watch.read.suspend() }
    }
    if wanted.contains(.writable) != watch.writeActive {
      watch.writeActive.toggle()
      if watch.writeActive { watch.write.resume() } else { watch.write.suspend() }
    }
  }

  func removeAndClose(_ fd: Int32, token: UInt64) {
    guard let watch = watches.removeValue(forKey: token) else { return }
    let group = DispatchGroup()
    group.enter()
    group.enter()
    watch.read.setCancelHandler { @Sendable in group.leave() }
    watch.write.setCancelHandler { @Sendable in group.leave() }
    watch.read.cancel()
    watch.write.cancel()
    if !watch.readActive { watch.read.resume() }
    if !watch.writeActive { watch.write.resume() }
    group.notify(queue: queue) { @Sendable in close(fd) }
  }

  /// Whatever is ready stands in the queue by itself.
  func serveReady() {}

  func stop() {
    for watch in watches.values {
      watch.read.cancel()
      watch.write.cancel()
      if !watch.readActive { watch.read.resume() }
      if !watch.writeActive { watch.write.resume() }
    }
    watches.removeAll()
  }
}
