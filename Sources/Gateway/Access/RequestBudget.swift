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

  /// Takes one request from a caller's budget, from what it will have where nothing is left: such a request has to wait.
  ///
  /// - Parameter patience: How many seconds one may have to wait.
  /// - Returns: For how long this one has to; nil where so many wait already that it would be too long, and nothing was taken.
  func reserve(_ caller: String, perSecond: Double, patience: Double, now: MonotonicTime) -> Double? {
    buckets.withLock { buckets in
      var bucket = filled(buckets[caller], perSecond, now)
      bucket.tokens -= 1
      let wait = max(0, -bucket.tokens / perSecond)
      guard wait <= patience else { return nil }
      RequestBudget.makeRoom(in: &buckets, now)
      buckets[caller] = bucket
      return wait
    }
  }

  /// Gives one back that was reserved and not used up.
  func giveBack(_ caller: String) { buckets.withLock { $0[caller]?.tokens += 1 } }

  /// Takes one request from a caller's budget.
  ///
  /// - Returns: nil where it may go on, else the seconds after which it is worth another try.
  func take(_ caller: String, perSecond: Double, now: MonotonicTime) -> Int? {
    buckets.withLock { buckets in
      var bucket = filled(buckets[caller], perSecond, now)
      let isWithin = bucket.tokens >= 1
      if isWithin { bucket.tokens -= 1 }
      RequestBudget.makeRoom(in: &buckets, now)
      buckets[caller] = bucket
      return isWithin ? nil : max(1, Int(((1 - bucket.tokens) / perSecond).rounded(.up)))
    }
  }

  private func filled(_ bucket: Bucket?, _ perSecond: Double, _ now: MonotonicTime) -> Bucket {
    let most = max(1, perSecond * 2)
    guard let bucket else { return Bucket(tokens: most, filled: now) }
    return Bucket(tokens: min(most, bucket.tokens + max(.zero, now - bucket.filled).seconds * perSecond), filled: now)
  }

  /// A full bucket is as good as none: forgetting them bounds the memory.
  private static func makeRoom(in buckets: inout [String: Bucket], _ now: MonotonicTime) {
    guard buckets.count >= mostBuckets else { return }
    buckets = buckets.filter { now - $0.value.filled < .seconds(60) }
    if buckets.count >= mostBuckets { buckets.removeAll() }
  }
}
