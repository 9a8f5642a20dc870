import SystemAPI
import Wire

/// Rules for values that hold others.
extension DocumentMerger {
  func elements(_ value: MergeValue) -> [MergeValue] {
    bytes(value) { bytes, range in
      var found: [MergeValue] = []
      var elements = JSONElements(bytes, range)
      while let element = elements.next() { found.append(MergeValue(reply: value.reply, range: element)) }
      return found
    }
  }

  /// The elements of all arrays, each distinct one once.
  mutating func writeDistinct(_ values: [MergeValue]) -> Bool {
    var seen: Set<ArraySlice<UInt8>> = []
    out.append(UInt8(ascii: "["))
    for value in values {
      for element in elements(value) where seen.insert(replies[element.reply].bytes[element.range]).inserted {
        if seen.count > 1 { out.append(UInt8(ascii: ",")) }
        splice(element)
      }
    }
    out.append(UInt8(ascii: "]"))
    return true
  }

  /// The rows of all arrays, each with the server that it comes from.
  mutating func writeRows(_ values: [MergeValue]) -> Bool {
    let writer = RowWriter(replies)
    out.append(UInt8(ascii: "["))
    var isFirst = true
    for value in values {
      for row in elements(value) {
        if !isFirst { out.append(UInt8(ascii: ",")) }
        isFirst = false
        writer.append(row.reply, row.range, to: &out)
      }
    }
    out.append(UInt8(ascii: "]"))
    return true
  }

  mutating func writeMap(_ values: [MergeValue], _ rule: MergeRule) -> Bool {
    guard areObjects(values) else { return writeSame(values, of: values.count) }
    let table = MemberTable(values, pattern: newest(values), in: replies)
    out.append(UInt8(ascii: "{"))
    var isFirst = true
    for place in table.sorted {
      let entry = table.entries[place]
      member(entry.name, &isFirst) { $0.merge(entry.values, rule, of: entry.values.count) }
    }
    out.append(UInt8(ascii: "}"))
    return true
  }

  mutating func writeKeyed(_ values: [MergeValue], _ keys: [String], _ rule: MergeRule) -> Bool {
    let groups = RowGroups(values, keys, self)
    out.append(UInt8(ascii: "["))
    var isFirst = true
    let dropsUnused = plan.endpoint.dropsUnusedRows && !plan.keepsUnused
    for group in groups.sorted where !dropsUnused || group.contains(where: isUsed) {
      let mark = out.count
      if !isFirst { out.append(UInt8(ascii: ",")) }
      if merge(group, rule, of: group.count) { isFirst = false } else { out.removeLast(out.count - mark) }
    }
    out.append(UInt8(ascii: "]"))
    return true
  }

  /// An account's row with connections. Servers are always asked for the others too, so that their silence means something.
  private func isUsed(_ row: MergeValue) -> Bool {
    bytes(row) { bytes, range in
      JSONBytes.members(["conns", "leafnodes"], bytes, range).contains { $0.map { JSONBytes.integer(bytes, $0) != 0 } ?? false }
    }
  }

  /// The leader's object; the members of `fields` merged over all.
  mutating func writeLed(_ values: [MergeValue], _ fields: [MergeField]) -> Bool {
    guard areObjects(values), let leader = leading(values) else { return writeChosen(values.first) }
    let pattern = values.firstIndex { $0.reply == leader.reply } ?? 0
    let table = MemberTable(values, pattern: pattern, in: replies)
    out.append(UInt8(ascii: "{"))
    var isFirst = true
    for place in table.order {
      let entry = table.entries[place]
      if let rule = fields.first(where: { $0.name.utf8.elementsEqual(entry.name) })?.rule {
        member(entry.name, &isFirst) { $0.merge(entry.values, rule, of: values.count) }
      } else if let own = entry.values.first(where: { $0.reply == leader.reply }) {
        member(entry.name, &isFirst) { $0.writeChosen(own) }
      }
    }
    out.append(UInt8(ascii: "}"))
    return true
  }

  /// The value of the server that says of itself that it leads; else of one that knows a leader.
  func leading(_ values: [MergeValue]) -> MergeValue? {
    var informed: MergeValue?
    for value in values {
      let name = replies[value.reply].serverName
      let leader: String? = bytes(value) { bytes, range in
        if let state = JSONBytes.member("state", bytes, range), JSONBytes.equals(bytes, state, "\"LEADER\"") { return name }
        if let leader = JSONBytes.member("leader", bytes, range) { return JSONBytes.string(bytes, leader) }
        guard let cluster = JSONBytes.member("cluster", bytes, range) else { return nil }
        return JSONBytes.member("leader", bytes, cluster).flatMap { JSONBytes.string(bytes, $0) }
      }
      if leader == name { return value }
      if informed == nil, let leader, !leader.isEmpty { informed = value }
    }
    return informed ?? values.first
  }
}

/// Rows of many arrays that speak of the same thing.
struct RowGroups {
  private(set) var groups: [(key: [UInt8], rows: [MergeValue])] = []

  init(_ values: [MergeValue], _ keys: [String], _ merger: DocumentMerger) {
    var index: [[UInt8]: Int] = [:]
    for value in values {
      for row in merger.elements(value) {
        let key = RowGroups.key(row, keys, merger)
        if let known = index[key] {
          groups[known].rows.append(row)
        } else {
          index[key] = groups.count
          groups.append((key, [row]))
        }
      }
    }
  }

  /// By key, so that the same servers always give the same document.
  var sorted: [[MergeValue]] { groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.rows) }

  private static func key(_ row: MergeValue, _ keys: [String], _ merger: DocumentMerger) -> [UInt8] {
    merger.bytes(row) { bytes, range in
      var parts = [[UInt8]?](repeating: nil, count: keys.count)
      var members = JSONMembers(bytes, range)
      while let (name, value) = members.next() {
        for (place, key) in keys.enumerated() where parts[place] == nil && JSONBytes.equals(bytes, name, key) {
          parts[place] = Array(bytes[value])
        }
      }
      return Array(parts.map { $0 ?? [] }.joined(separator: [0]))
    }
  }
}
