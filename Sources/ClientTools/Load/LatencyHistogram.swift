import Wire

/// Durations counted in buckets that are 1.6 % wide at most, so that a million of them cost a few kilobytes.
public struct LatencyHistogram: Sendable {
  private static let fraction = 6  // bits kept below the leading one
  private var buckets = [UInt64](repeating: 0, count: 64 << LatencyHistogram.fraction)
  public private(set) var count: UInt64 = 0
  private var largest: UInt64 = 0

  public init() {}

  public mutating func record(_ duration: Span) {
    let nanoseconds = UInt64(clamping: duration.nanoseconds)
    buckets[LatencyHistogram.bucket(nanoseconds)] += 1
    count += 1
    largest = max(largest, nanoseconds)
  }

  public mutating func merge(_ other: LatencyHistogram) {
    for index in buckets.indices { buckets[index] += other.buckets[index] }
    count += other.count
    largest = max(largest, other.largest)
  }

  /// The duration that `share` (0 … 1) of all do not exceed; zero when there are none.
  public func percentile(_ share: Double) -> Span {
    Span(nanoseconds: Int64(clamping: nanoseconds(share)))
  }

  private func nanoseconds(_ share: Double) -> UInt64 {
    guard count > 0 else { return 0 }
    let rank = max(1, UInt64((Double(count) * share).rounded(.up)))
    var seen: UInt64 = 0
    for (index, number) in buckets.enumerated() {
      seen += number
      if seen >= rank { return min(largest, LatencyHistogram.upperBound(index)) }
    }
    return largest
  }

  static func bucket(_ value: UInt64) -> Int {
    let leading = 63 - value.leadingZeroBitCount
    guard leading > fraction else { return Int(value) }
    let shift = leading - fraction
    return (shift << fraction) + Int(value >> UInt64(shift))
  }

  static func upperBound(_ bucket: Int) -> UInt64 {
    let base = 1 << fraction
    guard bucket >= 2 * base else { return UInt64(bucket) }
    let shift = bucket / base - 1
    return (UInt64(bucket - shift * base) + 1) << UInt64(shift) - 1
  }
}
