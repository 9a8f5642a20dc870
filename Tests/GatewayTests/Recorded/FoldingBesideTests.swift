@preconcurrency import Dispatch
import Reactor
import Recording
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Gateway

/// Hours are folded beside the epochs that are recorded meanwhile.
@Suite struct FoldingBesideTests {
  /// Holds up whoever writes blocks until it is opened.
  private final class HeldStore: RecordStore {
    let inner = MemoryRecordStore()
    private let gate = DispatchSemaphore(value: 0)
    private let held = Mutex(false)

    var isHeld: Bool { held.withLock { $0 } }

    func open() { gate.signal() }

    func write(_ blocks: [SeriesBlock]) {
      held.withLock { $0 = true }
      gate.wait()
      gate.signal()
      inner.write(blocks)
    }

    func write(_ epoch: Epoch) -> EpochHeader? { inner.write(epoch) }
    func epochs(since: Timestamp?, until: Timestamp?, most: Int) -> [EpochHeader] { inner.epochs(since: since, until: until, most: most) }
    func epoch(at moment: Timestamp) -> EpochHeader? { inner.epoch(at: moment) }
    func epoch(number: Int) -> EpochHeader? { inner.epoch(number: number) }
    func beliefs(ofEpoch number: Int) throws(RecordError) -> [UInt8] { try inner.beliefs(ofEpoch: number) }
    func documents(ofEpoch number: Int, named document: String) throws(RecordError) -> [RecordedDocument] {
      try inner.documents(ofEpoch: number, named: document)
    }
    func documents(
      named document: String, since: Timestamp, until: Timestamp, most: Int, _ each: (EpochHeader, RecordedDocument) -> Bool
    ) { inner.documents(named: document, since: since, until: until, most: most, each) }
    func blocks(_ kind: String, hours: ClosedRange<Int>, of entities: SeriesEntities, _ each: (SeriesBlock) -> Bool) {
      inner.blocks(kind, hours: hours, of: entities, each)
    }
    func trim(before: Timestamp?, bytes: Int?) { inner.trim(before: before, bytes: bytes) }
    func extent() -> RecordExtent? { inner.extent() }
    func close() {}
  }

  @Test func epochsAreKeptWhileAnHourIsFolded() throws {
    let server = try RealServer(testAccounts)
    defer { withExtendedLifetime(server) {} }
    let store = HeldStore()
    defer { store.open() }
    // An hour that was not folded when it was over.
    let at = WallClock.now() - .wholeSeconds(7200)
    let header = EpochHeader(
      number: Int(at.seconds), began: at, at: at, expected: 1, responded: 1, missing: 0, documents: ["varz"])
    _ = store.write(Epoch(header, beliefs: Array("{}".utf8), documents: []))
    let gateway = try TestGateway("nats://admin:changeit@127.0.0.1:\(server.port)", store: store) {
      $0.record.folder = "in memory"
      $0.record.every = 1
    }
    try gateway.untilLive(1)
    try eventually("an hour is being folded") { store.isHeld }
    let count = store.inner.epochs(since: nil, until: nil, most: .max).count
    try eventually("epochs are kept meanwhile") { store.inner.epochs(since: nil, until: nil, most: .max).count >= count + 3 }
    #expect(try FoldedHour.all(store).isEmpty)
    store.open()
    try eventually("it is folded") { try FoldedHour.all(store).keys.contains(at.hour) }
  }
}
