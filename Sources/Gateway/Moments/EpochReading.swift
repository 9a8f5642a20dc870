import Recorded
import Recording
import Synchronization
import SystemAPI
import Wire

/// One look into the documents of an epoch, which remembers that something could not be read. For one worker.
final class EpochReading: Sendable {
  private let documents: EpochDocuments
  private let failed = Mutex<RecordError?>(nil)

  init(_ documents: EpochDocuments) { self.documents = documents }

  /// Why something could not be read; nil where nothing went wrong.
  var failure: RecordError? { failed.withLock { $0 } }

  /// The server as it answers of then; nil where nothing of it was kept.
  func server(_ id: String) -> RecordedServer? {
    guard let object = find(KeptDocument.server, id)?.bytes else { return nil }
    let lookup: RecordedDocuments.Lookup = { [self] name, account in find(name.rawValue, id, account ?? "")?.bytes }
    return RecordedDocuments(server: object, holdings: documents.holdings, lookup: lookup).map(RecordedServer.init)
  }

  /// What the server said instead of a document; nil where it gave it, or was silent.
  func refusal(_ name: FullDocument.Name, of id: String) -> ReplyError? {
    find(KeptDocument.refusal + name.rawValue, id).flatMap { document in
      document.bytes.withUnsafeBufferPointer { ReplyError($0, 0..<$0.count) }
    }
  }

  /// The server gave the document, and it was too large to be kept.
  func isLeftOut(_ name: FullDocument.Name, of id: String) -> Bool { find(KeptDocument.leftOut + name.rawValue, id) != nil }

  /// From the question for a document to its reply; nil where it is not known.
  func rtt(_ document: String, of id: String) -> Span? { find(document, id)?.rtt }

  func find(_ document: String, _ server: String, _ account: String = "") -> RecordedDocument? {
    do throws(RecordError) {
      return try documents.find(document, server, account)
    } catch {
      failed.withLock { $0 = error }
      return nil
    }
  }
}
