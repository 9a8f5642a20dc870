import Foundation
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Reactor

/// How connections end: one half after the other, in their own time, and with a descriptor that the next one gets.
@Suite struct EndingTests {
  /// A connection on a shard, and the other end to be used by hand.
  struct Ends {
    let connection: Connection
    /// Blocking.
    let outer: Int32

    init(_ shard: Shard) throws {
      var ends: [Int32] = [-1, -1]
      try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
      try #require(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0)
      // A test that goes wrong fails instead of hanging.
      var patience = timeval(tv_sec: 60, tv_usec: 0)
      setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
      connection = Connection(fd: ends[0], peer: .inProcess, shard: shard)
      outer = ends[1]
    }

    func write(_ text: String) { _ = Array(text.utf8).withUnsafeBytes { Glibc.write(outer, $0.baseAddress, $0.count) } }

    /// Everything up to the end of what the connection sends.
    func readToEnd() -> String {
      var all: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = Glibc.read(outer, &buffer, buffer.count)
        guard count > 0 else { return String(decoding: all, as: UTF8.self) }
        all += buffer[..<count]
      }
    }
  }

  /// A handler that keeps its half of the connection when the peer has closed the other one.
  final class Owing: ConnectionHandler, Sendable {
    let seen = Mutex<(text: String, ended: Int, closed: CloseCause?)>(("", 0, nil))
    func connection(_ connection: Connection, received bytes: UnsafeRawBufferPointer) {
      let text = String(decoding: bytes, as: UTF8.self)
      seen.withLock { $0.text += text }
    }
    func connectionInputEnded(_ connection: Connection) -> Bool {
      seen.withLock { $0.ended += 1 }
      return true
    }
    func connectionClosed(_ connection: Connection, cause: CloseCause) { seen.withLock { $0.closed = cause } }
  }

  @Test(arguments: PollerKind.allCases)
  func whoHasClosedItsHalfStillGetsItsAnswer(_ kind: PollerKind) async throws {
    let shard = Shard(label: "test", poller: kind)
    let ends = try Ends(shard)
    let handler = Owing()
    shard.run { ends.connection.start(handler) }
    ends.write("question")
    shutdown(ends.outer, Int32(SHUT_WR))
    try await eventually("the half is closed") { () async in handler.seen.withLock { $0.ended == 1 } }
    #expect(handler.seen.withLock { $0.text == "question" && $0.closed == nil })
    let answer = String(repeating: "answer ", count: 200_000)
    shard.run {
      // Nothing more comes; asking for it must not end the connection.
      ends.connection.resumeReading()
      ends.connection.write(Array(answer.utf8))
      ends.connection.closeAfterFlush()
    }
    #expect(ends.readToEnd() == answer)
    close(ends.outer)
    try await eventually("closed") { () async in handler.seen.withLock { $0.closed == .local } }
    #expect(handler.seen.withLock { $0.ended } == 1)
  }

  @Test(arguments: PollerKind.allCases)
  func whereNoAnswerIsOwedThatIsTheEnd(_ kind: PollerKind) async throws {
    let shard = Shard(label: "test", poller: kind)
    let ends = try Ends(shard)
    let recorder = Recorder()
    shard.run { ends.connection.start(recorder) }
    ends.write("last words")
    shutdown(ends.outer, Int32(SHUT_WR))
    try await recorder.waitUntil("closed") { $0.closed == .peerClosed }
    #expect(recorder.seen.withLock { $0.bytes } == Array("last words".utf8))
    #expect(ends.readToEnd().isEmpty)
    close(ends.outer)
  }

  @Test func whoIsOwedAnAnswerAndGoesAwayIsNotWaitedFor() async throws {
    let shard = Shard(label: "test")
    let ends = try Ends(shard)
    let handler = Owing()
    shard.run { ends.connection.start(handler) }
    shutdown(ends.outer, Int32(SHUT_WR))
    try await eventually("the half is closed") { () async in handler.seen.withLock { $0.ended == 1 } }
    close(ends.outer)
    try await eventually("closed") { () async in handler.seen.withLock { $0.closed == .peerClosed } }
  }

  /// What a peer sends to a connection that is ending is read, so that no reset destroys what it has yet to read, and told to nobody.
  @Test(arguments: PollerKind.allCases)
  func aPeerThatNeverClosesIsLeft(_ kind: PollerKind) async throws {
    let shard = Shard(label: "test", poller: kind)
    let ends = try Ends(shard)
    let recorder = Recorder()
    shard.run {
      ends.connection.start(recorder)
      ends.connection.write("goodbye")
      ends.connection.closeAfterFlush()
      // It is ending: neither is a second farewell one, nor is anything sent any more.
      ends.connection.closeAfterFlush()
      ends.connection.write("too late")
    }
    #expect(ends.readToEnd() == "goodbye")
    ends.write("are you there?")
    try await recorder.waitUntil("closed") { $0.closed == .local }
    #expect(recorder.seen.withLock { $0.bytes.isEmpty && $0.deadlines == 0 })
    close(ends.outer)
  }

  /// A peer that has everything and goes on talking is waited for no longer than for some bytes, however long it might take its time.
  @Test(arguments: PollerKind.allCases)
  func aPeerThatGoesOnTalkingIsLeft(_ kind: PollerKind) async throws {
    let shard = Shard(label: "test", poller: kind)
    let ends = try Ends(shard)
    let recorder = Recorder()
    shard.run {
      ends.connection.start(recorder)
      ends.connection.write("goodbye")
      ends.connection.closeAfterFlush(lingering: .seconds(600), unheard: 1000)
    }
    #expect(ends.readToEnd() == "goodbye")
    ends.write(String(repeating: "x", count: 900))
    shard.queue.sync {}
    #expect(recorder.seen.withLock { $0.closed } == nil)
    ends.write(String(repeating: "x", count: 100))
    // Sooner than the ten seconds that any peer has at most.
    try await eventually("closed", timeout: 5) { () async in recorder.seen.withLock { $0.closed == .local } }
    #expect(recorder.seen.withLock { $0.bytes.isEmpty })
    close(ends.outer)
  }

  @Test func aPeerThatDoesNotReadIsLeftWhenItsTimeIsOver() async throws {
    let shard = Shard(label: "test")
    let ends = try Ends(shard)
    let recorder = Recorder()
    shard.run {
      ends.connection.start(recorder)
      ends.connection.write([UInt8](repeating: 7, count: 4 << 20))
      ends.connection.closeAfterFlush()
      #expect(ends.connection.pendingBytes > 0 && ends.connection.deadline > shard.now)
      ends.connection.deadline = MonotonicClock.now()
    }
    try await recorder.waitUntil("closed") { $0.closed == .local }
    #expect(recorder.seen.withLock { $0.deadlines } == 0)
    close(ends.outer)
  }

  /// However fast its peer reads, a connection gives the others of its shard their turn in the middle of a large document.
  @Test(arguments: PollerKind.allCases)
  func aLargeDocumentIsHandedOverInParts(_ kind: PollerKind) async throws {
    let shard = Shard(label: "test", poller: kind)
    let ends = try Ends(shard)
    // The kernel would take more at once than is handed to it.
    var room: Int32 = 1 << 20
    setsockopt(ends.connection.fd, SOL_SOCKET, SO_SNDBUF, &room, socklen_t(MemoryLayout<Int32>.size))
    let whole = String(repeating: "0123456789abcdef", count: 1 << 18)
    shard.run {
      ends.connection.start(Recorder())
      ends.connection.write(Array(whole.utf8))
      #expect(ends.connection.pendingBytes == whole.utf8.count - 262_144)
      ends.connection.closeAfterFlush()
    }
    #expect(ends.readToEnd() == whole)
    close(ends.outer)
  }

  @Test func writingToOneThatIsGoneIsAnError() async throws {
    let shard = Shard(label: "test")
    let ends = try Ends(shard)
    let recorder = Recorder()
    shard.run {
      ends.connection.start(recorder)
      ends.connection.pauseReading()
      close(ends.outer)
      ends.connection.write("hello")
      ends.connection.flush()
      #expect(ends.connection.isClosed && ends.connection.pendingBytes == 0)
      ends.connection.write("nobody")
      ends.connection.closeAfterFlush()
      ends.connection.close()
    }
    try await recorder.waitUntil("closed") { $0.closed == .writeError(EPIPE) }
    #expect("\(CloseCause.writeError(EPIPE))" == "writing failed: broken pipe")
  }

  /// Of what many get no connection keeps a copy, unless the kernel does not take it.
  @Test func piecesForManyGoStraightThrough() async throws {
    let shard = Shard(label: "test")
    let ends = try Ends(shard)
    let recorder = Recorder()
    let piece = [UInt8](repeating: UInt8(ascii: "p"), count: 1000)
    shard.run {
      ends.connection.start(recorder)
      piece.withUnsafeBytes { ends.connection.writeThrough($0) }
      #expect(ends.connection.pendingBytes == 0)
      var sent = 1
      while ends.connection.pendingBytes == 0, sent < 10_000 {
        piece.withUnsafeBytes { ends.connection.writeThrough($0) }
        sent += 1
      }
      // Whatever comes then stands in line.
      let before = ends.connection.pendingBytes
      #expect(before > 0)
      ends.connection.write("x")
      piece.withUnsafeBytes { ends.connection.writeThrough($0) }
      #expect(ends.connection.pendingBytes == before + 1 + piece.count)
      ends.connection.closeAfterFlush()
    }
    let all = ends.readToEnd()
    #expect(all.utf8.count % 1000 == 1 && all.hasSuffix("px" + String(repeating: "p", count: 1000)))
    close(ends.outer)
  }

  /// Closes the other connection of its pair at the first byte, and opens a third in its place.
  final class Replacing: ConnectionHandler, @unchecked Sendable {
    // Sendable: touched on the shard only.
    let shard: Shard
    var other: Connection?
    var others: Replacing?
    var opened: (Ends, Recorder)?
    var heard = 0
    init(_ shard: Shard) { self.shard = shard }

    func connection(_ connection: Connection, received bytes: UnsafeRawBufferPointer) {
      heard += bytes.count
      guard let other, !other.isClosed else { return }
      other.close()
      guard let ends = try? Ends(shard) else { return }
      let recorder = Recorder()
      ends.connection.start(recorder)
      opened = (ends, recorder)
    }
    func connectionClosed(_ connection: Connection, cause: CloseCause) {}
  }

  /// Two connections have something to read in the same turn. Whoever is served first closes the other one, and a new connection gets its
  /// descriptor: the event that still waits is not the new one's.
  @Test(arguments: PollerKind.allCases)
  func aDescriptorThatIsUsedAgainInheritsNothing(_ kind: PollerKind) async throws {
    let shard = Shard(label: "test", poller: kind)
    for _ in 0..<50 {
      let (first, second) = (try Ends(shard), try Ends(shard))
      let handlers = (Replacing(shard), Replacing(shard))
      (handlers.0.other, handlers.1.other) = (second.connection, first.connection)
      shard.queue.sync {
        first.connection.start(handlers.0)
        second.connection.start(handlers.1)
        first.write("1")
        second.write("2")
      }
      try await eventually("one has replaced the other") { () async in
        shard.queue.sync { handlers.0.opened != nil || handlers.1.opened != nil }
      }
      let (opened, recorder) = try #require(shard.queue.sync { handlers.0.opened ?? handlers.1.opened })
      opened.write("new")
      try await recorder.waitUntil("the new one's own bytes") { $0.bytes.count >= 3 }
      #expect(recorder.seen.withLock { $0.bytes == Array("new".utf8) && $0.closed == nil })
      shard.queue.sync {
        #expect(handlers.0.heard + handlers.1.heard == 1, "who was closed heard nothing")
        first.connection.close()
        second.connection.close()
        opened.connection.close()
        (handlers.0.other, handlers.1.other) = (nil, nil)
      }
      for outer in [first.outer, second.outer, opened.outer] { close(outer) }
    }
  }
}
