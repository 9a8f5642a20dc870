/// A closure that belongs to a shard and passes through another queue unused.
public struct ShardBound<Value>: @unchecked Sendable {
  // Sendable because `call` happens on the shard that made it; whoever carries it does not call it.

  /// Calls the closure. On its own shard only.
  public let call: (Value) -> Void

  public init(_ call: @escaping (Value) -> Void) { self.call = call }
}
