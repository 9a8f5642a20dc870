/// Numbers as ASCII bytes.
public enum DecimalText {
  /// Appends a whole number.
  public static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    appendMagnitude(UInt64(truncatingIfNeeded: value.magnitude), to: &bytes)
  }

  private static func appendMagnitude(_ magnitude: UInt64, to bytes: inout [UInt8]) {
    if magnitude < 10 {
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude))
      return
    }
    withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
      var rest = magnitude
      var start = 20
      repeat {
        start -= 1
        digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
      } while rest > 0
      // A slice would be copied byte by byte.
      bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: digits[start..<20]))
    }
  }

  /// Appends a whole number with leading zeros up to `width` digits.
  public static func append(_ value: Int, width: Int, to bytes: inout [UInt8]) {
    let digits = String(value).utf8
    bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: max(0, width - digits.count)))
    bytes.append(contentsOf: digits)
  }

  /// Appends the shortest decimal that reads back as `value`, laid out as Go's `encoding/json` does: no exponent
  /// from 1e-6 up to 1e21, no fraction where it is zero. NaN and infinities become `null`.
  public static func append(_ value: Double, to bytes: inout [UInt8]) {
    guard value.isFinite else {
      bytes.append(contentsOf: "null".utf8)
      return
    }
    if value == value.rounded(), abs(value) < 1e15 {
      if value.sign == .minus { bytes.append(UInt8(ascii: "-")) }
      appendMagnitude(UInt64(abs(value)), to: &bytes)
      return
    }
    let (digits, exponent) = shortest(abs(value))
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    if abs(value) < 1e-6 || abs(value) >= 1e21 {
      appendScientific(digits, exponent, to: &bytes)
    } else {
      appendPlain(digits, exponent, to: &bytes)
    }
  }

  /// Significant digits and the power of ten of the first one.
  private static func shortest(_ value: Double) -> (digits: [UInt8], exponent: Int) {
    var digits: [UInt8] = []
    var point: Int?
    var exponent = 0
    let text = Array(value.description.utf8)
    for (index, byte) in text.enumerated() {
      if byte == UInt8(ascii: ".") {
        point = digits.count
      } else if byte == UInt8(ascii: "e") {
        exponent = Int(String(decoding: text[(index + 1)...], as: UTF8.self)) ?? 0
        break
      } else {
        digits.append(byte)
      }
    }
    exponent += (point ?? digits.count) - 1
    let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
    digits.removeFirst(leading)
    exponent -= leading
    while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
    return (digits, exponent)
  }

  private static func appendPlain(_ digits: [UInt8], _ exponent: Int, to bytes: inout [UInt8]) {
    let zero = UInt8(ascii: "0")
    if exponent < 0 {
      bytes.append(contentsOf: [zero, UInt8(ascii: ".")])
      bytes.append(contentsOf: repeatElement(zero, count: -exponent - 1))
      bytes.append(contentsOf: digits)
      return
    }
    let whole = exponent + 1
    bytes.append(contentsOf: digits.prefix(whole))
    bytes.append(contentsOf: repeatElement(zero, count: max(0, whole - digits.count)))
    guard digits.count > whole else { return }
    bytes.append(UInt8(ascii: "."))
    bytes.append(contentsOf: digits[whole...])
  }

  private static func appendScientific(_ digits: [UInt8], _ exponent: Int, to bytes: inout [UInt8]) {
    bytes.append(digits[0])
    if digits.count > 1 {
      bytes.append(UInt8(ascii: "."))
      bytes.append(contentsOf: digits[1...])
    }
    bytes.append(UInt8(ascii: "e"))
    bytes.append(UInt8(ascii: exponent < 0 ? "-" : "+"))
    bytes.append(contentsOf: String(abs(exponent)).utf8)
  }
}
