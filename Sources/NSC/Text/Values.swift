import Glibc
import Wire

/// Dates, sizes and limits as the tool reads and shows them.
enum Values {
  /// `0`, `yyyy-mm-dd`, or a number with m h d w M y (minutes, hours, days, weeks, months, years from now) as Unix seconds.
  static func date(_ text: String, now: Int64) throws -> Int64 {
    if text == "0" || text.isEmpty { return 0 }
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    if parts.count == 3, parts[0].utf8.count == 4, let year = Int32(parts[0]), let month = Int32(parts[1]), let day = Int32(parts[2]),
      (1...12).contains(month), (1...31).contains(day)
    {
      return seconds(year: year, month: month, day: day)
    }
    guard let unit = text.last, let number = Int64(text.dropLast()), number >= 0, number < 1_000_000 else {
      throw NSCError(
        "couldn't parse expiry: \(text) - expected 0, yyyy-mm-dd, or a number with m(inute) h(our) d(ay) w(eek) M(onth) y(ear)")
    }
    switch unit {
    case "m": return now + number * 60
    case "h": return now + number * 3600
    case "d": return now + number * 86400
    case "w": return now + number * 7 * 86400
    case "M": return shift(now, months: Int32(number))
    case "y": return shift(now, months: Int32(number) * 12)
    default: throw NSCError("couldn't parse expiry: \(text) - unknown unit \"\(unit)\"")
    }
  }

  private static func seconds(year: Int32, month: Int32, day: Int32) -> Int64 {
    var fields = tm()
    fields.tm_year = year - 1900
    fields.tm_mon = month - 1
    fields.tm_mday = day
    return Int64(timegm(&fields))
  }

  private static func shift(_ now: Int64, months: Int32) -> Int64 {
    var at = time_t(now)
    var fields = tm()
    gmtime_r(&at, &fields)
    fields.tm_mon += months
    return Int64(timegm(&fields))
  }

  /// `2026-11-21 21:47:52 UTC`; empty for 0.
  static func shown(_ seconds: Int64) -> String {
    guard seconds > 0 else { return "" }
    return stamp(seconds, "%Y-%m-%d %H:%M:%S UTC")
  }

  static func stamp(_ seconds: Int64, _ format: String) -> String {
    var at = time_t(seconds)
    var fields = tm()
    gmtime_r(&at, &fields)
    var buffer = [CChar](repeating: 0, count: 64)
    let count = strftime(&buffer, buffer.count, format, &fields)
    return String(decoding: buffer[0..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// `in 23 hours`, `2 days ago`.
  static func relative(_ seconds: Int64, now: Int64) -> String {
    let distance = abs(seconds - now)
    let units: [(Int64, String)] = [
      (360 * 86400, "year"), (30 * 86400, "month"), (7 * 86400, "week"), (86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"),
    ]
    guard let (size, name) = units.first(where: { distance >= $0.0 }) else { return "now" }
    let number = distance / size
    let text = "\(number) \(name)\(number == 1 ? "" : "s")"
    return seconds >= now ? "in \(text)" : "\(text) ago"
  }

  /// `In 4 Weeks`, `2 Days Ago`, `Never`: whole units that are still to come, which a month of thirty days is not for long.
  static func when(_ seconds: Int64, now: Int64) -> String {
    if seconds == 0 { return "Never" }
    let text = relative(seconds > now ? max(now, seconds - 1) : seconds, now: now)
    return text.split(separator: " ").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: " ")
  }

  /// A number with K M G T (thousands) or KiB MiB GiB TiB (1024s); −1 for `-1`.
  static func number(_ text: String) throws -> Int64 {
    if let plain = Int64(text), plain >= -1 { return plain }
    let upper = text.uppercased()
    let suffixes: [(String, Int64)] = [
      ("KIB", 1 << 10), ("MIB", 1 << 20), ("GIB", 1 << 30), ("TIB", 1 << 40), ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000),
      ("TB", 1_000_000_000_000), ("K", 1000), ("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000),
    ]
    for (suffix, factor) in suffixes where upper.hasSuffix(suffix) {
      if let number = Int64(upper.dropLast(suffix.utf8.count)), number >= 0, number <= Int64.max / factor { return number * factor }
      break
    }
    throw NSCError("couldn't parse data size: \(text)")
  }

  /// `Unlimited`, or the number.
  static func limit(_ number: Int64) -> String { number < 0 ? "Unlimited" : "\(number)" }

  /// `1.0 kB (1000 bytes)`.
  static func bytes(_ number: Int64) -> String { number < 0 ? "Unlimited" : "\(size(number)) (\(number) bytes)" }

  /// `1.0 kB`.
  static func size(_ number: Int64) -> String {
    if number < 0 { return "Unlimited" }
    if number < 1000 { return "\(number) B" }
    var value = Double(number)
    var unit = 0
    let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"]
    while value >= 1000 && unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    let tenths = Int64((value * 10).rounded())
    let text = value < 10 ? "\(tenths / 10).\(tenths % 10)" : "\(Int64(value.rounded()))"
    return "\(text) \(units[unit])"
  }

  /// Nanoseconds of `500ms`, `5s`, `1m30s`, `2h`.
  static func duration(_ text: String) throws -> Int64 {
    if text == "0" { return 0 }
    guard let nanoseconds = DurationText.parse(text), nanoseconds >= 0 else { throw NSCError("invalid duration \"\(text)\"") }
    return nanoseconds
  }
}
