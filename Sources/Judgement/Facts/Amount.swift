import SystemAPI
import Wire

/// Counts of documents, which may say anything: what is below zero or beyond all that there is counts as the nearest that there may be, so
/// that sums over thousands of servers cannot overflow.
enum Amount {
  /// 2^46: of bytes some 70 TB.
  static let most = 1 << 46

  static func of(_ number: Int) -> Int { min(max(number, 0), most) }

  /// A whole number that is near to one.
  static func of(_ number: Double) -> Int { number.isNaN ? 0 : Int(min(max(number, -Double(most)), Double(most))) }

  static func read(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int? { JSONBytes.integer(bytes, range).map(of) }
}

extension JSONView {
  /// A whole number as an amount.
  var amount: Int? { int.map(Amount.of) }
}
