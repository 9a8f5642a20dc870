import Recording
import Wire

/// Reads blocks of series. Safe from any thread; callers may block.
final class SeriesReader: Sendable {
  /// Hours that are fetched together.
  private static let portion = 64

  private let api: StreamAPI
  private let subjects: StreamSubjects

  init(_ api: StreamAPI, _ subjects: StreamSubjects) {
    self.api = api
    self.subjects = subjects
  }

  func blocks(
    _ kind: String, hours: ClosedRange<Int>, of entities: SeriesEntities, _ each: (SeriesBlock) -> Bool
  ) throws(RecordError) {
    guard let stream = try api.information(subjects: subjects.allSeries(kind)) else { return }
    var left = stream.found.compactMap { subjects.hour(of: kind, in: $0) }.filter(hours.contains).sorted()[...]
    while !left.isEmpty {
      let portion = Array(left.prefix(SeriesReader.portion))
      left = left.dropFirst(portion.count)
      let keys = portion.map { StreamMessageKey.last(subject: subjects.series(kind, $0)) }
      for (hour, message) in zip(portion, try api.messages(keys, direct: stream.allowsDirect)) {
        // What the stream has given up meanwhile is not there.
        guard let message, let bundle = try bundle(message, stream) else { continue }
        for (entity, bytes) in bundle.blocks where entities.includes(entity) {
          guard each(SeriesBlock(.init(hour: hour, kind: kind, entity: entity), bytes: bytes)) else { return }
        }
      }
    }
  }

  /// What a message of a bundle says; nil where pieces of it are not there any more.
  func bundle(_ message: StreamMessage, _ stream: StreamInformation) throws(RecordError) -> SeriesBundle? {
    guard let head = SeriesMessage(message.payload) else { throw unreadable(message) }
    guard head.parts.isEmpty else {
      var whole = SeriesBundle()
      for part in head.parts {
        guard let frame = try frame(part.sequences, stream) else { return nil }
        whole.blocks.merge(try bundle(frame, part.size, message).blocks) { _, later in later }
      }
      return whole
    }
    if head.sequences.isEmpty { return try bundle(head.frame, head.size, message) }
    return try frame(head.sequences, stream).map { frame throws(RecordError) in try bundle(frame, head.size, message) }
  }

  private func frame(_ sequences: [Int], _ stream: StreamInformation) throws(RecordError) -> [UInt8]? {
    let pieces = try api.messages(sequences.map { .sequence($0) }, direct: stream.allowsDirect)
    guard !pieces.contains(nil) else { return nil }
    return pieces.flatMap { $0?.payload ?? [] }
  }

  private func bundle(_ frame: [UInt8], _ size: Int, _ message: StreamMessage) throws(RecordError) -> SeriesBundle {
    guard let unpacker = DocumentFrames() else { throw .failed(path: api.place.text, reason: "out of memory") }
    guard let bytes = unpacker.unpack(plain: frame, size: size), let bundle = SeriesBundle(bytes) else { throw unreadable(message) }
    return bundle
  }

  private func unreadable(_ message: StreamMessage) -> RecordError {
    .failed(path: api.place.text, reason: "the series in message \(message.sequence) cannot be read")
  }
}
