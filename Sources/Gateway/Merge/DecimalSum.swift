import Wire

/// Adds numbers as they are written: whole ones and short fractions exactly, others as floating point.
struct DecimalSum {
  private var total: Int128 = 0
  /// Digits after the point in `total`.
  private var scale = 0
  private var floating: Double?

  static let longestFraction = 9

  /// Adds the number whose text is given; false where it is none.
  mutating func add(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = text.first, first == UInt8(ascii: "-") || first &- 0x30 <= 9 else { return false }
    if let (digits, fraction) = DecimalSum.exact(text) {
      var digits = digits
      if fraction > scale {
        for _ in scale..<fraction { total &*= 10 }
        scale = fraction
      }
      for _ in fraction..<scale { digits &*= 10 }
      total &+= digits
      return true
    }
    guard let value = Double(String(decoding: text, as: UTF8.self)) else { return false }
    floating = (floating ?? 0) + value
    return true
  }

  private static func exact(_ text: UnsafeBufferPointer<UInt8>) -> (digits: Int128, fraction: Int)? {
    guard text.count <= 21 else { return nil }
    var value: Int128 = 0
    var fraction = -1
    var isNegative = false
    for (index, byte) in text.enumerated() {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        value = value &* 10 &+ Int128(byte &- 0x30)
        if fraction >= 0 { fraction += 1 }
      case UInt8(ascii: ".") where fraction < 0: fraction = 0
      case UInt8(ascii: "-") where index == 0: isNegative = true
      default: return nil
      }
    }
    guard fraction <= longestFraction else { return nil }
    return (isNegative ? -value : value, Swift.max(0, fraction))
  }

  /// Whole sums end where NATS's unsigned 64-bit counters end.
  func append(to out: inout [UInt8]) {
    var divisor: Int128 = 1
    for _ in 0..<scale { divisor *= 10 }
    if let floating {
      DecimalText.append(floating + Double(total) / Double(divisor), to: &out)
      return
    }
    if total < 0 { out.append(UInt8(ascii: "-")) }
    let magnitude = total.magnitude
    DecimalText.append(UInt64(clamping: magnitude / UInt128(divisor)), to: &out)
    var rest = UInt64(magnitude % UInt128(divisor))
    guard rest > 0 else { return }
    var digits = scale
    while rest % 10 == 0 {
      rest /= 10
      digits -= 1
    }
    out.append(UInt8(ascii: "."))
    DecimalText.append(Int(rest), width: digits, to: &out)
  }
}
