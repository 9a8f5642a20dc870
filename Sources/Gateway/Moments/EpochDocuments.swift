import Recorded
import Recording
import Synchronization
import Wire

/// The documents of one epoch, read from the store as they are needed. Used by workers.
final class EpochDocuments: Sendable {
  /// What a server's replies bear as `server` is kept among its documents.
  static let serverObject = "server"

  private struct Loaded {
    /// By document and server, then account.
    var found: [String: [String: [String: RecordedDocument]]] = [:]
    var failure: RecordError?
  }

  let header: EpochHeader
  private let store: any RecordStore
  private let asked: Set<String>
  private let loaded = Mutex(Loaded())

  init(_ header: EpochHeader, store: any RecordStore) {
    self.header = header
    self.store = store
    asked = Set(header.documents)
  }

  /// Servers were asked for the document, whether or not they answered.
  func wasAskedFor(_ name: FullDocument.Name) -> Bool { asked.contains(name.rawValue) }

  /// Why something could not be read; nil where nothing went wrong.
  var failure: RecordError? { loaded.withLock { $0.failure } }

  func bytes(_ document: String, of server: String, account: String = "") -> [UInt8]? { find(document, server, account)?.bytes }

  /// From the question for a document to its reply; nil where it is not known.
  func rtt(_ document: String, of server: String) -> Span? { find(document, server, "")?.rtt }

  private func find(_ document: String, _ server: String, _ account: String) -> RecordedDocument? {
    // Under the lock, so that those who need the same document do not all read it.
    loaded.withLock { loaded in
      if loaded.found[document] == nil { load(document, &loaded) }
      return loaded.found[document]?[server]?[account]
    }
  }

  private func load(_ document: String, _ loaded: inout Loaded) {
    loaded.found[document] = [:]
    do throws(RecordError) {
      for found in try store.documents(ofEpoch: header.number, named: document) {
        loaded.found[document]?[found.key.server, default: [:]][found.key.account] = found
      }
    } catch {
      loaded.failure = error
    }
  }

  /// The server as it answers of then; nil where nothing of it was kept.
  func server(_ id: String) -> RecordedServer? {
    guard let object = bytes(EpochDocuments.serverObject, of: id) else { return nil }
    return RecordedDocuments(server: object) { [self] name, account in bytes(name.rawValue, of: id, account: account ?? "") }
      .map(RecordedServer.init)
  }
}
