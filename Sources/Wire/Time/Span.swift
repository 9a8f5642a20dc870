/// A length of time in nanoseconds; it may be negative, and arithmetic stops at the ends of its range.
///
/// Seconds and nanoseconds are converted here and nowhere else (`scripts/lint`).
@frozen
public struct Span: Hashable, Comparable, Sendable {
  public var nanoseconds: Int64

  @inlinable
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// A number of nanoseconds as JSON has it.
  ///
  /// - Parameter count: Rounded to whole ones; not-a-number becomes zero, what is out of range the end of the range.
  @inlinable
  public init(nanosecondCount count: Double) {
    nanoseconds = count != count ? 0 : count >= 0x1p63 ? .max : count <= -0x1p63 ? .min : Int64(count.rounded())
  }

  /// - Parameter seconds: Rounded to whole nanoseconds. Not-a-number becomes zero; what is out of range becomes the end of the range.
  @inlinable
  public static func seconds(_ seconds: Double) -> Span { Span(nanosecondCount: seconds * Double(Span.perSecond)) }

  /// Whole seconds, exactly.
  @inlinable
  public static func wholeSeconds(_ seconds: Int64) -> Span { Span(nanoseconds: seconds.multiplied(Span.perSecond)) }

  @inlinable
  public static func milliseconds(_ milliseconds: Int64) -> Span { Span(nanoseconds: milliseconds.multiplied(1_000_000)) }

  @inlinable
  public static var zero: Span { Span(nanoseconds: 0) }
  /// The end of the range: 292 years.
  @inlinable
  public static var longest: Span { Span(nanoseconds: .max) }

  /// Nanoseconds of a second.
  @inlinable
  public static var perSecond: Int64 { 1_000_000_000 }

  /// As seconds with their fraction.
  @inlinable
  public var seconds: Double { Double(nanoseconds) / Double(Span.perSecond) }

  /// Its whole seconds.
  @inlinable
  public var wholeSeconds: Int64 { nanoseconds / Span.perSecond }

  /// Its whole milliseconds.
  @inlinable
  public var milliseconds: Int64 { nanoseconds / 1_000_000 }

  @inlinable
  public static func < (left: Span, right: Span) -> Bool { left.nanoseconds < right.nanoseconds }

  @inlinable
  public static func + (left: Span, right: Span) -> Span { Span(nanoseconds: left.nanoseconds.added(right.nanoseconds)) }

  @inlinable
  public static func - (left: Span, right: Span) -> Span { left + -right }

  @inlinable
  public static prefix func - (span: Span) -> Span { Span(nanoseconds: span.nanoseconds == .min ? .max : -span.nanoseconds) }

  @inlinable
  public static func * (left: Span, factor: Int64) -> Span { Span(nanoseconds: left.nanoseconds.multiplied(factor)) }

  /// - Parameter divisor: Above 0.
  @inlinable
  public static func / (left: Span, divisor: Int64) -> Span { Span(nanoseconds: left.nanoseconds / divisor) }
}

extension Int64 {
  /// The sum, or the end of the range that it passed.
  @inlinable
  func added(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }

  /// The product, or the end of the range that it passed.
  @inlinable
  func multiplied(_ factor: Int64) -> Int64 {
    let (product, overflow) = multipliedReportingOverflow(by: factor)
    return overflow ? ((self < 0) == (factor < 0) ? .max : .min) : product
  }
}
