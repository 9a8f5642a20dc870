import DequeModule
import Recording
import Synchronization
import Wire

/// Fetches what epochs are made of, and keeps what others may rest on. Safe from any thread; callers may block.
final class EpochLoader: Sendable {
  /// Unpacked bytes that are kept: the packs of a few epochs and those that they rest on.
  private static let mostKept = 16 << 20

  private struct Kept {
    /// The stream that it is of.
    var created = ""
    var bytes: [MessageRun: [UInt8]] = [:]
    var order: Deque<MessageRun> = []
    var size = 0
  }

  private let api: StreamAPI
  private let kept = Mutex(Kept())

  init(_ api: StreamAPI) { self.api = api }

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
    kept.withLock { if $0.created != stream.created { $0 = Kept(created: stream.created) } }
    let parts = epochs.flatMap { EpochLoader.parts($0, named: name) }
    let runs = Set(parts.map(\.pack)).union(parts.compactMap(\.after))
    let wanted = kept.withLock { kept in runs.filter { kept.bytes[$0] == nil } }.sorted { $0.oldest < $1.oldest }
    let fetched = Dictionary(uniqueKeysWithValues: zip(wanted, try frames(wanted, stream)))
    guard let unpacker = DocumentFrames() else { throw .failed(path: api.place.text, reason: "out of memory") }
    return epochs.map { epoch in
      do throws(Fault) { return .success(try documents(of: epoch, named: name, fetched, unpacker)) } catch { return .failure(error) }
    }
  }

  /// Where a document of a name may be: what an epoch keeps of itself is with no server's documents.
  private static func parts(_ epoch: EpochContents, named name: String) -> [EpochContents.Part] {
    let isOwn = RecordedDocument.OfEpoch(rawValue: name) != nil
    return epoch.parts.filter { $0.server.isEmpty == isOwn }
  }

  private func documents(
    of epoch: EpochContents, named name: String, _ fetched: [MessageRun: [UInt8]?], _ unpacker: DocumentFrames
  ) throws(Fault) -> [RecordedDocument] {
    var found: [RecordedDocument] = []
    for part in EpochLoader.parts(epoch, named: name) {
      let prefix = try part.after.map { after throws(Fault) in try unpacked(after, prefix: nil, fetched, unpacker) }
      let bytes = try unpacked(part.pack, prefix: prefix, fetched, unpacker)
      guard let pack = DocumentPack(bytes, server: part.server) else {
        throw Fault(reason: "the documents of \(part.server) cannot be read")
      }
      found += pack.documents.filter { $0.key.document == name }
    }
    return found.sorted { ($0.key.server, $0.key.account) < ($1.key.server, $1.key.account) }
  }

  private func unpacked(
    _ run: MessageRun, prefix: [UInt8]?, _ fetched: [MessageRun: [UInt8]?], _ unpacker: DocumentFrames
  ) throws(Fault) -> [UInt8] {
    if let known = kept.withLock({ $0.bytes[run] }) { return known }
    guard let frame = fetched[run] ?? nil else { throw Fault(reason: "messages are missing") }
    guard let bytes = unpacker.unpack(frame, prefix: prefix, size: run.size) else {
      throw Fault(reason: "documents cannot be unpacked")
    }
    keep(run, bytes)
    return bytes
  }

  private func keep(_ run: MessageRun, _ bytes: [UInt8]) {
    guard bytes.count <= EpochLoader.mostKept / 2 else { return }
    kept.withLock { kept in
      guard kept.bytes.updateValue(bytes, forKey: run) == nil else { return }
      kept.order.append(run)
      kept.size += bytes.count
      while kept.size > EpochLoader.mostKept, let oldest = kept.order.popFirst() {
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
