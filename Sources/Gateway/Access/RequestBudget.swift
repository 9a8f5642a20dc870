import Synchronization
import Wire

/// Bounds how often each caller asks: so many requests a second, saved up to twice that.
final class RequestBudget: Sendable {
  private struct Bucket {
    var tokens: Double
    var filled: MonotonicTime
  }

  private static let mostBuckets = 10_000
  private let buckets = Mutex<[String: Bucket]>([:])

  /// Whether nothing is left of a caller's budget; takes nothing.
  func isSpent(_ caller: String, perSecond: Double, now: MonotonicTime) -> Bool {
    buckets.withLock { buckets in
      guard let bucket = buckets[caller] else { return false }
      return bucket.tokens + max(.zero, now - bucket.filled).seconds * perSecond < 1
    }
  }

  /// Takes one request from a caller's budget.
  ///
  /// - Returns: nil where it may go on, else the seconds after which it is worth another try.
  func take(_ caller: String, perSecond: Double, now: MonotonicTime) -> Int? {
    let most = max(1, perSecond * 2)
    return buckets.withLock { buckets in
      var bucket = buckets[caller] ?? Bucket(tokens: most, filled: now)
      let seconds = max(.zero, now - bucket.filled).seconds
      bucket.tokens = min(most, bucket.tokens + seconds * perSecond)
      bucket.filled = now
      let isWithin = bucket.tokens >= 1
      if isWithin { bucket.tokens -= 1 }
      // A full bucket is as good as none: forgetting them bounds the memory.
      if buckets.count >= RequestBudget.mostBuckets { buckets = buckets.filter { now - $0.value.filled < .seconds(60) } }
      if buckets.count >= RequestBudget.mostBuckets { buckets.removeAll() }
      buckets[caller] = bucket
      return isWithin ? nil : max(1, Int(((1 - bucket.tokens) / perSecond).rounded(.up)))
    }
  }
}
