import SystemAPI
import Wire

/// Rules for single values.
extension DocumentMerger {
  mutating func writeChosen(_ value: MergeValue?) -> Bool {
    guard let value else { return false }
    splice(value)
    return true
  }

  mutating func writeTime(_ time: Timestamp) {
    out.append(UInt8(ascii: "\""))
    time.appendRFC3339(to: &out)
    out.append(UInt8(ascii: "\""))
  }

  /// Kept where every one of `total` objects has it and all are equal. What is left out by a server counts as another value.
  mutating func writeSame(_ values: [MergeValue], of total: Int) -> Bool {
    guard let first = values.first, values.count == total else { return false }
    let text = replies[first.reply].bytes[first.range]
    for value in values.dropFirst() where value.range.count != text.count || replies[value.reply].bytes[value.range] != text {
      return false
    }
    splice(first)
    return true
  }

  /// One server's connection keeps its id, made unique, with the server's own beside it. Several connections have no id together:
  /// equal ones are equal by accident.
  mutating func writeConnection(_ values: [MergeValue], of total: Int) -> Bool {
    guard total == 1, let value = values.first, let cid = bytes(value, { JSONBytes.unsigned($0, $1) }) else { return false }
    DecimalText.append(MergedConnectionID(ordinal: replies[value.reply].ordinal, cid: cid).merged, to: &out)
    out.append(contentsOf: ",\"server_cid\":".utf8)
    splice(value)
    return true
  }

  mutating func writeSum(_ values: [MergeValue], of total: Int) -> Bool {
    var sum = DecimalSum()
    for value in values where !bytes(value, { sum.add(UnsafeBufferPointer(rebasing: $0[$1])) }) {
      if areObjects(values) {
        writeObject(MemberTable(values, pattern: newest(values), in: replies), [], .sum, of: values.count)
        return true
      }
      return writeSame(values, of: total)
    }
    sum.append(to: &out)
    return true
  }

  /// Numbers, durations, times, and booleans, of which true is the larger; a boolean that is left out is false.
  mutating func writeExtreme(_ values: [MergeValue], of total: Int, largest: Bool) -> Bool {
    var best: (size: Double, value: MergeValue)?
    for value in values {
      guard let size = size(value) else { return writeSame(values, of: total) }
      if best.map({ largest ? size > $0.size : size < $0.size }) ?? true { best = (size, value) }
    }
    guard let best else { return false }
    let isBoolean = firstByte(best.value) == UInt8(ascii: "t") || firstByte(best.value) == UInt8(ascii: "f")
    if isBoolean, !largest, values.count < total { return false }
    splice(best.value)
    return true
  }

  private func size(_ value: MergeValue) -> Double? {
    bytes(value) { bytes, range in
      switch bytes[range.lowerBound] {
      case UInt8(ascii: "t"): return 1
      case UInt8(ascii: "f"): return 0
      case UInt8(ascii: "\""):
        guard let text = JSONBytes.string(bytes, range) else { return nil }
        if let duration = DurationText.parseUptime(text) { return Double(duration) }
        return Timestamp(rfc3339: text).map { Double($0.unixNanoseconds) }
      case UInt8(ascii: "{"), UInt8(ascii: "["): return nil
      default: return JSONBytes.double(bytes, range)
      }
    }
  }

  func time(_ value: MergeValue) -> Timestamp? {
    guard value.range.count > 2, firstByte(value) == UInt8(ascii: "\"") else { return nil }
    return Timestamp(rfc3339: replies[value.reply].bytes[value.range.lowerBound + 1..<value.range.upperBound - 1])
  }

  /// Zero times stand for "never" and count only where there is nothing else.
  func earliest(_ values: [MergeValue]) -> (time: Timestamp, value: MergeValue)? {
    var best: (time: Timestamp, value: MergeValue)?
    for value in values {
      guard let time = time(value) else { continue }
      if let known = best, known.time != .zero, time == .zero || known.time <= time { continue }
      best = (time, value)
    }
    return best
  }

  func latest(_ values: [MergeValue]) -> MergeValue? {
    var best: (time: Timestamp, value: MergeValue)?
    for value in values {
      guard let time = time(value), best.map({ $0.time < time }) ?? true else { continue }
      best = (time, value)
    }
    return best?.value
  }

  func lowestVersion(_ values: [MergeValue]) -> MergeValue? {
    var best: (version: ServerVersion, value: MergeValue)?
    for value in values {
      guard let version = bytes(value, { JSONBytes.string($0, $1) }).flatMap({ ServerVersion($0) }) else { continue }
      if best.map({ version < $0.version }) ?? true { best = (version, value) }
    }
    return best?.value ?? values.first
  }

  /// Each domain's number once, added up. No limit in one of them is no limit in all.
  mutating func writeDomainWide(_ values: [MergeValue], of total: Int) -> Bool {
    var domains: [String: [MergeValue]] = [:]
    for value in values { domains[replies[value.reply].domain, default: []].append(value) }
    guard domains.count > 1 else { return writeAccountWide(values, of: total) }
    if areObjects(values) {
      let table = MemberTable(values, pattern: newest(values), in: replies)
      out.append(UInt8(ascii: "{"))
      var isFirst = true
      for place in table.order {
        let entry = table.entries[place]
        // A level is no amount: the lowest is what all of them have.
        let rule: MergeRule = entry.name == Array("level".utf8) ? .min : .domainWide
        member(entry.name, &isFirst) { $0.merge(entry.values, rule, of: values.count) }
      }
      out.append(UInt8(ascii: "}"))
      return true
    }
    let largest = domains.values.compactMap { domain in domain.max { (size($0) ?? 0) < (size($1) ?? 0) } }
    return writeSum(largest, of: largest.count)
  }

  /// One number that each server knows: the largest, since a server that has just started may not know it yet.
  /// Objects by member; anything else from the newest server.
  mutating func writeAccountWide(_ values: [MergeValue], of total: Int) -> Bool {
    if areObjects(values) {
      let table = MemberTable(values, pattern: newest(values), in: replies)
      out.append(UInt8(ascii: "{"))
      var isFirst = true
      for place in table.order {
        let entry = table.entries[place]
        member(entry.name, &isFirst) { $0.merge(entry.values, .accountWide, of: values.count) }
      }
      out.append(UInt8(ascii: "}"))
      return true
    }
    let isNumber = values.allSatisfy { firstByte($0) == UInt8(ascii: "-") || firstByte($0) &- 0x30 <= 9 }
    if isNumber { return writeExtreme(values, of: total, largest: true) }
    return writeChosen(values[newest(values)])
  }
}
