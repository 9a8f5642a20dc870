import Glibc
import Wire

/// Times as the process's own clocks show them. nats-server writes some of its times so: those of connections, of their ends, and the
/// start in STATSZ.
enum LocalTime {
  /// Appends RFC 3339 with the offset of the local zone; `Z` where that is UTC.
  static func rfc3339(_ time: Timestamp) -> String {
    let offset = secondsEast(at: time.seconds)
    guard offset != 0 else { return time.rfc3339 }
    let shown = Timestamp(seconds: time.seconds + Int64(offset), nanoseconds: time.nanoseconds).rfc3339.dropLast()
    let minutes = abs(offset) / 60
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(shown)\(offset < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
  }

  private static func secondsEast(at seconds: Int64) -> Int {
    var time = time_t(seconds)
    var parts = tm()
    return localtime_r(&time, &parts) == nil ? 0 : parts.tm_gmtoff
  }
}

extension JSONWriter {
  /// Nanoseconds since 1970, in the local zone.
  mutating func member(_ name: StaticString, localTime nanoseconds: UInt64) {
    key(name)
    string(LocalTime.rfc3339(Timestamp(unixNanoseconds: Int64(clamping: nanoseconds))))
  }
}
