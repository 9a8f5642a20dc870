import NATSClient
import Recording
import Wire

/// Writes blocks of series: those of one kind and hour stand in one message, which takes the place of the one before. Confined to one caller
/// at a time; it blocks.
final class SeriesPublisher {
  /// Tries against other gateways that write the same hour.
  private static let tries = 8
  /// What is larger than this stands in several parts, in bytes before they are packed.
  private static let largestPart = 16 << 20

  private struct Place: Hashable {
    let kind: String
    let hour: Int
  }

  private let api: StreamAPI
  private let subjects: StreamSubjects
  private let reader: SeriesReader
  private let frames: DocumentFrames
  private let largestPart: Int

  init(
    _ api: StreamAPI, _ subjects: StreamSubjects, _ reader: SeriesReader, largestPart: Int = SeriesPublisher.largestPart
  ) throws(RecordError) {
    self.api = api
    self.largestPart = largestPart
    self.subjects = subjects
    self.reader = reader
    guard let frames = DocumentFrames() else { throw .failed(path: api.place.text, reason: "out of memory") }
    self.frames = frames
  }

  /// Writes blocks, each kind's of an hour wholly or not at all. Where several kinds or hours are written and one fails, those before it stay:
  /// each says something by itself, and is written again with the same key.
  func write(_ blocks: [SeriesBlock], to stream: StreamInformation) throws(RecordError) {
    let kept = blocks.filter { $0.bytes.count <= SeriesBlock.largest }
    for (place, blocks) in Dictionary(grouping: kept, by: { Place(kind: $0.key.kind, hour: $0.key.hour) }) {
      try write(blocks, place, stream)
    }
  }

  private func write(_ blocks: [SeriesBlock], _ place: Place, _ stream: StreamInformation) throws(RecordError) {
    let subject = subjects.series(place.kind, place.hour)
    for _ in 0..<SeriesPublisher.tries {
      let before = try api.message(.last(subject: subject), direct: false)
      var bundle = try before.flatMap { message throws(RecordError) in try reader.bundle(message, stream) } ?? SeriesBundle()
      for block in blocks { bundle.blocks[block.key.entity] = block.bytes }
      // Only what was read is replaced: another gateway may have written meanwhile.
      var headers = NATSHeaders([("Nats-Expected-Last-Subject-Sequence", "\(before?.sequence ?? 0)")])
      if stream.allowsRollup { headers.fields.append(("Nats-Rollup", "sub")) }
      let message = StreamQuestion(subject: subject, headers: headers, payload: try self.message(bundle, stream))
      switch try api.publish([message], within: StreamAPI.patience)[0] {
      case .success: return
      case .failure(let refusal) where refusal.isTaken: continue
      case .failure(let refusal): throw refusal.error(of: api.place.text)
      }
    }
    throw .failed(path: api.place.text, reason: "other gateways write the same series again and again")
  }

  /// The message of a bundle; what does not fit into it is stored before.
  private func message(_ bundle: SeriesBundle, _ stream: StreamInformation) throws(RecordError) -> [UInt8] {
    let parts = bundle.parts(of: largestPart)
    let most = try api.largestPiece(stream)
    guard parts.count > 1 else {
      let (frame, size) = try self.frame(bundle)
      guard frame.count > most else { return SeriesMessage(size: size, sequences: [], frame: frame).bytes }
      return SeriesMessage(size: size, sequences: try store(frame, most), frame: []).bytes
    }
    guard parts.count <= SeriesMessage.mostParts else { throw tooMany }
    var runs: [MessageRun] = []
    for part in parts {
      let (frame, size) = try self.frame(part)
      runs.append(MessageRun(sequences: try store(frame, most), size: size))
    }
    return SeriesMessage(parts: runs).bytes
  }

  private var tooMany: RecordError { .failed(path: api.place.text, reason: "too many series in one hour") }

  private func frame(_ bundle: SeriesBundle) throws(RecordError) -> (frame: [UInt8], size: Int) {
    let bytes = bundle.bytes
    guard let frame = frames.pack(plain: bytes) else { throw tooMany }
    return (frame, bytes.count)
  }

  /// Stores a frame in as many messages as it takes.
  private func store(_ frame: [UInt8], _ most: Int) throws(RecordError) -> [Int] {
    var sequences: [Int] = []
    for answer in try api.publish(StreamAPI.pieces(of: frame, most, subjects.pieces), within: StreamAPI.patience) {
      switch answer {
      case .success(let place): sequences.append(place.sequence)
      case .failure(let refusal): throw refusal.error(of: api.place.text)
      }
    }
    return sequences
  }
}
