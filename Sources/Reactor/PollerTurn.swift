/// How a poller hands over the events of one turn of the shard's queue.
struct PollerTurn: @unchecked Sendable {
  // Sendable by confinement: a poller calls these on the shard's queue only.
  /// The shard, to be held during a turn; nil once it is going away, and then the others must not be called.
  let owner: () -> AnyObject?
  let begin: () -> Void
  let event: (_ token: UInt64, Readiness) -> Void
  let end: () -> Void
}
