/// Durations as NATS documents and users write them. All values are nanoseconds.
public enum DurationText {
  static let microsecond: Int64 = 1_000
  static let millisecond: Int64 = 1_000_000
  static let second = Span.perSecond

  /// As Go's `time.Duration` prints it: `0s`, `820ns`, `337µs`, `1.116935ms`, `1.5s`, `2m3.25s`, `1h2m3s`.
  public static func go(_ nanoseconds: Int64) -> String {
    var bytes: [UInt8] = []
    if nanoseconds < 0 { bytes.append(UInt8(ascii: "-")) }
    let value = nanoseconds.magnitude
    if value == 0 {
      bytes.append(contentsOf: "0s".utf8)
    } else if value < UInt64(second) {
      appendSmall(Int64(value), to: &bytes)
    } else {
      appendLarge(value, to: &bytes)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func appendSmall(_ value: Int64, to bytes: inout [UInt8]) {
    let (unit, digits, name): (Int64, Int, String) =
      value < microsecond ? (1, 0, "ns") : value < millisecond ? (microsecond, 3, "µs") : (millisecond, 6, "ms")
    DecimalText.append(value / unit, to: &bytes)
    Fraction.append(value % unit, digits: digits, to: &bytes)
    bytes.append(contentsOf: name.utf8)
  }

  private static func appendLarge(_ value: UInt64, to bytes: inout [UInt8]) {
    let seconds = value / UInt64(second)
    if seconds >= 3600 {
      DecimalText.append(seconds / 3600, to: &bytes)
      bytes.append(UInt8(ascii: "h"))
    }
    if seconds >= 60 {
      DecimalText.append(seconds / 60 % 60, to: &bytes)
      bytes.append(UInt8(ascii: "m"))
    }
    DecimalText.append(seconds % 60, to: &bytes)
    Fraction.append(Int64(value % UInt64(second)), digits: 9, to: &bytes)
    bytes.append(UInt8(ascii: "s"))
  }

  /// A round-trip time as monitoring documents print it: between 1 µs and 1 ms cut to whole microseconds.
  public static func rtt(_ nanoseconds: Int64) -> String {
    guard nanoseconds >= microsecond, nanoseconds < millisecond else { return go(nanoseconds) }
    return go(nanoseconds / microsecond * microsecond)
  }

  /// `uptime` and `idle` of monitoring documents: whole seconds, `5s`, `1h0m0s`, `1y2d3h4m5s` (years of 365 days).
  public static func uptime(_ nanoseconds: Int64) -> String {
    let seconds = max(0, nanoseconds) / second
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400)
    let years = days / 365
    if years > 0 { return "\(years)y\(days % 365)d\(hours % 24)h\(minutes % 60)m\(seconds % 60)s" }
    if days > 0 { return "\(days)d\(hours % 24)h\(minutes % 60)m\(seconds % 60)s" }
    if hours > 0 { return "\(hours)h\(minutes % 60)m\(seconds % 60)s" }
    if minutes > 0 { return "\(minutes)m\(seconds % 60)s" }
    return "\(seconds)s"
  }

  /// Reads what ``go(_:)`` and users write: a sequence of decimal numbers, each with a unit (`ns`, `us`, `µs`, `ms`,
  /// `s`, `m`, `h`), perhaps with a sign, or a plain `0`. Nil for anything else, and beyond 64 bits.
  public static func parse(_ text: String) -> Int64? {
    parse(text, units: goUnits)
  }

  /// Reads what ``uptime(_:)`` writes: also days and years of 365 days.
  public static func parseUptime(_ text: String) -> Int64? {
    parse(text, units: goUnits + [("d", 86400 * second), ("y", 365 * 86400 * second)])
  }

  private static let goUnits: [(String, Int64)] = [
    ("ns", 1), ("us", microsecond), ("µs", microsecond), ("μs", microsecond), ("ms", millisecond), ("s", second),
    ("m", 60 * second), ("h", 3600 * second),
  ]

  private static func parse(_ text: String, units: [(String, Int64)]) -> Int64? {
    var rest = Array(text.utf8)[...]
    let negative = rest.first == UInt8(ascii: "-")
    if negative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    if rest.elementsEqual("0".utf8) { return 0 }
    guard !rest.isEmpty else { return nil }
    var total: Double = 0
    var exact: Int64 = 0
    while !rest.isEmpty {
      let number = rest.prefix { $0 &- UInt8(ascii: "0") <= 9 || $0 == UInt8(ascii: ".") }
      rest = rest.dropFirst(number.count)
      let name = rest.prefix { !($0 &- UInt8(ascii: "0") <= 9 || $0 == UInt8(ascii: ".")) }
      rest = rest.dropFirst(name.count)
      guard let unit = units.first(where: { name.elementsEqual($0.0.utf8) })?.1, let part = scaled(number, unit) else { return nil }
      total += Double(part)
      exact = exact &+ part
    }
    guard total < 9.2e18 else { return nil }
    return negative ? -exact : exact
  }

  /// `12.5` times `unit`, exact to the nanosecond; nil for a malformed number or one that is too large.
  private static func scaled(_ number: ArraySlice<UInt8>, _ unit: Int64) -> Int64? {
    let parts = number.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.contains(where: { !$0.isEmpty }) else { return nil }
    var whole: Int64 = 0
    if let digits = parts.first, !digits.isEmpty {
      guard let value = Int64(String(decoding: digits, as: UTF8.self)) else { return nil }
      whole = value
    }
    let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
    guard !overflow else { return nil }
    guard parts.count == 2 else { return product }
    var fraction: Int64 = 0
    var scale = unit
    for digit in parts[1] {
      scale /= 10
      fraction += Int64(digit - UInt8(ascii: "0")) * scale
    }
    let (sum, carry) = product.addingReportingOverflow(fraction)
    return carry ? nil : sum
  }
}
