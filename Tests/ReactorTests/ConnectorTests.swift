import Dispatch
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Reactor

/// Names, several addresses, and those of them that do not answer; all on loopback addresses.
@Suite(.serialized) struct ConnectorTests {
  let shard = Shard(label: "connector")

  private func connect(
    _ host: String, port: UInt16, timeout: Double = 20, _ resolver: NameResolver = NameResolver()
  ) async -> Result<PeerAddress, SocketError> {
    await withCheckedContinuation { continuation in
      shard.run { [shard] in
        Connector.connect(host: host, port: port, timeout: timeout, resolver: resolver, shard: shard) { result in
          continuation.resume(
            returning: result.map { connection in
              let peer = connection.peer
              connection.start(Recorder())
              connection.close()
              return peer
            })
        }
      }
    }
  }

  private func resolver(_ hosts: [String]) -> NameResolver {
    var resolver = NameResolver()
    resolver.lookUp = { _, port throws(SocketError) in
      var found: [SocketAddress] = []
      for host in hosts { found += try SocketAddress.resolve(host: host, port: port, forListening: false) }
      return found
    }
    return resolver
  }

  /// An address whose queue of connections is full, so that the kernel drops what else wants in: packets are swallowed there.
  private final class Hole {
    let listener: Listener
    private let first: RawConnection
    init(host: String, port: UInt16) throws {
      listener = try Listener.open(host: host, port: port, backlog: 0)
      first = try RawConnection(port: listener.port, host: host)
    }
    deinit { listener.close() }
  }

  /// The same port on every one of the hosts.
  private func onOnePort<T>(_ body: (UInt16) throws -> T) throws -> T {
    for _ in 0..<20 { if let made = try? body(freePort()) { return made } }
    return try body(freePort())
  }

  @Test(arguments: [["127.0.0.2", "127.0.0.3"], ["127.0.0.4", "127.0.0.2", "127.0.0.3"]])
  func anAddressThatSwallowsPacketsIsGoneRound(_ hosts: [String]) async throws {
    let (holes, good) = try onOnePort { port in
      (try hosts.dropLast().map { try Hole(host: $0, port: port) }, try Listener.open(host: hosts.last ?? "", port: port))
    }
    defer { good.close() }
    let result = await connect("several.example", port: good.port, timeout: 1, resolver(hosts))
    #expect(try result.get() == PeerAddress(host: "several.example", port: good.port))
    withExtendedLifetime(holes) {}
  }

  @Test func oneAfterAnotherIsTried() async throws {
    let good = try Listener.open(host: "127.0.0.3", port: 0)
    defer { good.close() }
    // Nobody listens on the first two.
    let result = await connect("several.example", port: good.port, resolver(["127.0.0.7", "::1", "127.0.0.3"]))
    #expect(try result.get().port == good.port)
  }

  @Test func whereAllAreSilentItSaysSo() async throws {
    let hole = try Hole(host: "127.0.0.2", port: 0)
    let result = await connect("127.0.0.2", port: hole.listener.port, timeout: 0.1)
    #expect(result == .failure(SocketError("connect to 127.0.0.2:\(hole.listener.port)", errno: 110)))
  }

  /// The time for connecting begins when the name has been resolved.
  @Test func resolvingHasATimeOfItsOwn() async throws {
    let good = try Listener.open(host: "127.0.0.1", port: 0)
    defer { good.close() }
    var slow = resolver(["127.0.0.1"])
    let lookUp = slow.lookUp
    slow.lookUp = { host, port throws(SocketError) in
      // Longer than connecting may take: a first name server that is silent.
      let end = MonotonicClock.now() + .seconds(0.3)
      while MonotonicClock.now() < end { DispatchSemaphore(value: 0).waits(0.05) }
      return try lookUp(host, port)
    }
    let result = await connect("slow.example", port: good.port, timeout: 0.2, slow)
    #expect(try result.get().port == good.port)
  }

  /// Look-ups that hang keep nobody else waiting: neither other work, nor connections to addresses, and who waits for one is told.
  @Test func aResolverThatHangsIsNotWaitedFor() async throws {
    let good = try Listener.open(host: "127.0.0.1", port: 0)
    defer { good.close() }
    let gate = DispatchSemaphore(value: 0)
    var hanging = NameResolver()
    hanging.timeout = 0.1
    hanging.lookUp = { _, _ throws(SocketError) in
      gate.wait()
      throw SocketError("resolve it", message: "never told")
    }
    // More than there are threads for it.
    for _ in 0..<12 {
      let result = await connect("hanging.example", port: 1, hanging)
      #expect(
        result == .failure(SocketError("resolve \"hanging.example\"", message: "no answer within 0.1 s")))
    }
    let ran = Mutex(false)
    #expect(WorkerQueue.shared.run { ran.withLock { $0 = true } })
    try await eventually("other work") { () async in ran.withLock { $0 } }
    #expect(try await connect("127.0.0.1", port: good.port).get().port == good.port)
    for _ in 0..<12 { gate.signal() }
  }

  @Test func aNameThatIsNoneSaysSo() async throws {
    var unknown = NameResolver()
    unknown.lookUp = { host, _ throws(SocketError) in throw SocketError("resolve \"\(host)\"", message: "name or service not known") }
    let result = await connect("no.example", port: 1, unknown)
    #expect(result == .failure(SocketError("resolve \"no.example\"", message: "name or service not known")))
  }

  @Test(arguments: [
    ("127.0.0.1", true), ("::1", true), ("[::1]", true), ("localhost", false), ("", false), ("127.0.0.1.example", false),
  ])
  func addressesNeedNoResolver(_ host: String, _ isAddress: Bool) {
    #expect((SocketAddress.numeric(host: host, port: 4222) != nil) == isAddress)
  }
}

extension DispatchSemaphore {
  fileprivate func waits(_ seconds: Double) { _ = wait(timeout: .now() + seconds) }
}
