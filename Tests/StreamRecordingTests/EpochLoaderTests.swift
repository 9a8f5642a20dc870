import Recording
import TestSupport
import Testing

@testable import StreamRecording

/// What epochs are made of, fetched from a real server.
struct EpochLoaderTests {
  @Test func whatIsPushedOutWhileItIsReadIsReadAllTheSame() throws {
    let bed = try RecordBed()
    defer { withExtendedLifetime(bed) {} }
    let store = try bed.store()
    for minute in 0..<3 { _ = try store.write(RecordBed.epoch(minute, servers: 6)) }
    let connection = try bed.connection()
    let place = try RecordBed.place(bed.server.port)
    let api = StreamAPI(place, connection)
    let lister = EpochLister(api, StreamSubjects(stream: place.stream))
    let heads = try lister.look().index.heads
    let size = RecordBed.document(0, 0).count
    // From one that keeps nearly all to one that keeps next to nothing.
    for packs in [11, 7, 4, 2, 0] {
      let loader = EpochLoader(api, mostKept: packs * size + size / 2)
      let contents = try loader.contents(of: heads, in: lister.seen).map { try $0.get() }
      for turn in 0..<3 {
        let found = try loader.documents(of: contents, named: "connz", in: lister.seen)
        for (minute, documents) in found.enumerated() {
          #expect(
            try documents.get().map(\.bytes) == (0..<6).map { RecordBed.document($0, minute) }, "\(packs) packs, turn \(turn)")
        }
      }
    }
    connection.close()
    store.close()
  }
}
