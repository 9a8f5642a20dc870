import Reactor
import SystemAPI
import Wire

/// Puts a reply's document into an answer, without the rows that were not asked for.
enum DataFilter {
  /// - Parameter countsLeafnodes: whether an account with nothing but leafnode connections is in use.
  static func append(
    _ bytes: UnsafeBufferPointer<UInt8>, _ data: Range<Int>, _ plan: RequestPlan, countsLeafnodes: Bool = true, to body: inout [UInt8]
  ) {
    let hasUnused = plan.endpoint.fixedOptions.contains("include_unused")
    guard hasUnused, !plan.keepsUnused, let rows = JSONBytes.member("account_statz", bytes, data) else {
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
    var members = JSONMembers(bytes, row)
    while let (key, value) = members.next() {
      guard JSONBytes.equals(bytes, key, "conns") || countsLeafnodes && JSONBytes.equals(bytes, key, "leafnodes") else { continue }
      if let count = JSONBytes.integer(bytes, value), count > 0 { return true }
    }
    return false
  }
}

/// `rate=10s` of statsz: how fast the counters grew between two heartbeats.
enum StatszRates {
  static func append(
    _ entry: RosterEntry, _ bytes: UnsafeBufferPointer<UInt8>, _ data: Range<Int>?, over span: Nanoseconds, to body: inout [UInt8]
  ) {
    guard let data, let earlier = entry.heartbeat ?? entry.previousHeartbeat else { return }
    let now = MonotonicClock.now()
    guard now > earlier.arrived + 100_000_000 else { return }
    let seconds = Double(now - earlier.arrived) / 1e9
    body.append(contentsOf: ",\"rates\":{\"over_seconds\":".utf8)
    DecimalText.append(Double(Int(seconds * 1000)) / 1000, to: &body)
    for direction in ["sent", "received"] {
      for unit in ["msgs", "bytes"] {
        guard let after = counter(direction, unit, bytes, data),
          let before = earlier.statsz.withUnsafeBufferPointer({ counter(direction, unit, $0, 0..<$0.count) }), after >= before
        else { continue }
        body.append(contentsOf: ",\"\(direction)_\(unit)\":".utf8)
        DecimalText.append((Double(after - before) / seconds * 10).rounded() / 10, to: &body)
      }
    }
    body.append(UInt8(ascii: "}"))
  }

  static func counter(_ direction: String, _ unit: String, _ bytes: UnsafeBufferPointer<UInt8>, _ data: Range<Int>) -> UInt64? {
    var members = JSONMembers(bytes, data)
    while let (key, value) = members.next() {
      guard JSONBytes.equals(bytes, key, direction) else { continue }
      var inner = JSONMembers(bytes, value)
      while let (key, value) = inner.next() {
        if JSONBytes.equals(bytes, key, unit) { return JSONBytes.unsigned(bytes, value) }
      }
    }
    return nil
  }
}
