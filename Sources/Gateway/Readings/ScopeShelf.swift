import Reactor
import Wire

/// What was read of scopes, by their paths, for a while after it was last wanted. Confined to its shard.
///
/// The least lately wanted go first, so that neither their number nor what they weigh together grows beyond bounds; and what nobody wants
/// any more goes by itself.
final class ScopeShelf<Value>: @unchecked Sendable {
  // Sendable by confinement: every property is touched on the shard only.

  private struct Entry {
    let value: Value
    let weight: Int
    var wantedAt: MonotonicTime
    /// Which wish was its last: a turn of the shard is one moment for several.
    var wish: Int
  }

  private let shard: Shard
  private let lifetime: Span
  private let mostScopes: Int
  private let mostWeight: Int
  private var entries: [String: Entry] = [:]
  private var wishes = 0
  private var isForgetting = false

  /// - Parameters:
  ///   - lifetime: How long a value stays after it was last wanted.
  ///   - mostWeight: Of all values together. One that alone weighs more is kept alone.
  init(shard: Shard, lifetime: Span, mostScopes: Int, mostWeight: Int) {
    self.shard = shard
    self.lifetime = lifetime
    self.mostScopes = mostScopes
    self.mostWeight = mostWeight
  }

  var scopes: Set<String> { Set(entries.keys) }

  /// What is kept of a scope.
  subscript(scope: String) -> Value? { entries[scope]?.value }

  /// Keeps what is there for longer.
  func want(_ scope: String) {
    guard let entry = entries[scope] else { return }
    put(entry.value, scope, weight: entry.weight)
  }

  func keep(_ value: Value, _ scope: String, weight: Int) {
    shard.assertCurrent()
    entries[scope] = nil
    var left = entries.values.reduce(weight) { $0 + $1.weight }
    for (other, entry) in entries.sorted(by: { $0.value.wish < $1.value.wish }) where entries.count >= mostScopes || left > mostWeight {
      entries[other] = nil
      left -= entry.weight
    }
    put(value, scope, weight: weight)
    forgetLater()
  }

  private func put(_ value: Value, _ scope: String, weight: Int) {
    wishes += 1
    entries[scope] = Entry(value: value, weight: weight, wantedAt: shard.now, wish: wishes)
  }

  /// Without anybody asking.
  private func forgetLater() {
    guard !isForgetting, let first = entries.values.map(\.wantedAt).min() else { return }
    isForgetting = true
    _ = shard.after((lifetime - (shard.now - first)).seconds) { [weak self] in
      guard let self else { return }
      isForgetting = false
      let now = shard.now
      entries = entries.filter { now - $0.value.wantedAt < self.lifetime }
      forgetLater()
    }
  }
}
