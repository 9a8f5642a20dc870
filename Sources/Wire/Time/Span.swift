/// A length of time in nanoseconds; it may be negative, and arithmetic stops at the ends of its range.
public struct Span: Hashable, Comparable, Sendable {
  public var nanoseconds: Int64

  @inlinable
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// - Parameter seconds: Not-a-number becomes zero; what is out of range becomes the end of the range.
  public static func seconds(_ seconds: Double) -> Span {
    guard seconds == seconds else { return .zero }
    return Span(nanoseconds: seconds >= 9e9 ? .max : seconds <= -9e9 ? .min : Int64(seconds * 1e9))
  }

  public static func milliseconds(_ milliseconds: Int64) -> Span { Span(nanoseconds: milliseconds.multiplied(1_000_000)) }

  public static let zero = Span(nanoseconds: 0)

  /// As seconds with their fraction.
  public var seconds: Double { Double(nanoseconds) / 1e9 }

  @inlinable
  public static func < (left: Span, right: Span) -> Bool { left.nanoseconds < right.nanoseconds }

  public static func + (left: Span, right: Span) -> Span { Span(nanoseconds: left.nanoseconds.added(right.nanoseconds)) }

  public static func * (left: Span, factor: Int64) -> Span { Span(nanoseconds: left.nanoseconds.multiplied(factor)) }
}

extension Int64 {
  /// The sum, or the end of the range that it passed.
  fileprivate func added(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }

  fileprivate func multiplied(_ factor: Int64) -> Int64 {
    let (product, overflow) = multipliedReportingOverflow(by: factor)
    return overflow ? ((self < 0) == (factor < 0) ? .max : .min) : product
  }
}
