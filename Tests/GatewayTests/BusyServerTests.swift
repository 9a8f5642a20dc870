import Dispatch
import Glibc
import NATSClient
import Reactor
import TestSupport
import Testing

@testable import Gateway

/// A server that is busy is not a server that is gone.
@Suite struct BusyServerTests {
  /// A connection that stands, as the one to a server inside the process does.
  private static func socket(to port: UInt16) throws -> Int32 {
    let fd = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(fd, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
    guard status == 0, fcntl(fd, F_SETFL, O_NONBLOCK) == 0 else { throw TestFailure("cannot connect to \(port)") }
    return fd
  }

  /// Frozen for longer than every patience, it is neither left nor suspected; awake again it answers over the same connection.
  @Test func theServerInThisProcessIsWaitedFor() throws {
    let server = try RealServer(testAccounts)
    let port = server.port
    let gateway = try TestGateway("nats://admin:changeit@127.0.0.1:\(port)") { configuration in
      configuration.client.inProcess = { shard in Connection(fd: try Self.socket(to: port), peer: .inProcess, shard: shard) }
      configuration.probe = 0.2
    }
    try gateway.untilLive(1)
    server.process.freeze()
    // Longer than patience, probe and the check of the connection together.
    let busy = try gateway.get("/varz?timeout=2s")
    #expect(busy.status == 504 && busy.missing == server.name, "\(busy.status) \(busy.text)")
    #expect(try ["live", "slow"].contains(gateway.state(server.name)))
    server.process.thaw()
    try eventually("it answers") { try gateway.get("/varz").complete == "true" }
    #expect(gateway.gateway.shard.queue.sync { gateway.gateway.client.reconnects } == 0)
  }
}
