import DequeModule
import Recording
import Synchronization
import Wire

/// Fetches what epochs are made of, and keeps what others may rest on. Safe from any thread; callers may block.
final class EpochLoader: Sendable {
  private struct Kept {
    /// The stream that it is of.
    var created = ""
    var bytes: [MessageRun: [UInt8]] = [:]
    var order: Deque<MessageRun> = []
    var size = 0
  }

  /// What one call works with. It is whole: what others push out of `kept` meanwhile is here.
  private struct AtHand {
    /// The stream that it is of.
    let created: String
    /// What was kept when the call began.
    let known: [MessageRun: [UInt8]]
    /// The frames of everything else; nil where messages are missing.
    let fetched: [MessageRun: [UInt8]?]
    let unpacker: DocumentFrames
  }

  private let api: StreamAPI
  private let mostKept: Int
  private let kept = Mutex(Kept())

  /// - Parameter mostKept: Unpacked bytes that are kept: the packs of a few epochs and those that they rest on.
  init(_ api: StreamAPI, mostKept: Int = 16 << 20) {
    self.api = api
    self.mostKept = mostKept
  }

  /// What is missing or cannot be read; the sentence's end.
  struct Fault: Error {
    let reason: String
  }

  func contents(of heads: [EpochHead], in stream: EpochLister.Seen) throws(RecordError) -> [Result<EpochContents, Fault>] {
    let frames = try self.frames(heads.map(\.contents), stream)
    guard let unpacker = DocumentFrames() else { throw .failed(path: api.place.text, reason: "out of memory") }
    return zip(heads, frames).map { head, frame in
      guard let frame else { return .failure(Fault(reason: "messages are missing")) }
      guard let bytes = unpacker.unpack(frame, prefix: nil, size: head.contents.size), let contents = EpochContents(bytes) else {
        return .failure(Fault(reason: "the list of its documents cannot be read"))
      }
      return .success(contents)
    }
  }

  /// The documents of one name in each of several epochs, in their order; within an epoch by server and account.
  func documents(
    of epochs: [EpochContents], named name: String, in stream: EpochLister.Seen
  ) throws(RecordError) -> [Result<[RecordedDocument], Fault>] {
    let parts = epochs.flatMap { EpochLoader.parts($0, named: name) }
    let atHand = try atHand(Set(parts.map(\.pack)).union(parts.compactMap(\.after)), stream)
    return epochs.map { epoch in
      do throws(Fault) { return .success(try documents(of: epoch, named: name, atHand)) } catch { return .failure(error) }
    }
  }

  /// Fetches what of some runs is not kept.
  private func atHand(_ runs: Set<MessageRun>, _ stream: EpochLister.Seen) throws(RecordError) -> AtHand {
    let known = kept.withLock { kept in
      if kept.created != stream.created { kept = Kept(created: stream.created) }
      return kept.bytes.filter { runs.contains($0.key) }
    }
    let wanted = runs.filter { known[$0] == nil }.sorted { $0.oldest < $1.oldest }
    let fetched = Dictionary(uniqueKeysWithValues: zip(wanted, try frames(wanted, stream)))
    guard let unpacker = DocumentFrames() else { throw .failed(path: api.place.text, reason: "out of memory") }
    return AtHand(created: stream.created, known: known, fetched: fetched, unpacker: unpacker)
  }

  /// Where a document of a name may be: what an epoch keeps of itself is with no server's documents.
  private static func parts(_ epoch: EpochContents, named name: String) -> [EpochContents.Part] {
    let isOwn = RecordedDocument.isOfEpoch(name)
    return epoch.parts.filter { $0.server.isEmpty == isOwn }
  }

  private func documents(of epoch: EpochContents, named name: String, _ atHand: AtHand) throws(Fault) -> [RecordedDocument] {
    var found: [RecordedDocument] = []
    for part in EpochLoader.parts(epoch, named: name) {
      let prefix = try part.after.map { after throws(Fault) in try unpacked(after, prefix: nil, atHand) }
      let bytes = try unpacked(part.pack, prefix: prefix, atHand)
      guard let pack = DocumentPack(bytes, server: part.server) else {
        throw Fault(reason: "the documents of \(part.server) cannot be read")
      }
      found += pack.documents.filter { $0.key.document == name }
    }
    return found.sorted { ($0.key.server, $0.key.account) < ($1.key.server, $1.key.account) }
  }

  private func unpacked(_ run: MessageRun, prefix: [UInt8]?, _ atHand: AtHand) throws(Fault) -> [UInt8] {
    if let known = atHand.known[run] { return known }
    // Unpacked by this call already: a pack that several epochs rest on.
    if let known = kept.withLock({ $0.created == atHand.created ? $0.bytes[run] : nil }) { return known }
    guard let frame = atHand.fetched[run] ?? nil else { throw Fault(reason: "messages are missing") }
    guard let bytes = atHand.unpacker.unpack(frame, prefix: prefix, size: run.size) else {
      throw Fault(reason: "documents cannot be unpacked")
    }
    keep(run, bytes, of: atHand.created)
    return bytes
  }

  private func keep(_ run: MessageRun, _ bytes: [UInt8], of created: String) {
    guard bytes.count <= mostKept / 2 else { return }
    kept.withLock { kept in
      guard kept.created == created, kept.bytes.updateValue(bytes, forKey: run) == nil else { return }
      kept.order.append(run)
      kept.size += bytes.count
      while kept.size > mostKept, let oldest = kept.order.popFirst() {
        kept.size -= kept.bytes.removeValue(forKey: oldest)?.count ?? 0
      }
    }
  }

  /// The frames that stand in some runs of messages; nil where one of its messages is missing.
  private func frames(_ runs: [MessageRun], _ stream: EpochLister.Seen) throws(RecordError) -> [[UInt8]?] {
    let messages = try api.messages(runs.flatMap(\.sequences).map { .sequence($0) }, direct: stream.allowsDirect)
    var rest = messages[...]
    return runs.map { run in
      let pieces = rest.prefix(run.sequences.count)
      rest = rest.dropFirst(run.sequences.count)
      return pieces.contains(nil) ? nil : pieces.flatMap { $0?.payload ?? [] }
    }
  }
}
