import Glibc
import Testing

@testable import Reactor

/// Sockets of whoever started the process, as they stand in a row of descriptors.
@Suite struct InheritedSocketsTests {
  private static func environment(_ count: String, pid: pid_t = getpid()) -> (String) -> String? {
    { ["LISTEN_PID": "\(pid)", "LISTEN_FDS": count][$0] }
  }

  /// A socket on a free port of loopback, by its descriptor.
  private static func socket(listens: Bool) throws -> Int32 {
    let address = try #require(SocketAddress.numeric(host: "127.0.0.1", port: 0))
    let fd = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    try #require(address.withPointer { bind(fd, $0, $1) } == 0 && (!listens || listen(fd, 8) == 0))
    return fd
  }

  @Test func theOneOfTheAddressIsTaken() throws {
    let fd = try Self.socket(listens: true)
    let sockets = InheritedSockets(first: fd, variable: Self.environment("1"))
    let address = try #require(sockets.addresses.first)
    #expect(sockets.addresses.count == 1 && address.host == "127.0.0.1" && address.port != 0)
    let listener = try Listener.open(host: "127.0.0.1", port: address.port, inherited: sockets)
    #expect(listener.address == address && sockets.unserved.isEmpty)
    // One at a time: two would get its connections by chance.
    #expect(throws: SocketError("listen on localhost:\(address.port)", errno: EADDRINUSE)) {
      try Listener.open(host: "localhost", port: address.port, inherited: sockets)
    }
    listener.close()
    #expect(sockets.unserved == [address])
    // It is the service manager's: another may take it after that one.
    #expect(try Listener.open(host: "127.0.0.1", port: address.port, inherited: sockets).address == address)
    // Without it the port is taken.
    #expect(throws: SocketError.self) { try Listener.open(host: "127.0.0.1", port: address.port) }
    // Another address is bound as ever.
    #expect(try Listener.open(host: "127.0.0.1", port: 0, inherited: sockets).port != address.port)
    Glibc.close(fd)
  }

  @Test(arguments: ["0", "-1", "x", "", "99999999999999999999"]) func numbersThatAreNone(_ count: String) throws {
    let fd = try Self.socket(listens: true)
    #expect(InheritedSockets(first: fd, variable: Self.environment(count)).addresses.isEmpty)
    Glibc.close(fd)
  }

  @Test func whatIsNotMeantForThisProcess() throws {
    let fd = try Self.socket(listens: true)
    #expect(InheritedSockets(first: fd, variable: Self.environment("1", pid: getpid() + 1)).addresses.isEmpty)
    #expect(InheritedSockets(first: fd, variable: { _ in nil }).addresses.isEmpty)
    Glibc.close(fd)
  }

  @Test func whatDoesNotListenIsPassedOver() throws {
    let fd = try Self.socket(listens: false)
    #expect(InheritedSockets(first: fd, variable: Self.environment("1")).addresses.isEmpty)
    Glibc.close(fd)
    // Nor what is no descriptor at all.
    #expect(InheritedSockets(first: 100_000, variable: Self.environment("3")).addresses.isEmpty)
  }
}
