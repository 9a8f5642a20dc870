import Judgement
import Recorded
import Recording
import Synchronization
import SystemAPI
import Wire

/// Reads a recorded moment for the checks that compare with one.
final class EarlierSystem: Sendable {
  private let store: any RecordStore
  /// The moment that is judged: an earlier one is wanted; nil = now.
  private let until: Timestamp?
  /// The last one that was read, by its epoch: whoever asks again within an interval reads nothing.
  private let last = Mutex<(epoch: Int, before: JudgedSystem.Before)?>(nil)

  init(store: any RecordStore, until: Timestamp? = nil) {
    self.store = store
    self.until = until
  }

  /// Bytes of documents that are read at most: what is larger is not compared.
  private static let most = 128 << 20
  /// One that is older tells of nothing that has just changed.
  static let oldest = Span.seconds(3600 + 900)

  private static let documents: [(need: Need, name: FullDocument.Name, endpoint: Endpoint)] = [
    (.varz, .varz, .varz), (.healthz, .healthz, .healthz), (.subsz, .subsz, .subsz), (.accstatz, .accstatz, .accstatz),
    (.raftz, .raftz, .raftz), (.consumers, .jsz, .jsz),
  ]

  /// For workers; nil where nothing is kept of any earlier moment.
  func read(_ now: Timestamp) -> JudgedSystem.Before? {
    let most = until ?? now
    guard let header = try? store.epoch(at: most - .milliseconds(1)), header.at >= most - EarlierSystem.oldest,
      header.documentBytes <= EarlierSystem.most, header.documents.contains(FullDocument.Name.varz.rawValue)
    else { return nil }
    return last.withLock { last in
      if let last, last.epoch == header.number { return last.before }
      guard let before = read(header) else { return nil }
      last = (header.number, before)
      return before
    }
  }

  private func read(_ header: EpochHeader) -> JudgedSystem.Before? {
    guard let objects = try? store.documents(ofEpoch: header.number, named: KeptDocument.server) else { return nil }
    let servers = Dictionary(
      objects.compactMap { document in
        document.bytes.withUnsafeBufferPointer { ServerDescription(message: $0) }.map { (document.key.server, $0) }
      }
    ) { first, _ in first }
    var system = JudgedSystem(now: header.at)
    for (need, name, endpoint) in EarlierSystem.documents {
      // What cannot be read, or was not asked for, is not known: checks that compare with it say so.
      guard header.documents.contains(name.rawValue),
        let kept = try? store.documents(ofEpoch: header.number, named: name.rawValue)
      else { continue }
      let given = Set(kept.map(\.key.server))
      let lacking = servers.filter { id, server in
        !given.contains(id) && Endpoint.isSupported(endpoint.since, by: server.version)
      }
      system.take(need, EarlierSystem.replies(kept, servers), lacking: lacking.values.map(\.name).sorted())
    }
    return JudgedSystem.Before(system)
  }

  /// Documents that are about all that a server has, not about one account.
  static func replies(_ kept: [RecordedDocument], _ servers: [String: ServerDescription]) -> [DocumentReply] {
    kept.compactMap { document in
      guard let server = servers[document.key.server], let view = try? JSONView(validating: document.bytes) else { return nil }
      return DocumentReply(server: server, document: view)
    }
  }
}
