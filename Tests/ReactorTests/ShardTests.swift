import Dispatch
import Foundation
import Synchronization
import Testing
import Wire

@testable import Reactor

@Suite struct ShardTests {
  /// While sockets keep the shard waiting inside the kernel, blocks and timers still get their turn: a lost ring would
  /// leave the next block to whatever event comes next, and here none comes before the block has run.
  @Test(arguments: PollerKind.allCases)
  func blocksRunWhileSocketsAreServed(_ kind: PollerKind) async throws {
    let shard = Shard(label: "test", poller: kind)
    let listener = try Listener.open(host: "127.0.0.1", port: 0)
    defer { listener.close() }
    listener.start { fd, peer in
      shard.run { Connection(fd: fd, peer: peer, shard: shard).start(Recorder { $0.write($1) }) }
    }
    let clientShard = Shard(label: "client")
    let recorder = Recorder()
    let connection = try await withCheckedThrowingContinuation { continuation in
      Connector.connect(host: "127.0.0.1", port: listener.port, timeout: 20, shard: clientShard) { result in
        continuation.resume(
          with: result.map { connection in
            connection.start(recorder)
            return connection
          })
      }
    }
    let ran = Atomic<Int>(0)
    for number in 1...2_000 {
      clientShard.run { connection.write([UInt8(truncatingIfNeeded: number)]) }
      let done = DispatchSemaphore(value: 0)
      shard.run {
        ran.add(1, ordering: .relaxed)
        done.signal()
      }
      #expect(await waits(for: done))
    }
    #expect(ran.load(ordering: .relaxed) == 2_000)
    try await recorder.waitUntil("the echoes are back") { $0.bytes.count == 2_000 }
    let fired = DispatchSemaphore(value: 0)
    let timer = shard.after(0.01) { fired.signal() }
    #expect(await waits(for: fired))
    timer.cancel()
    clientShard.run { connection.close() }
  }

  /// The finest that anybody needs is in force, whoever comes after, until it is needed no more.
  @Test func theGrainIsTheFinestAskedFor() {
    final class User {}
    let shard = Shard(label: "test")
    let seen = shard.queue.sync {
      let users = [User(), User()]
      let needs: [(user: Int, seconds: Double?)] = [(0, 1), (0, 0.02), (1, 0.03), (1, 0.01), (1, 0.04), (0, nil), (1, nil)]
      return needs.map { need in
        shard.setGrain(need.seconds, for: users[need.user])
        return shard.grain
      }
    }
    #expect(seen == [Shard.sweepInterval, 0.02, 0.02, 0.01, 0.02, 0.04, Shard.sweepInterval])
  }

  /// Whoever is ready to be read when a part of long work is over is served before the next part.
  @Test func socketsAreServedBetweenTwoParts() async throws {
    let shard = Shard(label: "test")
    let ends = try EndingTests.Ends(shard)
    let recorder = Recorder()
    let orders = Mutex<[Int]>([])
    let done = DispatchSemaphore(value: 0)
    @Sendable func part(_ number: Int) {
      orders.withLock { $0.append(recorder.seen.withLock { $0.bytes.count }) }
      guard number < 50 else { return _ = done.signal() }
      ends.write("x")
      shard.runBehindSockets { part(number + 1) }
    }
    shard.run {
      ends.connection.start(recorder)
      part(0)
    }
    #expect(await waits(for: done))
    #expect(orders.withLock { $0 } == Array(0...50))
    shard.run { ends.connection.close() }
    close(ends.outer)
  }

  private func waits(for semaphore: DispatchSemaphore) async -> Bool {
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async { continuation.resume(returning: semaphore.wait(timeout: .now() + 30) == .success) }
    }
  }
}

@Suite struct ClockTests {
  @Test func theClocksGoOn() {
    let (monotonic, wall) = (MonotonicClock.now(), WallClock.now())
    #expect(monotonic > .origin && MonotonicClock.now() >= monotonic)
    #expect(wall > Timestamp(seconds: 1_700_000_000))
  }
}
