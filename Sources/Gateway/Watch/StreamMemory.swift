import Judgement
import Wire

/// Which streams there were when servers told of them last, so that one whose only server dies is missed. A value: ``GatewayWatch`` keeps
/// the one of the gateway.
struct StreamMemory: Sendable {
  /// Streams that are kept in mind at most.
  private static let most = 20_000

  private var known: [StreamFacts.Key: RememberedStream] = [:]

  var all: [RememberedStream] { known.values.sorted { ($0.key.account, $0.key.name) < ($1.key.account, $1.key.name) } }

  /// - Parameters:
  ///   - telling: Names of the servers that tell of streams now.
  ///   - servers: Names of all that the roster has: what none of them held is forgotten with them.
  mutating func take(_ streams: [StreamFacts], toldBy telling: Set<String>, servers: Set<String>, at now: Timestamp) {
    let here = Dictionary(streams.map { ($0.key, $0.holders) }) { first, _ in first }
    known = known.filter { key, stream in
      // Where a holder tells, and not of it, it has been deleted.
      here[key] == nil && !stream.holders.contains(where: telling.contains) && stream.holders.contains(where: servers.contains)
    }
    for (key, holders) in here where !holders.isEmpty && known.count < StreamMemory.most {
      known[key] = RememberedStream(key, holders: holders, seen: now)
    }
  }
}
