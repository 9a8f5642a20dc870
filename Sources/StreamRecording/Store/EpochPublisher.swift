import Glibc
import Identity
import NATSClient
import Reactor
import Recording
import Wire

/// Writes epochs into the stream. Confined to one caller at a time; it blocks.
///
/// Messages of one epoch are written in this order: a claim, by which one of several gateways writes it; the documents of each server; what
/// the epoch is made of; its head. The head makes it: it is stored only where the epoch has none, so that it is there once and whole, or not.
final class EpochPublisher {
  /// What packs that are held for the next epochs of a row may take, in bytes of memory: 25 MB of connections. Those beyond stand alone.
  private static let mostHeld = 64 << 20
  /// How long whoever claimed an epoch may take before another one writes it, in seconds; and how often it is looked for meanwhile.
  private static let claimed = 2.5
  private static let lookEvery: UInt32 = 100_000

  private struct Place: Hashable {
    let server: String
    let ordinal: Int
  }

  private struct Packed {
    let place: Place
    let size: Int
    /// Where later ones will rest on it.
    let parts: SplitDocument?
    let frame: [UInt8]
    let after: MessageRun?
  }

  private let api: StreamAPI
  private let subjects: StreamSubjects
  private let frames: DocumentFrames
  /// Tells this gateway's claims from others', for a person who reads them.
  private let name = NUID.next()
  /// The first epoch of the row, and the packs that stand alone in it.
  private var row: Int?
  private var held: [Place: (run: MessageRun, parts: SplitDocument)] = [:]
  private var heldBytes = 0
  /// The stream that `held` is of.
  private var created = ""

  init(_ api: StreamAPI, _ subjects: StreamSubjects) throws(RecordError) {
    self.api = api
    self.subjects = subjects
    guard let frames = DocumentFrames() else { throw .failed(path: api.place.text, reason: "out of memory") }
    self.frames = frames
  }

  /// Writes an epoch that is not there.
  ///
  /// - Returns: nil where another gateway has written it.
  func write(_ epoch: Epoch, to stream: StreamInformation) throws(RecordError) -> EpochHeader? {
    let number = epoch.header.number
    guard try claim(number, stream) else { return nil }
    if !canGoOn(number, stream) { beginRow(number, stream) }
    do throws(RecordError) {
      let written = try publish(epoch, stream)
      if written == nil { row = nil }
      return written
    } catch {
      // What was stored of it is not known: nothing rests on it.
      row = nil
      throw error
    }
  }

  /// Whether an epoch may rest on what the row has held so far: not where the stream is another one, or has lost it.
  private func canGoOn(_ number: Int, _ stream: StreamInformation) -> Bool {
    guard let row, (row..<row + StreamPlace.rowLength).contains(number), stream.created == created else { return false }
    return held.values.allSatisfy { $0.run.oldest >= stream.firstSequence }
  }

  private func beginRow(_ number: Int, _ stream: StreamInformation) {
    row = number
    created = stream.created
    held.removeAll()
    heldBytes = 0
  }

  // MARK: Who writes

  /// Whether it is this gateway that writes the epoch: the one whose claim is stored first, or another where nothing came of that.
  private func claim(_ number: Int, _ stream: StreamInformation) throws(RecordError) -> Bool {
    for turn in 1...2 {
      let message = StreamQuestion(
        subject: subjects.claim, headers: NATSHeaders([("Nats-Msg-Id", "claim-\(number)-\(turn)")]),
        payload: Array("\(number) \(name)".utf8))
      if try store([message], within: StreamAPI.patience).first?.isDuplicate == false { return true }
      if try isWritten(number, stream, within: EpochPublisher.claimed) { return false }
    }
    return true
  }

  private func isWritten(_ number: Int, _ stream: StreamInformation, within seconds: Double) throws(RecordError) -> Bool {
    let deadline = MonotonicClock.now() + .seconds(seconds)
    repeat {
      if try api.message(.last(subject: subjects.head(number)), direct: false) != nil { return true }
      usleep(EpochPublisher.lookEvery)
    } while MonotonicClock.now() < deadline
    return false
  }

  // MARK: What is written

