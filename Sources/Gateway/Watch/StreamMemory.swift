import Judgement
import Synchronization
import Wire

/// Which streams there were when servers told of them last, so that one whose only server dies is missed.
///
/// What is known is handed out at once, on any thread. It is made anew by workers: of a large system that takes longer than a shard may wait.
final class StreamMemory: Sendable {
  /// Streams that are kept in mind at most.
  static let most = 20_000

  typealias Known = [StreamFacts.Key: RememberedStream]

  /// A look at a system whose servers told of streams.
  struct Look {
    let streams: [StreamFacts]
    /// Names of the servers that tell of streams now.
    let telling: Set<String>
    /// Names of all that the roster has: what none of them held is forgotten with them.
    let servers: Set<String>
    let at: Timestamp
  }

  private let kept = Mutex<Known>([:])
  /// When the newest look was taken up. Held while one is: they take turns, and nobody waits for that who only reads.
  private let turn = Mutex(Timestamp.zero)

  var known: Known { kept.withLock { $0 } }

  /// For workers. A look that is older than what is known already tells nothing.
  func take(_ look: Look) {
    turn.withLock { newest in
      guard look.at >= newest else { return }
      newest = look.at
      let next = StreamMemory.next(known, look)
      kept.withLock { $0 = next }
    }
  }

  private static func next(_ known: Known, _ look: Look) -> Known {
    // Where a holder tells, and not of it, it has been deleted.
    var next = known.filter { _, stream in
      !stream.holders.contains(where: look.telling.contains) && stream.holders.contains(where: look.servers.contains)
    }
    for stream in look.streams where next.count < most || next[stream.key] != nil {
      let holders = stream.holders
      next[stream.key] = holders.isEmpty ? nil : RememberedStream(stream.key, holders: holders, cluster: stream.cluster, seen: look.at)
    }
    return next
  }
}
