import Glibc
import Identity

/// The times of day in which a user may be connected.
package enum TimeWindows {
  /// When the window that `now` lies in ends, Unix seconds; 0 without windows.
  ///
  /// - Throws: Outside all windows, or when the zone is not known.
  package static func end(_ limits: UserLimits, now: Int64) throws(LoginRefusal) -> Int64 {
    guard !limits.times.isEmpty else { return 0 }
    let isHere = ["", "Local"].contains(limits.timesLocation)
    guard let offset = isHere ? localOffset(now) : ZoneFile.offset(limits.timesLocation, at: now) else {
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
