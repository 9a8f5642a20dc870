/// A moment of wall-clock time: seconds since 1970 (may be negative) and nanoseconds within the second.
public struct Timestamp: Sendable, Hashable, Comparable {
  public var seconds: Int64
  /// 0 … 999,999,999.
  public var nanoseconds: Int32

  public init(seconds: Int64, nanoseconds: Int32 = 0) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  /// Nanoseconds since 1970; good until the year 2262.
  public init(unixNanoseconds: Int64) {
    let seconds = Civil.floorDivide(unixNanoseconds, Span.perSecond)
    self.init(seconds: seconds, nanoseconds: Int32(unixNanoseconds - seconds * Span.perSecond))
  }

  /// Go's zero time, `0001-01-01T00:00:00Z`.
  public static let zero = Timestamp(seconds: -62_135_596_800)

  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
  }

  /// Nanoseconds since 1970, clamped to what 64 bits hold.
  public var unixNanoseconds: Int64 { Span.wholeSeconds(seconds).nanoseconds.added(Int64(nanoseconds)) }

  /// Seconds since 1970 with their fraction.
  public var unixSeconds: Double { Double(seconds) + Span(nanoseconds: Int64(nanoseconds)).seconds }

  /// From `earlier` to `later`, clamped to what a span holds; negative where `later` is earlier.
  public static func - (later: Timestamp, earlier: Timestamp) -> Span {
    let (seconds, overflow) = later.seconds.subtractingReportingOverflow(earlier.seconds)
    guard !overflow else { return Span(nanoseconds: later < earlier ? .min : .max) }
    return .wholeSeconds(seconds) + Span(nanoseconds: Int64(later.nanoseconds) - Int64(earlier.nanoseconds))
  }

  /// The moment moved by a span.
  public static func + (moment: Timestamp, span: Span) -> Timestamp {
    let total = Int64(moment.nanoseconds) + span.nanoseconds % Span.perSecond
    let carry = Civil.floorDivide(total, Span.perSecond)
    return Timestamp(
      seconds: moment.seconds &+ span.wholeSeconds &+ carry, nanoseconds: Int32(total - carry * Span.perSecond))
  }

  /// The moment that lies a span earlier.
  public static func - (moment: Timestamp, span: Span) -> Timestamp { moment + -span }
}

extension Timestamp: CustomStringConvertible {
  /// RFC 3339 in UTC with nanoseconds, trailing zeros of the fraction removed, as Go's RFC3339Nano prints it.
  public var rfc3339: String {
    var bytes: [UInt8] = []
    appendRFC3339(to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  public var description: String { rfc3339 }

  /// Appends ``rfc3339`` without making a string.
  public func appendRFC3339(to bytes: inout [UInt8]) {
    let date = Civil(unixSeconds: seconds)
    DecimalText.append(date.year, width: 4, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    DecimalText.append(date.month, width: 2, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    DecimalText.append(date.day, width: 2, to: &bytes)
    bytes.append(UInt8(ascii: "T"))
    date.appendClock(to: &bytes)
    Fraction.append(Int64(nanoseconds), digits: 9, to: &bytes)
    bytes.append(UInt8(ascii: "Z"))
  }

  /// The date of HTTP header fields: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
  public var httpDate: String {
    let date = Civil(unixSeconds: seconds)
    var bytes = Array(Civil.weekdays[date.weekday].utf8)
    bytes.append(contentsOf: ", ".utf8)
    DecimalText.append(date.day, width: 2, to: &bytes)
    bytes.append(contentsOf: " \(Civil.months[date.month - 1]) ".utf8)
    DecimalText.append(date.year, width: 4, to: &bytes)
    bytes.append(UInt8(ascii: " "))
    date.appendClock(to: &bytes)
    bytes.append(contentsOf: " GMT".utf8)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Seconds of the years 0 to 9999, which RFC 3339 can write.
  private static let writable: ClosedRange<Int64> = -62_167_219_200...253_402_300_799

  /// Reads RFC 3339 with any number of fraction digits (nine are kept) and `Z` or an offset; nil for anything else.
  public init?(rfc3339 text: String) {
    self.init(rfc3339: Array(text.utf8)[...])
  }

  /// The same from bytes.
  public init?(rfc3339 text: ArraySlice<UInt8>) {
    var reader = DigitReader(text)
    guard let year = reader.digits(4), reader.take("-"), let month = reader.digits(2), reader.take("-"),
      let day = reader.digits(2), reader.take("T") || reader.take("t") || reader.take(" "),
      let hour = reader.digits(2), reader.take(":"), let minute = reader.digits(2), reader.take(":"),
      let second = reader.digits(2)
    else { return nil }
    guard (1...12).contains(month), (1...Civil.days(inMonth: month, of: year)).contains(day), hour < 24, minute < 60, second < 61
    else { return nil }
    var nanoseconds = 0
    if reader.take(".") {
      guard let fraction = reader.fraction() else { return nil }
      nanoseconds = fraction
    }
    guard let offset = reader.offset(), reader.isAtEnd else { return nil }
    let days = Civil.daysSinceEpoch(year: year, month: month, day: day)
    let seconds = Int64(days) * 86400 + Int64(hour * 3600 + minute * 60 + second - offset)
    // A leap second and an offset may lead out of what four digits of a year can say.
    guard Timestamp.writable.contains(seconds) else { return nil }
    self.init(seconds: seconds, nanoseconds: Int32(nanoseconds))
  }
}

/// The pieces that dates are made of.
struct DigitReader {
  private var rest: ArraySlice<UInt8>

  init(_ text: ArraySlice<UInt8>) { rest = text }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  mutating func digits(_ count: Int) -> Int? {
    guard rest.count >= count else { return nil }
    var value = 0
    for byte in rest.prefix(count) {
      guard byte &- UInt8(ascii: "0") <= 9 else { return nil }
      value = value * 10 + Int(byte - UInt8(ascii: "0"))
    }
    rest.removeFirst(count)
    return value
  }

  /// The digits after a point as nanoseconds.
  mutating func fraction() -> Int? {
    var value = 0
    var count = 0
    while let byte = rest.first, byte &- UInt8(ascii: "0") <= 9 {
      if count < 9 { value = value * 10 + Int(byte - UInt8(ascii: "0")) }
      count += 1
      rest.removeFirst()
    }
    guard count > 0 else { return nil }
    for _ in min(count, 9)..<9 { value *= 10 }
    return value
  }

  /// `Z` or `±hh:mm` as seconds east of UTC.
  mutating func offset() -> Int? {
    if take("Z") || take("z") { return 0 }
    let sign: Int
    if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
    guard let hours = digits(2), take(":"), let minutes = digits(2), hours < 24, minutes < 60 else { return nil }
    return sign * (hours * 3600 + minutes * 60)
  }
}

extension Timestamp {
  /// UTC in the form of MS-DOS, as ZIP files have it, in steps of two seconds. Moments before 1980 or after 2107 become the first or the last.
  public var dosDateTime: (date: UInt16, time: UInt16) {
    let civil = Civil(unixSeconds: seconds)
    guard civil.year >= 1980 else { return (1 << 5 | 1, 0) }
    guard civil.year <= 2107 else { return (127 << 9 | 12 << 5 | 31, 23 << 11 | 59 << 5 | 29) }
    let date = (civil.year - 1980) << 9 | civil.month << 5 | civil.day
    return (UInt16(date), UInt16(civil.hour << 11 | civil.minute << 5 | civil.second / 2))
  }
}
