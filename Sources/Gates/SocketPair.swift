import CPosix
import Glibc

/// Both ends of a connection inside this process: one for a `Connection`, one that is read and written by hand.
struct SocketPair {
  /// Non-blocking, for a `Connection`.
  let inner: Int32
  /// Non-blocking.
  let outer: Int32

  init() throws {
    var ends: [Int32] = [-1, -1]
    guard cposix_socket_pair(&ends) == 0 else { throw GateError(description: "the system gives no pair of sockets (error \(errno))") }
    (inner, outer) = (ends[0], ends[1])
  }

  /// Appends what has arrived; waits for it where `milliseconds` is not 0.
  func read(into bytes: inout [UInt8], waiting milliseconds: Int32 = 0) {
    if milliseconds > 0 {
      var wanted = pollfd(fd: outer, events: Int16(POLLIN), revents: 0)
      poll(&wanted, 1, milliseconds)
    }
    withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { buffer in
      while true {
        let count = Glibc.read(outer, buffer.baseAddress, buffer.count)
        guard count > 0 else { return }
        bytes.append(contentsOf: buffer[..<count])
      }
    }
  }

  func write(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { Glibc.write(outer, $0.baseAddress, $0.count) }
      if count > 0 { sent += count } else if errno != EAGAIN { return }
    }
  }
}
