import Identity

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
