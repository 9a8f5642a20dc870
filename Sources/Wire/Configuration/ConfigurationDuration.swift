/// Durations in the form that configuration files use: `1m30s`, `100ms`, `1.5h`, `-2s`.
public enum ConfigurationDuration {
  /// Nanoseconds of a duration text, or `nil` when it is none or does not fit 64 bits.
  ///
  /// The units are `ns`, `us` (`µs`), `ms`, `s`, `m` and `h`; every number needs one, except a lone `0`.
  public static func nanoseconds(_ text: some StringProtocol) -> Int64? {
    var bytes = Array(text.utf8)[...]
    var negative = false
    if let sign = bytes.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
      negative = sign == UInt8(ascii: "-")
      bytes = bytes.dropFirst()
    }
    if bytes.elementsEqual("0".utf8) { return 0 }
    guard !bytes.isEmpty else { return nil }
    var total: Int64 = 0
    while !bytes.isEmpty {
      guard let part = takePart(&bytes) else { return nil }
      let (sum, overflow) = total.addingReportingOverflow(part)
      guard !overflow else { return nil }
      total = sum
    }
    return negative ? -total : total
  }

  private static func takePart(_ bytes: inout ArraySlice<UInt8>) -> Int64? {
    var whole: Int64 = 0
    var digits = 0
    while let digit = digitValue(bytes.first) {
      let (product, overflowed) = whole.multipliedReportingOverflow(by: 10)
      let (sum, carried) = product.addingReportingOverflow(digit)
      guard !overflowed, !carried else { return nil }
      whole = sum
      digits += 1
      bytes = bytes.dropFirst()
    }
    var fraction = 0.0
    if bytes.first == UInt8(ascii: ".") {
      bytes = bytes.dropFirst()
      var scale = 0.1
      while let digit = digitValue(bytes.first) {
        fraction += Double(digit) * scale
        scale /= 10
        digits += 1
        bytes = bytes.dropFirst()
      }
    }
    guard digits > 0, let unit = takeUnit(&bytes) else { return nil }
    let (product, overflow) = whole.multipliedReportingOverflow(by: unit)
    guard !overflow else { return nil }
    let (sum, carried) = product.addingReportingOverflow(Int64((fraction * Double(unit)).rounded()))
    return carried ? nil : sum
  }

  private static func digitValue(_ byte: UInt8?) -> Int64? {
    guard let byte, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
    return Int64(byte - UInt8(ascii: "0"))
  }

  private static let units: [(name: String, nanoseconds: Int64)] = [
    ("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
    ("m", 60_000_000_000), ("h", 3_600_000_000_000),
  ]

  private static func takeUnit(_ bytes: inout ArraySlice<UInt8>) -> Int64? {
    let name = bytes.prefix { digitValue($0) == nil && $0 != UInt8(ascii: ".") }
    guard let unit = units.first(where: { $0.name.utf8.elementsEqual(name) }) else { return nil }
    bytes = bytes.dropFirst(name.count)
    return unit.nanoseconds
  }
}
