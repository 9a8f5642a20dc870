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

  /// A stream that the version before wrote: heads of its own version, and plain frames that rest on a plain one.
  @Test func whatTheVersionBeforeWroteIsRead() throws {
    let bed = try RecordBed()
    defer { withExtendedLifetime(bed) {} }
    let store = try bed.store()
    // It makes the stream.
    _ = try store.write(RecordBed.epoch(0))
    let connection = try bed.connection()
    let place = try RecordBed.place(bed.server.port)
    let (api, subjects) = (StreamAPI(place, connection), StreamSubjects(stream: place.stream))
    let frames = try #require(DocumentFrames())
    func publish(_ subject: String, _ frame: [UInt8]?, _ size: Int) throws -> MessageRun {
      let answers = try api.publish([StreamQuestion(subject: subject, payload: try #require(frame))], within: 5)
      return MessageRun(sequences: [try #require(answers.first).get().sequence], size: size)
    }
    var first: [String: (run: MessageRun, bytes: [UInt8])] = [:]
    for minute in 1...3 {
      let epoch = RecordBed.epoch(minute)
      let parts = try DocumentPack.packs(of: epoch.documents).map { pack in
        let (bytes, before) = (pack.bytes, first[pack.server])
        let run = try publish(subjects.documents(pack.server), frames.pack(plain: bytes, prefix: before?.bytes), bytes.count)
        if before == nil { first[pack.server] = (run, bytes) }
        return EpochContents.Part(server: pack.server, pack: run, after: before?.run)
      }
      let contents = EpochContents(parts: parts, beliefs: epoch.beliefs).bytes
      let run = try publish(subjects.contents, frames.pack(plain: contents), contents.count)
      let head = String(
        decoding: EpochHead(epoch.header, contents: run, restsOn: first.values.map(\.run.oldest).min() ?? 0).bytes, as: UTF8.self)
      let earlier = head.replacing("\"version\":2", with: "\"version\":1")
      #expect(earlier != head)
      _ = try publish(subjects.head(epoch.header.number), Array(earlier.utf8), 0)
    }
    // It goes on from there.
    let next = try bed.store()
    _ = try next.write(RecordBed.epoch(4))
    #expect(try RecordBed.readsWholly(next) == [0, 1, 2, 3, 4])
    next.close()
    connection.close()
    store.close()
  }
}
