import Recorded
import Recording
import Synchronization
import Wire

/// The documents of one epoch, read from the store as they are needed. Used by workers.
final class EpochDocuments: Sendable {
  /// Bytes of documents that are held between questions. The documents of one name count as one, however large they are.
  static let mostHeld = 32 << 20

  let header: EpochHeader
  /// With which options they were asked for.
  let holdings: Holdings
  let store: any RecordStore
  private let mostHeld: Int
  private let asked: Set<String>
  private let shelf = Mutex(Shelf())

  /// What is held, and who reads what: each name is read by one worker while the others that need it wait.
  fileprivate struct Shelf {
    var names: [String: Named] = [:]
    /// The one that was asked for last stands last.
    var order: [String] = []
  }

  /// The documents of one name, by server and account.
  fileprivate final class Named: Sendable {
    typealias Found = [String: [String: RecordedDocument]]

    let found = Mutex<Found?>(nil)
    let bytes = Atomic(0)
  }

  init(_ header: EpochHeader, store: any RecordStore, holdings: Holdings = .full, mostHeld: Int = EpochDocuments.mostHeld) {
    self.header = header
    self.holdings = holdings
    self.store = store
    self.mostHeld = mostHeld
    asked = Set(header.documents)
  }

  /// Servers were asked for the document, whether or not they answered.
  func wasAskedFor(_ name: FullDocument.Name) -> Bool { asked.contains(name.rawValue) }

  /// Bytes of documents that are held.
  var heldBytes: Int { shelf.withLock { $0.names.values.reduce(0) { $0 + $1.bytes.load(ordering: .relaxed) } } }

  /// What was kept of a document.
  ///
  /// - Throws: A document that cannot be read is tried again by the next who asks.
  func find(_ document: String, _ server: String, _ account: String) throws(RecordError) -> RecordedDocument? {
    let named = shelf.withLock { $0.named(document) }
    let result = named.found.withLock { found -> Result<RecordedDocument?, RecordError> in
      if let found { return .success(found[server]?[account]) }
      do throws(RecordError) {
        let loaded = try load(document)
        named.bytes.store(EpochDocuments.size(loaded), ordering: .relaxed)
        found = loaded
        return .success(loaded[server]?[account])
      } catch {
        return .failure(error)
      }
    }
    shelf.withLock { $0.clear(to: mostHeld) }
    return try result.get()
  }

  private func load(_ document: String) throws(RecordError) -> Named.Found {
    var found: Named.Found = [:]
    for one in try store.documents(ofEpoch: header.number, named: document) { found[one.key.server, default: [:]][one.key.account] = one }
    return found
  }

  private static func size(_ found: Named.Found) -> Int {
    found.values.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.bytes.count } }
  }
}

extension EpochDocuments.Shelf {
  fileprivate mutating func named(_ document: String) -> EpochDocuments.Named {
    if order.last != document {
      order.removeAll { $0 == document }
      order.append(document)
    }
    if let known = names[document] { return known }
    let new = EpochDocuments.Named()
    names[document] = new
    return new
  }

  /// Gives up those that were not asked for the longest, but for the last.
  fileprivate mutating func clear(to most: Int) {
    var held = names.values.reduce(0) { $0 + $1.bytes.load(ordering: .relaxed) }
    while held > most, order.count > 1 {
      guard let given = names.removeValue(forKey: order.removeFirst()) else { continue }
      held -= given.bytes.load(ordering: .relaxed)
    }
  }
}
