import Dispatch
import Foundation
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Reactor

/// A handler that collects what it is told; `onBytes` may answer.
final class Recorder: ConnectionHandler, Sendable {
  struct Seen {
    var bytes: [UInt8] = []
    var closed: CloseCause?
    var drained = 0
    var deadlines = 0
    var secured = false
  }
  let seen = Mutex(Seen())
  let onBytes: @Sendable (Connection, [UInt8]) -> Void

  init(onBytes: @escaping @Sendable (Connection, [UInt8]) -> Void = { _, _ in }) { self.onBytes = onBytes }

  func connection(_ connection: Connection, received bytes: UnsafeRawBufferPointer) {
    let copy = [UInt8](bytes)
    seen.withLock { $0.bytes += copy }
    onBytes(connection, copy)
  }
  func connectionDrained(_ connection: Connection) { seen.withLock { $0.drained += 1 } }
  func connectionDeadlinePassed(_ connection: Connection) {
    seen.withLock { $0.deadlines += 1 }
    connection.close()
  }
  func connectionClosed(_ connection: Connection, cause: CloseCause) { seen.withLock { $0.closed = cause } }
  func connectionSecured(_ connection: Connection) { seen.withLock { $0.secured = true } }

  func waitUntil(_ what: String, _ condition: @Sendable (Seen) -> Bool) async throws {
    try await eventually(what) { () async in seen.withLock { condition($0) } }
  }
}

@Suite struct ConnectionTests {
  /// A listener that gives each connection a recorder which echoes.
  func echoServer(_ shard: Shard) throws -> Listener {
    let listener = try Listener.open(host: "127.0.0.1", port: 0)
    listener.start { fd, peer in
      shard.run {
        let connection = Connection(fd: fd, peer: peer, shard: shard)
        connection.start(Recorder { connection, bytes in connection.write(bytes) })
      }
    }
    return listener
  }

  func connect(_ shard: Shard, to port: UInt16, _ recorder: Recorder) async throws -> Connection {
    let result = await withCheckedContinuation { continuation in
      Connector.connect(host: "127.0.0.1", port: port, timeout: 20, shard: shard) { result in
        if case .success(let connection) = result { connection.start(recorder) }
        continuation.resume(returning: result)
      }
    }
    return try result.get()
  }

