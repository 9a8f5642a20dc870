import Reactor
import SystemAPI
import Wire

/// Puts a reply's document into an answer, without the rows that were not asked for.
enum DataFilter {
  /// - Parameter countsLeafnodes: whether an account with nothing but leafnode connections is in use.
  static func append(
    _ bytes: UnsafeBufferPointer<UInt8>, _ data: Range<Int>, _ plan: RequestPlan, countsLeafnodes: Bool = true, to body: inout [UInt8]
  ) {
    guard plan.endpoint.dropsUnusedRows, !plan.keepsUnused, let rows = JSONBytes.member("account_statz", bytes, data) else {
      body.append(contentsOf: bytes[data])
      return
    }
    body.append(contentsOf: bytes[data.lowerBound..<rows.lowerBound])
    body.append(UInt8(ascii: "["))
    var elements = JSONElements(bytes, rows)
    var isFirst = true
    while let element = elements.next() {
      guard isUsed(bytes, element, countsLeafnodes) else { continue }
      if !isFirst { body.append(UInt8(ascii: ",")) }
      isFirst = false
      body.append(contentsOf: bytes[element])
    }
    body.append(UInt8(ascii: "]"))
    body.append(contentsOf: bytes[rows.upperBound..<data.upperBound])
  }

  private static func isUsed(_ bytes: UnsafeBufferPointer<UInt8>, _ row: Range<Int>, _ countsLeafnodes: Bool) -> Bool {
    let counts = JSONBytes.members(countsLeafnodes ? ["conns", "leafnodes"] : ["conns"], bytes, row)
    return counts.contains { $0.flatMap { JSONBytes.integer(bytes, $0) } ?? 0 > 0 }
  }
}
