import Recording
import SystemAPI
import SystemModel
import Wire

/// Who was there at the beginning or at the end of a span: by it servers are known that the system as it is has forgotten. For workers.
struct RecordedRoster {
  private let servers: [ServerDescription]

  init(_ store: any RecordStore, since: Timestamp, until: Timestamp) throws(RecordError) {
    let epochs = try store.epochs(since: since, until: until, most: .max)
    var found: [ServerDescription] = []
    for number in Set([epochs.first, epochs.last].compactMap { $0?.number }) {
      let beliefs = RecordedBeliefs(try store.beliefs(ofEpoch: number))
      found += beliefs?.system.servers.map(\.description) ?? []
    }
    servers = found
  }

  func knows(_ scope: PathScope) -> Bool {
    switch scope {
    case .system, .account: true
    case .cluster(let name): servers.contains { $0.cluster == name }
    case .server(let name, let cluster): servers.contains { ($0.name == name || $0.id == name) && (cluster ?? $0.cluster) == $0.cluster }
    }
  }

  /// The name of a server that may be told by its id.
  func name(of server: String) -> String { servers.first { $0.id == server }?.name ?? server }
}
