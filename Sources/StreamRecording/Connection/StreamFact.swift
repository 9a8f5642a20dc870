@preconcurrency import Dispatch

/// A value that a shard tells a caller who blocks for it.
final class StreamFact<Value: Sendable>: @unchecked Sendable {
  // Sendable: written once before the signal, and read once after it.
  private let told = DispatchSemaphore(value: 0)
  private var value: Value?

  func tell(_ value: Value) {
    self.value = value
    told.signal()
  }

  func wait() -> Value {
    told.wait()
    guard let value else { preconditionFailure("told without a value") }
    return value
  }
}
