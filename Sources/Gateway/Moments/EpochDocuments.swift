import Recorded
import Recording
import Synchronization
import Wire

/// The documents of one epoch, read from the store as they are needed. Used by workers.
final class EpochDocuments: Sendable {
  /// What a server's replies bear as `server` is kept among its documents.
  static let serverObject = "server"
  /// What a server refused to give is kept under the document's name behind this.
  static let refusal = "refusal/"

  let header: EpochHeader
  private let store: any RecordStore
  private let asked: Set<String>
  /// By document and server, then account.
  private let loaded = Mutex<[String: [String: [String: RecordedDocument]]]>([:])

  init(_ header: EpochHeader, store: any RecordStore) {
    self.header = header
    self.store = store
    asked = Set(header.documents)
  }

  /// Servers were asked for the document, whether or not they answered.
  func wasAskedFor(_ name: FullDocument.Name) -> Bool { asked.contains(name.rawValue) }

  /// What was kept of a document.
  ///
  /// - Throws: A document that cannot be read is tried again by the next who asks.
  func find(_ document: String, _ server: String, _ account: String) throws(RecordError) -> RecordedDocument? {
    // Under the lock, so that those who need the same document do not all read it.
    let result = loaded.withLock { loaded -> Result<RecordedDocument?, RecordError> in
      if loaded[document] == nil {
        do throws(RecordError) { loaded[document] = try load(document) } catch { return .failure(error) }
      }
      return .success(loaded[document]?[server]?[account])
    }
    return try result.get()
  }

  private func load(_ document: String) throws(RecordError) -> [String: [String: RecordedDocument]] {
    var found: [String: [String: RecordedDocument]] = [:]
    for one in try store.documents(ofEpoch: header.number, named: document) { found[one.key.server, default: [:]][one.key.account] = one }
    return found
  }
}
