import Wire

/// How two documents differ: fields by their paths, and rows of arrays. A value.
struct Difference: Sendable, Equatable {
  struct Field: Sendable, Equatable {
    /// Dotted, within the object that it is of: `jetstream.config.max_memory`.
    let path: String
    /// nil where there was none.
    let from: JSONValue?
    let to: JSONValue?
    let isCounter: Bool
  }

  /// A row that is on both sides.
  struct Changed: Sendable, Equatable {
    let key: JSONValue
    /// Its server was started anew in between: its counters began again.
    var isRestarted: Bool
    let difference: Difference
  }

  /// The rows of one array.
  struct Rows: Sendable, Equatable {
    let path: String
    var appeared: [JSONValue] = []
    var vanished: [JSONValue] = []
    var changed: [Changed] = []

    var isEmpty: Bool { appeared.isEmpty && vanished.isEmpty && changed.isEmpty }
  }

  var fields: [Field] = []
  var rows: [Rows] = []

  var isEmpty: Bool { fields.isEmpty && rows.isEmpty }
}

/// Compares two documents. Pure.
struct DocumentComparison {
  private var difference = Difference()

  static func difference(_ from: JSONValue, _ to: JSONValue) -> Difference {
    var comparison = DocumentComparison()
    comparison.compare(from, to, path: "", name: "", inside: "", siblings: from)
    return comparison.difference
  }

  /// - Parameters:
  ///   - name: Of the member that is compared.
  ///   - inside: The name of the object that it is in.
  ///   - siblings: That object.
  private mutating func compare(_ from: JSONValue?, _ to: JSONValue?, path: String, name: String, inside: String, siblings: JSONValue) {
    guard from != to, !DifferenceRules.moving.contains(name) else { return }
    switch (from, to) {
    case (.object(let before)?, .object(let after)?): members(before, after, path, name)
    case (.array(let before)?, .array(let after)?): array(before, after, path, name)
    case (nil, .array(let after)?) where DifferenceRules.rowKeys[name] != nil: array([], after, path, name)
    case (.array(let before)?, nil) where DifferenceRules.rowKeys[name] != nil: array(before, [], path, name)
    default:
      let isNumber = from?.double != nil && to?.double != nil
      difference.fields.append(
        Difference.Field(
          path: path, from: from, to: to, isCounter: isNumber && DocumentComparison.isCounter(name, inside: inside, siblings: siblings)))
    }
  }

  private mutating func members(_ before: [JSONValue.Member], _ after: [JSONValue.Member], _ path: String, _ inside: String) {
    let later = Dictionary(after.map { ($0.name, $0.value) }) { first, _ in first }
    let earlier = Set(before.map(\.name))
    let siblings = JSONValue.object(before)
    func joined(_ name: String) -> String { path.isEmpty ? name : path + "." + name }
    for member in before {
      compare(member.value, later[member.name], path: joined(member.name), name: member.name, inside: inside, siblings: siblings)
    }
    for member in after where !earlier.contains(member.name) {
      compare(nil, member.value, path: joined(member.name), name: member.name, inside: inside, siblings: siblings)
    }
  }

  private static func isCounter(_ name: String, inside: String, siblings: JSONValue) -> Bool {
    if DifferenceRules.counting.contains(inside) { return true }
    guard DifferenceRules.counters.contains(name) else { return false }
    return name != "total" || !DifferenceRules.countsRows.contains { siblings[$0] != nil }
  }

  private mutating func array(_ before: [JSONValue], _ after: [JSONValue], _ path: String, _ name: String) {
    var rows = Difference.Rows(path: path)
    let all = before + after
    if all.allSatisfy({ $0.members == nil }) {
      // A list of words or numbers: what is on one side alone.
      (rows.vanished, rows.appeared) = DocumentComparison.onOneSide(before, after)
    } else if let keys = DifferenceRules.rowKeys[name]?.first(where: {
      DocumentComparison.tell(apart: before, $0) && DocumentComparison.tell(apart: after, $0)
    }) {
      keyed(before, after, keys, &rows)
    } else {
      // Nobody knows which row is which: they are compared as they stand.
      (rows.vanished, rows.appeared) = DocumentComparison.onOneSide(before, after)
    }
    if !rows.isEmpty { difference.rows.append(rows) }
  }

  private func keyed(_ before: [JSONValue], _ after: [JSONValue], _ keys: [String], _ rows: inout Difference.Rows) {
    func place(_ row: JSONValue) -> JSONValue { DocumentComparison.key(row, keys) }
    func text(_ key: JSONValue) -> [UInt8] { key.bytes() }
    let later = Dictionary(after.map { (text(place($0)), $0) }) { first, _ in first }
    let earlier = Set(before.map { text(place($0)) })
    for row in before {
      let key = place(row)
      guard let now = later[text(key)] else {
        rows.vanished.append(row)
        continue
      }
      let difference = DocumentComparison.difference(row, now)
      let isRestarted = DocumentComparison.start(row) != DocumentComparison.start(now)
      if !difference.isEmpty || isRestarted {
        rows.changed.append(Difference.Changed(key: key, isRestarted: isRestarted, difference: difference))
      }
    }
    rows.appeared = after.filter { !earlier.contains(text(place($0))) }
  }

  /// What tells a process, or a connection, from the one that was there under the same key.
  static func start(_ row: JSONValue) -> String {
    (row["server"]?["id"] ?? row["server_id"])?.string ?? row["start"]?.string ?? ""
  }

  private static func tell(apart rows: [JSONValue], _ keys: [String]) -> Bool {
    rows.allSatisfy { row in keys.contains { value(row, $0) != nil } } && Set(rows.map { key($0, keys).bytes() }).count == rows.count
  }

  private static func key(_ row: JSONValue, _ keys: [String]) -> JSONValue {
    .object(keys.compactMap { name in value(row, name).map { JSONValue.Member(name, $0) } })
  }

  private static func value(_ row: JSONValue, _ path: String) -> JSONValue? {
    var found: JSONValue? = row
    for name in path.split(separator: ".") { found = found?[String(name)] }
    return found
  }

  /// What is in one list and not in the other, as often as it is more often there.
  private static func onOneSide(_ before: [JSONValue], _ after: [JSONValue]) -> (vanished: [JSONValue], appeared: [JSONValue]) {
    func rest(_ some: [JSONValue], _ others: [JSONValue]) -> [JSONValue] {
      var left = Dictionary(grouping: others.map { $0.bytes() }) { $0 }.mapValues(\.count)
      return some.filter { value in
        let text = value.bytes()
        guard let count = left[text], count > 0 else { return true }
        left[text] = count - 1
        return false
      }
    }
    return (rest(before, after), rest(after, before))
  }
}