  @Test(arguments: PollerKind.allCases)
  func echoesMoreThanTheKernelBuffers(_ kind: PollerKind) async throws {
    let shard = Shard(label: "test", poller: kind)
    let listener = try echoServer(shard)
    let recorder = Recorder()
    let client = Shard(label: "client", poller: kind)
    let connection = try await connect(client, to: listener.port, recorder)
    let payload = (0..<6_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    client.run { connection.write(payload) }
    try await recorder.waitUntil("all bytes came back") { $0.bytes.count == payload.count }
    #expect(recorder.seen.withLock { $0.bytes } == payload)
    client.run { connection.close() }
    try await recorder.waitUntil("the close is told") { $0.closed == .local }
    listener.close()
  }

  @Test(arguments: PollerKind.allCases)
  func gracefulCloseDeliversEverything(_ kind: PollerKind) async throws {
    let shard = Shard(label: "test", poller: kind)
    let payload = [UInt8](repeating: 7, count: 3_000_000)
    let listener = try Listener.open(host: "127.0.0.1", port: 0)
    listener.start { fd, peer in
      shard.run {
        let connection = Connection(fd: fd, peer: peer, shard: shard)
        connection.start(Recorder())
        connection.write(payload)
        connection.closeAfterFlush()
      }
    }
    let recorder = Recorder()
    let client = Shard(label: "client", poller: kind)
    let connection = try await connect(client, to: listener.port, recorder)
    client.run { connection.write("unread by the other side") }
    try await recorder.waitUntil("the peer closed") { $0.closed != nil }
    #expect(recorder.seen.withLock { $0.bytes.count } == payload.count)
    #expect(recorder.seen.withLock { $0.closed } == .peerClosed)
    listener.close()
  }

  /// Whoever goes on writing to a connection that is over is told so as soon as it has everything that was sent; it loses nothing by it.
  @Test(arguments: PollerKind.allCases)
  func aShortFarewell(_ kind: PollerKind) async throws {
    let shard = Shard(label: "test", poller: kind)
    let listener = try Listener.open(host: "127.0.0.1", port: 0)
    let ended = Recorder()
    listener.start { fd, peer in
      shard.run {
        let connection = Connection(fd: fd, peer: peer, shard: shard)
        connection.start(ended)
        connection.write("-ERR 'no'")
        connection.closeAfterFlush(lingering: .milliseconds(50))
      }
    }
    // This side never closes, and reads late.
    let peer = try RawConnection(port: listener.port)
    try peer.send("more")
    try await ended.waitUntil("the connection is over") { $0.closed != nil }
    #expect(String(decoding: try peer.read(9), as: UTF8.self) == "-ERR 'no'")
    listener.close()
  }

  private func isTrue(on shard: Shard, _ condition: () -> Bool) -> Bool { shard.queue.sync { condition() } }

  /// A peer that has not everything at the first look is looked after again as soon, and not only when it would be too late. It waits for
  /// nobody else's turn on the way: a peer that reads nothing for ten seconds is cut off.
  @Test(arguments: PollerKind.allCases)
  func aFarewellToSomebodySlow(_ kind: PollerKind) throws {
    let shard = Shard(label: "test", poller: kind)
    let recorder = Recorder()
    let listener = try Listener.open(host: "127.0.0.1", port: 0)
    let peer = try RawConnection(port: listener.port)
    let accepted = Mutex<Connection?>(nil)
    listener.start { fd, address in
      shard.run {
        let connection = Connection(fd: fd, peer: address, shard: shard)
        connection.start(recorder)
        accepted.withLock { $0 = connection }
      }
    }
    try eventually("it is accepted") { accepted.withLock { $0 != nil } }
    let one = try #require(accepted.withLock { $0 })
    let lingering = Span.milliseconds(50)
    // More than a peer acknowledges that does not read, and less than the kernel takes.
    let payload = [UInt8](repeating: 7, count: 400_000)
    shard.run {
      one.write(payload)
      one.closeAfterFlush(lingering: lingering)
    }
    try eventually("it begins to end") { isTrue(on: shard) { one.ending != .none } }
    // However often it is looked: while it is not over, the next look is that near.
    let begun = MonotonicClock.now()
    try eventually("some looks") {
      let isNear = isTrue(on: shard) { one.ending != .lingering || one.isClosed || one.deadline <= MonotonicClock.now() + lingering }
      #expect(isNear)
      return MonotonicClock.now() >= begun + .milliseconds(300)
    }
    if isTrue(on: shard, { one.ending != .lingering || one.isClosed }) {
      print("not tested: the kernel's buffers are too small, or too large, for a peer that acknowledges late")
    }
    #expect(try peer.read(payload.count) == payload)
    try eventually("the connection is over") { recorder.seen.withLock { $0.closed } != nil }
    listener.close()
  }

  @Test(arguments: PollerKind.allCases)
  func deadlinePassesOnce(_ kind: PollerKind) async throws {
    let shard = Shard(label: "test", poller: kind)
    let recorder = Recorder()
    let (one, two) = try Connector.pair(shard, shard)
    let other = Recorder()
    shard.run {
      one.start(recorder)
      two.start(other)
      one.deadline = MonotonicClock.now() + .seconds(0.02)
    }
    try await recorder.waitUntil("the deadline passed") { $0.deadlines == 1 && $0.closed == .local }
    try await other.waitUntil("the other end saw the close") { $0.closed == .peerClosed }
  }

  @Test func aPausedReaderHoldsTheWriterBack() async throws {
    let shard = Shard(label: "test")
    let (one, two) = try Connector.pair(shard, shard)
    let writer = Recorder()
    let reader = Recorder()
    let payload = [UInt8](repeating: 1, count: 4_000_000)
    shard.run {
      one.start(writer)
      two.start(reader)
      two.pauseReading()
      one.write(payload)
    }
    shard.run {
      #expect(one.pendingBytes > 0)
      two.resumeReading()
    }
    try await reader.waitUntil("all arrived after resuming") { $0.bytes.count == payload.count }
    try await writer.waitUntil("drained is told") { $0.drained > 0 }
    shard.run { one.close() }
    try await reader.waitUntil("closed") { $0.closed != nil }
  }

  @Test func refusedConnectionSaysSo() async throws {
    let listener = try Listener.open(host: "127.0.0.1", port: 0)
    let port = listener.port
    listener.close()
    let shard = Shard(label: "test")
    let result = await withCheckedContinuation { continuation in
      Connector.connect(host: "127.0.0.1", port: port, timeout: 20, shard: shard) { continuation.resume(returning: $0) }
    }
    guard case .failure(let error) = result else {
      Issue.record("a closed port accepted a connection")
      return
    }
    #expect(error.description == "could not connect to 127.0.0.1:\(port): connection refused")
  }

  @Test func aTakenPortSaysSo() throws {
    let listener = try Listener.open(host: "127.0.0.1", port: 0)
    #expect(throws: SocketError.self) { try Listener.open(host: "127.0.0.1", port: listener.port) }
    listener.close()
  }
}