  private func publish(_ epoch: Epoch, _ stream: StreamInformation) throws(RecordError) -> EpochHeader? {
    let packed = pack(epoch.documents)
    let piece = try api.largestPiece(stream)
    let runs = try publish(packed.map { (subjects.documents($0.place.server), $0.frame, $0.size) }, piece)
    let parts = zip(packed, runs).map { EpochContents.Part(server: $0.place.server, pack: $1, after: $0.after) }
    let contents = EpochContents(parts: parts, beliefs: epoch.beliefs).bytes
    guard let frame = frames.pack(contents, prefix: nil) else { throw .failed(path: api.place.text, reason: "too much was believed") }
    let contentsRun = try publish([(subjects.contents, frame, contents.count)], piece)[0]
    var head = EpochHead(epoch.header, contents: contentsRun, restsOn: 0)
    head.header.bytes = frame.count + packed.reduce(0) { $0 + $1.frame.count }
    head.header.documentBytes = epoch.documents.reduce(0) { $0 + $1.bytes.count }
    head.restsOn = parts.reduce(contentsRun.oldest) { min($0, $1.pack.oldest, $1.after?.oldest ?? .max) }
    guard try publish(head) else { return nil }
    for (pack, run) in zip(packed, runs) { hold(pack, run) }
    return head.header
  }

  private func pack(_ documents: [RecordedDocument]) -> [Packed] {
    var ordinals: [String: Int] = [:]
    var bytes = heldBytes
    return DocumentPack.packs(of: documents).compactMap { pack in
      let place = Place(server: pack.server, ordinal: ordinals[pack.server, default: 0])
      ordinals[pack.server] = place.ordinal + 1
      let (document, before) = (pack.bytes, held[place])
      let parts = SplitDocument(document, after: before?.parts)
      guard let frame = frames.pack(parts, of: document, after: before?.parts) else { return nil }
      let isHeld = before == nil && bytes + parts.footprint <= EpochPublisher.mostHeld
      if isHeld { bytes += parts.footprint }
      return Packed(place: place, size: document.count, parts: isHeld ? parts : nil, frame: frame, after: before?.run)
    }
  }

  private func hold(_ pack: Packed, _ run: MessageRun) {
    guard let parts = pack.parts else { return }
    held[pack.place] = (run, parts)
    heldBytes += parts.footprint
  }

  /// Stores frames, each in as many messages as it takes.
  private func publish(_ frames: [(subject: String, bytes: [UInt8], size: Int)], _ piece: Int) throws(RecordError) -> [MessageRun] {
    var messages: [StreamQuestion] = []
    var counts: [Int] = []
    for frame in frames {
      let pieces = StreamAPI.pieces(of: frame.bytes, piece, frame.subject)
      counts.append(pieces.count)
      messages += pieces
    }
    var places = try store(messages, within: StreamAPI.patience)[...]
    return zip(frames, counts).map { frame, count in
      defer { places = places.dropFirst(count) }
      return MessageRun(sequences: places.prefix(count).map(\.sequence), size: frame.size)
    }
  }

  private func store(_ messages: [StreamQuestion], within seconds: Double) throws(RecordError) -> [PublishedPlace] {
    var places: [PublishedPlace] = []
    for answer in try api.publish(messages, within: seconds) {
      switch answer {
      case .success(let place): places.append(place)
      case .failure(let refusal): throw refusal.error(of: api.place.text)
      }
    }
    return places
  }

  /// - Returns: false where the epoch has a head already.
  private func publish(_ head: EpochHead) throws(RecordError) -> Bool {
    let number = head.header.number
    let message = StreamQuestion(
      subject: subjects.head(number),
      headers: NATSHeaders([("Nats-Msg-Id", "epoch-\(number)"), ("Nats-Expected-Last-Subject-Sequence", "0")]), payload: head.bytes)
    for answer in try api.publish([message], within: StreamAPI.patience) {
      switch answer {
      case .success(let place): return !place.isDuplicate
      case .failure(let refusal) where refusal.isTaken: return false
      case .failure(let refusal): throw refusal.error(of: api.place.text)
      }
    }
    return false
  }
}
