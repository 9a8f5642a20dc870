import Glibc
import Synchronization

/// The shards over which a server spreads its connections.
public final class ShardGroup: Sendable {
  /// All shards of the group; never empty.
  public let shards: [Shard]
  private let turns = Atomic<Int>(0)

  /// - Parameters:
  ///   - label: The shards' labels begin with it.
  ///   - count: How many; nil for the number that suits this machine.
  public init(label: String, count: Int? = nil) {
    let count = max(1, count ?? ShardGroup.suitableCount)
    shards = (0..<count).map { Shard(label: "\(label).\($0)") }
  }

  /// One shard for up to two processors, where a second one was measured to be slower, else one for each two.
  public static var suitableCount: Int {
    let processors = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    return processors <= 2 ? 1 : processors / 2
  }

  /// The shard for the next connection, in turn.
  public func next() -> Shard {
    shards[(turns.wrappingAdd(1, ordering: .relaxed).oldValue & Int.max) % shards.count]
  }
}
