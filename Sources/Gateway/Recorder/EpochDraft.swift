@preconcurrency import Dispatch
import Reactor
import Recorded
import Recording
import SystemAPI
import SystemModel
import Wire

/// An epoch that is being put together. Confined to the recorder's queue.
final class EpochDraft: @unchecked Sendable {
  // Sendable by confinement to `queue`, which stands as a precondition at the entries: whole documents are joined there, off the shard.

  /// What comes next for a document, after a page of it.
  enum Next: Sendable {
    case page(offset: Int)
    case done
  }

  let number: Int
  let began: Timestamp
  private let settings: RecordSettings
  private let queue: DispatchQueue
  private var documents: [RecordedDocument] = []
  private var bytes = 0
  private var hasObject: Set<ServerID> = []
  /// Servers that have answered a question, or were heard where nobody is asked.
  private var answered: Set<ServerID> = []
  private var joins: [RecordedDocument.Key: PageJoin] = [:]

  init(number: Int, began: Timestamp, settings: RecordSettings, queue: DispatchQueue) {
    self.number = number
    self.began = began
    self.settings = settings
    self.queue = queue
  }

  /// Takes a reply up.
  func take(_ reply: Reply, _ document: FullDocument, account: String) -> Next {
    dispatchPrecondition(condition: .onQueue(queue))
    answered.insert(reply.server.id)
    takeObject(reply)
    if let error = reply.error { return take(error, reply, document) }
    guard let range = reply.data else { return .done }
    let key = RecordedDocument.Key(server: reply.server.id, document: document.name.rawValue, account: account)
    let data = Array(reply.payload[range])
    guard var join = joins.removeValue(forKey: key) ?? start(document, reply.server.version) else {
      add(key, data, reply.rtt)
      return .done
    }
    switch join.add(data) {
    case .next where join.bytes > settings.mostDocument:
      leaveOut(key)
      return .done
    case .next where bytes + joins.values.reduce(join.bytes) { $0 + $1.bytes } > settings.mostBytes:
      leaveOut(key)
      return .done
    case .next(let offset):
      joins[key] = join
      return .page(offset: offset)
    case .whole:
      add(key, join.document(), reply.rtt)
      return .done
    case .malformed: return .done
    }
  }

  /// A refusal is an answer too.
  private func take(_ error: ReplyError, _ reply: Reply, _ document: FullDocument) -> Next {
    guard document.account == nil else { return .done }
    var json = JSONWriter()
    json.object { json in
      json.member("code", error.code)
      json.member("description", error.description)
    }
    let name = KeptDocument.refusal + document.name.rawValue
    documents.append(RecordedDocument(.init(server: reply.server.id, document: name), bytes: json.bytes, rtt: reply.rtt))
    return .done
  }

  /// Takes up a heartbeat, which nobody had to be asked for.
  ///
  /// - Parameter counts: Nobody is asked for anything else: whoever is heard has answered.
  func take(heartbeat statsz: [UInt8], of server: ServerDescription, counts: Bool) {
    dispatchPrecondition(condition: .onQueue(queue))
    if counts { answered.insert(server.id) }
    if hasObject.insert(server.id).inserted {
      var object: [UInt8] = []
      GatheredShape.appendServer(server, to: &object)
      documents.append(RecordedDocument(.init(server: server.id, document: KeptDocument.server), bytes: object, rtt: .zero))
    }
    add(.init(server: server.id, document: FullDocument.Name.statsz.rawValue), statsz, .zero)
  }

  private func start(_ document: FullDocument, _ version: String) -> PageJoin? {
    PageJoin(document, version: version, most: settings.rows[document.name] ?? .max)
  }

  private func takeObject(_ reply: Reply) {
    guard !hasObject.contains(reply.server.id), let range = reply.serverRange else { return }
    hasObject.insert(reply.server.id)
    documents.append(
      RecordedDocument(
        .init(server: reply.server.id, document: KeptDocument.server), bytes: Array(reply.payload[range]), rtt: .zero))
  }

  private func add(_ key: RecordedDocument.Key, _ bytes: [UInt8], _ rtt: Span) {
    let filter = SecretFilter(commandLines: key.document == FullDocument.Name.expvarz.rawValue)
    let kept = OrderedLists.ordered(settings.keepsSecrets ? bytes : filter.redacted(bytes) ?? bytes)
    guard kept.count <= settings.mostDocument, self.bytes + kept.count <= settings.mostBytes else { return leaveOut(key) }
    self.bytes += kept.count
    documents.append(RecordedDocument(key, bytes: kept, rtt: rtt))
  }

  /// The server answered, and that is all that is kept of it: it is no silent one.
  private func leaveOut(_ key: RecordedDocument.Key) {
    let name = KeptDocument.leftOut + key.document
    documents.append(RecordedDocument(.init(server: key.server, document: name, account: key.account), bytes: [], rtt: .zero))
  }

  /// The accounts that a server has to be asked about with this document.
  func accounts(of server: ServerID, for document: FullDocument) -> [String] {
    dispatchPrecondition(condition: .onQueue(queue))
    func kept(_ name: FullDocument.Name) -> [UInt8] {
      documents.last { $0.key.server == server && $0.key.document == name.rawValue }?.bytes ?? []
    }
    return document.accounts(accountz: kept(.accountz), leafz: kept(.leafz))
  }

  /// The whole epoch.
  func epoch(_ beliefs: RecordedBeliefs, asked: [String]) -> Epoch {
    dispatchPrecondition(condition: .onQueue(queue))
    let expected = beliefs.system.servers.filter(\.standing.isExpected)
    let responded = expected.count { $0.standing.isWaitedFor && answered.contains($0.description.id) }
    let knows = beliefs.system.hasRoster && !beliefs.system.isDiscovering
    let header = EpochHeader(
      number: number, began: began, at: beliefs.system.at, expected: knows ? expected.count : nil, responded: responded,
      missing: expected.count - responded, documents: asked)
    return Epoch(header, beliefs: beliefs.text, documents: documents)
  }
}
