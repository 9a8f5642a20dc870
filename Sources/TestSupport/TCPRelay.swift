import Foundation
import Glibc
import Synchronization

/// A loopback port that passes connections on to another, until the test stalls or cuts them: a network that can fail while both
/// ends live. It ends with the last reference. Thread safe.
public final class TCPRelay: Sendable {
  public enum Mode: Sendable {
    case passes
    /// Connections stay open and carry nothing; new ones are not accepted.
    case stalled
    /// Connections are closed, new ones at once.
    case cut
  }

  public let port: UInt16
  private let worker: Worker

  /// - Throws: `TestFailure` where no port can be had.
  public init(to target: UInt16) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(listener, address, length) == 0 && listen(listener, 64) == 0 && getsockname(listener, address, &length) == 0
      }
    }
    guard result else { throw TestFailure("no port for a relay: \(String(cString: strerror(errno)))") }
    port = UInt16(bigEndian: address.sin_port)
    worker = Worker(listener: listener, target: target)
    let worker = worker
    Thread { worker.run() }.start()
  }

  deinit { worker.end() }

  /// Returns when it is so: nothing passes any more that was sent after.
  public func change(_ mode: Mode) {
    worker.mode.withLock { $0 = mode }
    try? eventually("the relay has changed") { worker.applied.withLock { $0 } == mode }
  }

  /// What the relay's one thread does.
  private final class Worker: Sendable {
    let mode = Mutex(Mode.passes)
    let applied = Mutex(Mode.passes)
    private let hasEnded = Mutex(false)
    private let listener: Int32
    private let target: UInt16

    init(listener: Int32, target: UInt16) {
      self.listener = listener
      self.target = target
    }

    func end() { hasEnded.withLock { $0 = true } }

    func run() {
      // Each descriptor with the one at the other side.
      var peers: [Int32: Int32] = [:]
      while !hasEnded.withLock({ $0 }) {
        let mode = mode.withLock { $0 }
        if mode == .cut {
          for descriptor in peers.keys { close(descriptor) }
          peers.removeAll()
        }
        applied.withLock { $0 = mode }
        guard mode != .stalled else {
          usleep(5000)
          continue
        }
        var watched = ([listener] + peers.keys).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        guard poll(&watched, nfds_t(watched.count), 10) > 0 else { continue }
        for item in watched where item.revents != 0 {
          if item.fd == listener { accept(mode, &peers) } else { pass(item.fd, &peers) }
        }
      }
      for descriptor in peers.keys { close(descriptor) }
      close(listener)
    }

    private func accept(_ mode: Mode, _ peers: inout [Int32: Int32]) {
      let near = Glibc.accept(listener, nil, nil)
      guard near >= 0 else { return }
      let far = mode == .cut ? -1 : dial()
      guard far >= 0 else {
        close(near)
        return
      }
      peers[near] = far
      peers[far] = near
    }

    private func dial() -> Int32 {
      let far = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = target.bigEndian
      inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
      let isConnected = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(far, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
      }
      guard isConnected else {
        close(far)
        return -1
      }
      return far
    }

    private func pass(_ descriptor: Int32, _ peers: inout [Int32: Int32]) {
      guard let peer = peers[descriptor] else { return }
      var chunk = [UInt8](repeating: 0, count: 65_536)
      let count = recv(descriptor, &chunk, chunk.count, 0)
      var sent = 0
      while count > 0, sent < count {
        let written = chunk.withUnsafeBytes { Glibc.send(peer, $0.baseAddress?.advanced(by: sent), count - sent, Int32(MSG_NOSIGNAL)) }
        guard written > 0 else { break }
        sent += written
      }
      guard count <= 0 || sent < count else { return }
      for end in [descriptor, peer] {
        peers[end] = nil
        close(end)
      }
    }
  }
}
