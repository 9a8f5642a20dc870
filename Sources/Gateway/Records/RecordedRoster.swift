import Recording
import SystemAPI
import SystemModel
import Wire

/// Who was there at the beginning or at the end of a span: by it servers are known that the system as it is has forgotten. For workers.
struct RecordedRoster {
  private let servers: [ServerDescription]

  init(_ store: any RecordStore, since: Timestamp, until: Timestamp) throws(RecordError) {
    var found: [ServerDescription] = []
    for number in try RecordedRoster.ends(store, since: since, until: until) {
      let beliefs = RecordedBeliefs(try store.beliefs(ofEpoch: number))
      found += beliefs?.system.servers.map(\.description) ?? []
    }
    servers = found
  }

  /// The epochs of both ends. Those between, of which there may be very many, are not looked at.
  private static func ends(_ store: any RecordStore, since: Timestamp, until: Timestamp) throws(RecordError) -> Set<Int> {
    guard let last = try store.epochs(since: since, until: until, most: 1).last else { return [] }
    // What was believed by then; of a span that begins before the record does, what was believed first.
    var first = try store.epoch(at: since)
    if first == nil, let oldest = try store.extent()?.oldest { first = try store.epoch(at: oldest) }
    return Set([first?.number, last.number].compactMap(\.self))
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
