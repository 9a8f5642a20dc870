/// Short random names.
package enum RandomName {
  private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

  static func characters(_ count: Int) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(count)
    var bits = UInt64.random(in: .min ... .max)
    for _ in 0..<count {
      if bits < 1 << 20 { bits = UInt64.random(in: .min ... .max) }
      result.append(alphabet[Int(bits % 62)])
      bits /= 62
    }
    return result
  }
}
