import Foundation
import Glibc
import TestSupport

/// The accepting side of leaf links, played by a test: it takes one connection after the other and says what the test says.
final class FakeHub {
  let port: UInt16
  private let socket: Int32

  init() throws {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0 }
    }
    guard bound, listen(socket, 8) == 0 else { throw TestFailure("no free port") }
    self.socket = socket
    port = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(socket) }

  /// The next connection that somebody has made.
  ///
  /// - Throws: `TestFailure` when nobody comes in time.
  func next() throws -> Peer {
    var ready = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    guard poll(&ready, 1, 30_000) == 1 else { throw TestFailure("nobody comes") }
    let peer = accept(socket, nil, nil)
    guard peer >= 0 else { throw TestFailure("accept failed") }
    return Peer(peer)
  }

  /// INFO as a hub says it first.
  func info(alsoAt other: UInt16? = nil) -> String {
    let urls = ([port] + [other].compactMap(\.self)).map { "\"127.0.0.1:\($0)\"" }.joined(separator: ",")
    return
      "INFO {\"server_id\":\"X\",\"server_name\":\"FAKE\",\"version\":\"2.9.10\",\"client_id\":5,\"headers\":true,\"nonce\":\"n\","
      + "\"info_on_connect\":true,\"leafnode_urls\":[\(urls)]} \r\n"
  }

  /// One connection that was taken.
  final class Peer {
    private let socket: Int32
    private var bytes: [UInt8] = []

    init(_ socket: Int32) { self.socket = socket }

    deinit { close(socket) }

    func send(_ text: String) throws {
      let bytes = Array(text.utf8)
      let sent = bytes.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard sent == bytes.count else { throw TestFailure("the other side has closed") }
    }

    /// A line without its end.
    func readLine() throws -> String {
      while true {
        if let end = bytes.firstIndex(of: 0x0A) {
          let line = String(decoding: bytes[..<end].filter { $0 != 0x0D }, as: UTF8.self)
          bytes.removeFirst(end + 1)
          return line
        }
        var ready = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        guard poll(&ready, 1, 30_000) == 1 else { throw TestFailure("nothing comes") }
        var chunk = [UInt8](repeating: 0, count: 4096)
        let count = recv(socket, &chunk, chunk.count, 0)
        guard count > 0 else { throw TestFailure("closed") }
        bytes += chunk[..<count]
      }
    }

    /// Everything up to the answer of a PING.
    func told() throws -> [String] {
      try send("PING\r\n")
      var lines: [String] = []
      while true {
        let line = try readLine()
        if line == "PONG" { return lines }
        lines.append(line)
      }
    }
  }
}
