@preconcurrency import Dispatch
import Synchronization

/// Packs the documents of an epoch, several beside each other where there are processors to spare. Confined to one caller at a time.
final class DocumentPacking {
  struct Packed: Sendable {
    let parts: SplitDocument
    /// nil for a document that is too large, or where there is no memory.
    let frame: [UInt8]?
  }

  /// Whoever packs has contexts of its own.
  private final class Packer: Sendable {
    /// Nobody waits for it: each turn of `concurrentPerform` has the one of its number.
    private let frames: Mutex<DocumentFrames>

    init?() {
      guard let frames = DocumentFrames() else { return nil }
      self.frames = Mutex(frames)
    }

    func packed(_ document: RecordedDocument, after before: SplitDocument?) -> Packed {
      let parts = SplitDocument(document.bytes, after: before)
      return Packed(parts: parts, frame: frames.withLock { $0.pack(parts, of: document.bytes, after: before) })
    }
  }

  private let packers: [Packer]

  /// Documents that are given together: what is packed is held until the last of them is.
  var portion: Int { packers.count == 1 ? 1 : packers.count * 16 }

  /// nil where there is no memory for it.
  init?(beside count: Int) {
    let packers = (0..<max(1, count)).compactMap { _ in Packer() }
    guard packers.count == max(1, count) else { return nil }
    self.packers = packers
  }

  /// - Parameter before: What a document rests on.
  /// - Returns: The documents in their order.
  func packed(_ documents: [RecordedDocument], after before: [SplitDocument?]) -> [Packed] {
    guard packers.count > 1, documents.count > 1 else {
      return zip(documents, before).map { packers[0].packed($0, after: $1) }
    }
    let next = Atomic(0)
    let found = Mutex([Packed?](repeating: nil, count: documents.count))
    DispatchQueue.concurrentPerform(iterations: packers.count) { [packers] number in
      while true {
        let place = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard place < documents.count else { return }
        let packed = packers[number].packed(documents[place], after: before[place])
        found.withLock { $0[place] = packed }
      }
    }
    return found.withLock { $0.compactMap(\.self) }
  }
}
