/// A moment of a clock that never jumps, in nanoseconds since an origin that means nothing.
@frozen
public struct MonotonicTime: Hashable, Comparable, Sendable {
  public var nanoseconds: UInt64

  @inlinable
  public init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  /// The earliest moment: before all that a clock tells.
  @inlinable
  public static var origin: MonotonicTime { MonotonicTime(nanoseconds: 0) }
  /// The last moment: what is due then is never due.
  @inlinable
  public static var distantFuture: MonotonicTime { MonotonicTime(nanoseconds: .max) }

  @inlinable
  public static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }

  /// The moment moved by a span, at most to an end of the range.
  @inlinable
  public static func + (moment: MonotonicTime, span: Span) -> MonotonicTime {
    let magnitude = span.nanoseconds.magnitude
    if span.nanoseconds >= 0 {
      let (sum, overflow) = moment.nanoseconds.addingReportingOverflow(magnitude)
      return overflow ? .distantFuture : MonotonicTime(nanoseconds: sum)
    }
    return MonotonicTime(nanoseconds: moment.nanoseconds >= magnitude ? moment.nanoseconds - magnitude : 0)
  }

  /// The moment that lies a span earlier, at most at an end of the range.
  @inlinable
  public static func - (moment: MonotonicTime, span: Span) -> MonotonicTime { moment + -span }

  /// From `right` to `left`; negative where `left` is earlier.
  @inlinable
  public static func - (left: MonotonicTime, right: MonotonicTime) -> Span {
    if left.nanoseconds >= right.nanoseconds {
      return Span(nanoseconds: Int64(clamping: left.nanoseconds - right.nanoseconds))
    }
    return Span(nanoseconds: -Int64(clamping: right.nanoseconds - left.nanoseconds))
  }
}
