@preconcurrency import Dispatch

/// A closure that belongs to a shard and passes through another queue unused.
public struct ShardBound<Value>: @unchecked Sendable {
  // Sendable because `call` happens on `shard.queue` only, which it asserts; whoever carries it does not call it.
  private let shard: Shard
  private let body: (Value) -> Void

  /// Keeps a closure of `shard`.
  public init(_ shard: Shard, _ body: @escaping (Value) -> Void) {
    self.shard = shard
    self.body = body
  }

  /// Calls the closure. Traps where the caller is not on the closure's shard.
  public func call(_ value: Value) {
    shard.assertCurrent()
    body(value)
  }
}
