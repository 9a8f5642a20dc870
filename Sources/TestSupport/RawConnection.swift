import Foundation
import Glibc

/// A TCP connection on loopback that blocks, with a deadline on everything: for saying exactly these bytes and seeing exactly what comes back.
///
/// One thread at a time.
public final class RawConnection: @unchecked Sendable {  // tests hand one over between tasks, never use it from two at once
  private let socket: Int32
  private var buffer: [UInt8] = []
  private var ended = false
  /// Seconds that a read waits for more bytes.
  public var timeout: Double

  /// - Parameter source: The address to come from, such as `127.0.0.2`; nil for what the system takes.
  /// - Throws: `TestFailure` when nobody listens there.
  public init(port: UInt16, host: String = "127.0.0.1", source: String? = nil, timeout: Double = 30) throws {
    self.timeout = timeout
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    if let source {
      var own = RawConnection.address(source, 0)
      _ = withUnsafePointer(to: &own) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
      }
    }
    var address = RawConnection.address(host, port)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
    guard result == 0 else {
      // Everything is initialised, so `deinit` runs and closes the socket: a second close here would hit somebody else's.
      throw TestFailure("cannot connect to \(host):\(port): \(String(cString: strerror(errno)))")
    }
    var on: Int32 = 1
    setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
  }

  deinit { Glibc.close(socket) }

  private static func address(_ host: String, _ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    inet_pton(AF_INET, host, &address.sin_addr)
    return address
  }

  public func send(_ text: String) throws { try send(Array(text.utf8)) }

  /// - Throws: `TestFailure` when the peer has gone.
  public func send(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard written > 0 else { throw TestFailure("cannot send: \(String(cString: strerror(errno)))") }
      rest = rest.dropFirst(written)
    }
  }

  /// No more bytes will be sent; reading goes on.
  public func closeWriting() { shutdown(socket, Int32(SHUT_WR)) }

  public func close() { shutdown(socket, Int32(SHUT_RDWR)) }

  /// Ends with a reset: what the peer writes from now on fails.
  public func abort() {
    var nobody = sockaddr()
    nobody.sa_family = sa_family_t(AF_UNSPEC)
    _ = connect(socket, &nobody, socklen_t(MemoryLayout<sockaddr>.size))
  }

  /// The next line, without its CR LF.
  /// - Throws: `TestFailure` when the peer closes or the time passes first.
  public func readLine() throws -> String {
    while true {
      if let end = buffer.firstIndex(of: 10) {
        var line = buffer[..<end]
        if line.last == 13 { line = line.dropLast() }
        let text = String(decoding: line, as: UTF8.self)
        buffer.removeSubrange(...end)
        return text
      }
      try more(for: "a line")
    }
  }

  /// Exactly so many bytes.
  public func read(_ count: Int) throws -> [UInt8] {
    while buffer.count < count { try more(for: "\(count) bytes") }
    defer { buffer.removeFirst(count) }
    return Array(buffer[..<count])
  }

  /// Everything until the peer closes.
  public func readToEnd() throws -> [UInt8] {
    while try fill() {}
    defer { buffer = [] }
    return buffer
  }

  /// Waits until the peer closes, dropping what it says until then.
  /// - Throws: `TestFailure` when it says nothing and does not close.
  public func waitForClose() throws { _ = try readToEnd() }

  private func more(for what: String) throws {
    if try !fill() { throw TestFailure("closed by the peer while waiting for \(what); had \(String(decoding: buffer, as: UTF8.self))") }
  }

  /// One read; false at the end of the stream (a reset counts as one).
  private func fill() throws -> Bool {
    if ended { return false }
    guard isReadable(within: timeout) else {
      throw TestFailure("nothing for \(timeout) s; had \(String(decoding: buffer.suffix(500), as: UTF8.self))")
    }
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = recv(socket, &chunk, chunk.count, 0)
    guard count > 0 else {
      ended = true
      return false
    }
    buffer.append(contentsOf: chunk[..<count])
    return true
  }

  private func isReadable(within seconds: Double) -> Bool {
    var poller = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    return poll(&poller, 1, Int32(seconds * 1000)) > 0
  }
}
