import Dispatch
import NATSClient
import Recording
import Synchronization
import TestSupport
import Testing
import Wire

@testable import StreamRecording

/// Several gateways on one stream of a real nats-server: one history, and none of them matters.
struct SeveralGatewaysTests {
  @Test func anEpochIsStoredOnceByWhicheverComesFirst() throws {
    let bed = try RecordBed()
    defer { withExtendedLifetime(bed) {} }
    let stores = try (0..<3).map { _ in try bed.store() }
    for minute in 0..<24 {
      let written = Mutex<[String]>([])
      DispatchQueue.concurrentPerform(iterations: stores.count) { place in
        do {
          if try stores[place].write(RecordBed.epoch(minute, by: "g\(place)")) != nil { written.withLock { $0.append("g\(place)") } }
        } catch { Issue.record("\(error)") }
      }
      let winners = written.withLock { $0 }
      #expect(winners.count == 1, "\(minute): \(winners)")
      for store in stores { #expect(try store.beliefs(ofEpoch: 1000 + minute) == Array("beliefs \(minute) \(winners.first ?? "")".utf8)) }
    }
    // Whoever wrote what, everybody reads all of it: also one that comes later.
    let later = try bed.store()
    for store in stores + [later] { #expect(try RecordBed.readsWholly(store, by: { _ in nil }) == Array(0..<24)) }
    let information = try #require(StreamInformation(try bed.api("STREAM.INFO.NATSIGHT", #"{"subjects_filter":"NATSIGHT.>"}"#)))
    #expect(information.found.count { $0.contains(".epoch.") } == 24)
    let messages = try bed.api("STREAM.INFO.NATSIGHT")["state"]?["messages"]?.int
    // Of each epoch: the documents of two servers, what it is made of, its head; and claims, which are small.
    #expect((messages ?? 0) <= 24 * (4 + 3))
    for store in stores + [later] { store.close() }
  }

  @Test func oneThatIsKilledWhileItWritesHoldsNobodyUp() throws {
    let bed = try RecordBed()
    defer { withExtendedLifetime(bed) {} }
    let store = try bed.store()
    _ = try store.write(RecordBed.epoch(0))
    let connection = try bed.connection()
    // It has claimed the next one, stored a part, and is gone.
    for (subject, id) in [("NATSIGHT.claim", "claim-1001-1"), ("NATSIGHT.documents.S0", "x")] {
      _ = try connection.ask(StreamQuestion(subject: subject, headers: .init([("Nats-Msg-Id", id)]), payload: [1]), within: 10).get()
    }
    #expect(try store.write(RecordBed.epoch(1)) != nil)
    #expect(try RecordBed.readsWholly(store) == [0, 1])
    connection.close()
    store.close()
  }

  @Test func whatOneHasReadTheOtherReadsAfterItIsGone() throws {
    let bed = try RecordBed()
    defer { withExtendedLifetime(bed) {} }
    let one = try bed.store()
    let other = try bed.store()
    #expect(try other.extent() == nil)
    for minute in 0..<5 { _ = try one.write(RecordBed.epoch(minute)) }
    one.close()
    #expect(throws: RecordError.self) { try one.write(RecordBed.epoch(9)) }
    #expect(try RecordBed.readsWholly(other) == Array(0..<5))
    for minute in 5..<30 { _ = try other.write(RecordBed.epoch(minute)) }
    #expect(try other.epoch(at: RecordBed.time(3) + .seconds(30))?.number == 1003)
    #expect(try RecordBed.readsWholly(other) == Array(0..<30))
    other.close()
  }

  @Test func aLongHistoryIsFoundByItsNames() throws {
    let bed = try RecordBed()
    defer { withExtendedLifetime(bed) {} }
    let store = try bed.store()
    for minute in 0..<40 { _ = try store.write(RecordBed.epoch(minute, rows: 3)) }
    store.close()
    let place = try RecordBed.place(bed.server.port)
    let api = StreamAPI(place, try bed.connection())
    let lister = EpochLister(api, StreamSubjects(stream: place.stream), far: 10, portion: 7)
    #expect(try lister.look().index.heads.map { $0.header.number - 1000 } == Array(0..<40))
  }
}
