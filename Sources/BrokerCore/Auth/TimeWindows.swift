import Glibc
import Identity

/// The times of day in which a user may be connected.
package enum TimeWindows {
  /// When the window that `now` lies in ends, Unix seconds; 0 without windows.
  ///
  /// - Throws: Outside all windows, or when the zone is not known.
  package static func end(_ limits: UserLimits, now: Int64) throws(LoginRefusal) -> Int64 {
    guard !limits.times.isEmpty else { return 0 }
    guard let offset = limits.timesLocation.isEmpty ? localOffset(now) : ZoneFile.offset(limits.timesLocation, at: now) else {
      throw LoginRefusal("could not parse iana time zone by name: \(limits.timesLocation)", loud: true)
    }
    let day = 86_400
    let second = Int(((now + offset) % Int64(day) + Int64(day)) % Int64(day))
    for range in limits.times {
      guard let start = TimeRange.seconds(range.start), let end = TimeRange.seconds(range.end) else { continue }
      let length = end >= start ? end - start : end - start + day
      let into = (second - start + day) % day
      if into < length { return now + Int64(length - into) }
    }
    throw LoginRefusal("Outside connect times", loud: true)
  }

  private static func localOffset(_ now: Int64) -> Int64? {
    var at = time_t(now)
    var fields = tm()
    return localtime_r(&at, &fields) == nil ? nil : Int64(fields.tm_gmtoff)
  }
}

/// The system's time zone files (TZif).
enum ZoneFile {
  /// Seconds east of UTC at a moment; nil for an unknown zone. After the file's last change its last offset is taken.
  static func offset(_ name: String, at now: Int64) -> Int64? {
    if name == "UTC" { return 0 }
    guard !name.hasPrefix("/"), !name.contains(".."), !name.isEmpty,
      let bytes = try? FileAccess.read("/usr/share/zoneinfo/\(name)", limit: 1 << 20), bytes.starts(with: "TZif".utf8), bytes.count > 44
    else { return nil }
    func number(_ at: Int, _ size: Int) -> Int64 {
      guard at + size <= bytes.count else { return 0 }
      let value = bytes[at..<(at + size)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return size == 8 ? Int64(bitPattern: value) : Int64(Int32(truncatingIfNeeded: Int64(value)))
    }
    /// isutc, isstd, leap, transitions, types, characters.
    func counts(_ header: Int) -> [Int] { (0..<6).map { Int(clamping: number(header + 20 + $0 * 4, 4)) } }
    var header = 0
    var size = 4
    if bytes[4] >= UInt8(ascii: "2") {
      let first = counts(0)
      header = 44 + first[3] * 5 + first[4] * 6 + first[5] + first[2] * 8 + first[1] + first[0]
      size = 8
    }
    let count = counts(header)
    let times = header + 44
    let indexes = times + count[3] * size
    let types = indexes + count[3]
    guard count.allSatisfy({ $0 >= 0 && $0 < 100_000 }), types + count[4] * 6 <= bytes.count, count[4] > 0 else { return nil }
    var type = 0
    for index in 0..<count[3] {
      if number(times + index * size, size) > now { break }
      type = Int(bytes[indexes + index])
    }
    guard type < count[4] else { return nil }
    return number(types + type * 6, 4)
  }
}
