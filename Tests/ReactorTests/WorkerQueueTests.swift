import Dispatch
import Synchronization
import TestSupport
import Testing

@testable import Reactor

@Suite struct WorkerQueueTests {
  /// What is above the bound is refused and never runs; when there is room again, work is taken again.
  @Test func aFullQueueRefuses() throws {
    let queue = WorkerQueue(width: 2, limit: 3)
    let gate = DispatchSemaphore(value: 0)
    let ran = Mutex<[Int]>([])
    let taken = (0..<8).map { index in
      queue.run {
        gate.wait()
        ran.withLock { $0.append(index) }
      }
    }
    #expect(taken == [true, true, true, true, true, false, false, false])
    for _ in 0..<5 { gate.signal() }
    try eventually("what was taken has run") { ran.withLock { $0.count == 5 } }
    #expect(ran.withLock { $0.sorted() } == [0, 1, 2, 3, 4])
    try eventually("room again") { queue.run { ran.withLock { $0.append(8) } } }
    try eventually("the last") { ran.withLock { $0.last == 8 } }
  }

  /// Many more pieces than may wait, brought one by one as there is room: all run, in order on one worker.
  @Test func orderIsKept() throws {
    let queue = WorkerQueue(width: 1, limit: 4)
    let ran = Mutex<[Int]>([])
    for index in 0..<5000 { try eventually("room") { queue.run { ran.withLock { $0.append(index) } } } }
    try eventually("all") { ran.withLock { $0.count == 5000 } }
    #expect(ran.withLock { $0 } == Array(0..<5000))
  }
}
