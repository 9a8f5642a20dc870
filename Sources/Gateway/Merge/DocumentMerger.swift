import HTTPServer
import SystemAPI
import Wire

/// Walks many documents by the rules of their endpoint and writes one, compact.
///
/// Only what is merged is read; everything else is spliced as it came.
struct DocumentMerger {
  let plan: MergePlan
  let replies: [MergeReply]
  let now: Timestamp
  var out: [UInt8] = []
  /// The page of the endpoint's rows, made before the members that count them are written.
  private var page: MergedRows?
  /// The longest time that a server has run, by its own clock.
  private var uptime: Span?

  init(_ plan: MergePlan, _ replies: [MergeReply], now: Timestamp) {
    self.plan = plan
    self.replies = replies
    self.now = now
  }

  mutating func document() throws(Refusal) -> [UInt8] {
    var values = replies.indices.map { MergeValue(reply: $0, range: replies[$0].data) }
    if plan.endpoint.ignoresDisabled { values = withJetStream(values) }
    guard case .object(let fields, let others) = plan.endpoint.merge else {
      if !merge(values, plan.endpoint.merge, of: values.count) { out.append(contentsOf: "{}".utf8) }
      return out
    }
    let table = MemberTable(values, pattern: newest(values), in: replies)
    if let rows = plan.endpoint.rows, let found = table.values(rows.array) {
      let rule = fields.first { $0.name == rows.array }?.rule ?? .rows
      page = try RowMerger(plan, replies, rule).page(found)
    }
    // Looking for members that are not there takes as long as the document is.
    let tellsUptime = fields.contains { field in if case .uptime = field.rule { true } else { false } }
    if tellsUptime { uptime = values.compactMap(ownUptime).max() }
    writeObject(table, fields, others, of: values.count, isRoot: true)
    return out
  }

  /// How long a server has run: clocks differ, so its start is compared with its own time and not with the gateway's.
  private func ownUptime(_ value: MergeValue) -> Span? {
    func time(_ range: Range<Int>?) -> Timestamp? { range.flatMap { self.time(MergeValue(reply: value.reply, range: $0)) } }
    let found = bytes(value) { JSONBytes.members(["start", "now"], $0, $1) }
    guard let start = time(found[0]), start != .zero, let now = time(found[1]) else { return nil }
    return max(.zero, now - start)
  }

  /// Servers without JetStream answer with zeros, which have no say where others know better.
  private func withJetStream(_ values: [MergeValue]) -> [MergeValue] {
    let enabled = values.filter { value in
      bytes(value) { bytes, range in
        guard let disabled = JSONBytes.member("disabled", bytes, range) else { return true }
        return !JSONBytes.isTrue(bytes, disabled)
      }
    }
    return enabled.isEmpty ? values : enabled
  }

  // MARK: Access

  func bytes<Result>(_ value: MergeValue, _ body: (UnsafeBufferPointer<UInt8>, Range<Int>) -> Result) -> Result {
    replies[value.reply].bytes.withUnsafeBufferPointer { body($0, value.range) }
  }

  func firstByte(_ value: MergeValue) -> UInt8 { replies[value.reply].bytes[value.range.lowerBound] }

  mutating func splice(_ value: MergeValue) {
    out.append(contentsOf: replies[value.reply].bytes[value.range])
  }

  /// The place of the value that the newest server sent: its order of members is kept.
  func newest(_ values: [MergeValue]) -> Int {
    var best = 0
    var version: ServerVersion?
    for (place, value) in values.enumerated() {
      guard let other = ServerVersion(replies[value.reply].version), version.map({ $0 < other }) ?? true else { continue }
      version = other
      best = place
    }
    return best
  }

  // MARK: Rules

  /// Writes the merged value; false, with nothing written, where it is left out.
  mutating func merge(_ values: [MergeValue], _ rule: MergeRule, of total: Int) -> Bool {
    switch rule {
    case .same: return writeSame(values, of: total)
    case .scope:
      JSONEscaping.append(plan.scope, to: &out)
      return true
    case .now:
      writeTime(now)
      return true
    case .uptime:
      guard let uptime else { return false }
      JSONEscaping.append(DurationText.uptime(uptime.nanoseconds), to: &out)
      return true
    case .asked(let name):
      DecimalText.append(name == "offset" ? plan.page.offset : plan.page.limit ?? plan.maxRows, to: &out)
      return true
    case .count:
      DecimalText.append(page?.count ?? 0, to: &out)
      return true
    default: break
    }
    let present = values.filter { firstByte($0) != UInt8(ascii: "n") }
    guard !present.isEmpty else {
      out.append(contentsOf: "null".utf8)
      return true
    }
    switch rule {
    case .sum, .replicas: return writeSum(present, of: total)
    case .max: return writeExtreme(present, of: total, largest: true)
    case .min: return writeExtreme(present, of: total, largest: false)
    case .earliest: return writeChosen(earliest(present)?.value)
    case .latest: return writeChosen(latest(present))
    case .lowestVersion: return writeChosen(lowestVersion(present))
    case .accountWide: return writeAccountWide(present, of: total)
    case .domainWide: return writeDomainWide(present, of: total)
    case .connection: return writeConnection(present, of: total)
    case .leader: return writeChosen(leading(present))
    case .concat: return writeDistinct(present)
    case .rows: return writeRows(present)
    case .object(let fields, let others):
      guard areObjects(present) else { return writeSame(present, of: total) }
      writeObject(MemberTable(present, pattern: newest(present), in: replies), fields, others, of: present.count)
      return true
    case .map(let rule): return writeMap(present, rule)
    case .keyed(let keys, let rule): return writeKeyed(present, keys, rule)
    case .led(let fields): return writeLed(present, fields)
    case .worst, .health, .same, .scope, .now, .uptime, .asked, .count: return writeSame(present, of: total)
    }
  }

  func areObjects(_ values: [MergeValue]) -> Bool { values.allSatisfy { firstByte($0) == UInt8(ascii: "{") } }

  mutating func writeObject(
    _ table: MemberTable, _ fields: [MergeField], _ others: MergeRule.Others, of total: Int, isRoot: Bool = false
  ) {
    out.append(UInt8(ascii: "{"))
    var isFirst = true
    let rest: MergeRule = others == .sum ? .sum : .same
    for place in table.order {
      let entry = table.entries[place]
      let rule = fields.first { $0.name.utf8.elementsEqual(entry.name) }?.rule ?? rest
      member(entry.name, &isFirst) { merger in
        if isRoot, let page = merger.page, merger.isRows(entry.name) {
          merger.out.append(contentsOf: page.text)
          return true
        }
        if isRoot, let all = merger.page?.all, merger.isTotal(entry.name) {
          // A server counts the accounts that it knows; together they may know more.
          let told = entry.values.compactMap { merger.bytes($0) { JSONBytes.integer($0, $1) } }.max() ?? 0
          DecimalText.append(Swift.max(told, all), to: &merger.out)
          return true
        }
        return merger.merge(entry.values, rule, of: total)
      }
    }
    out.append(UInt8(ascii: "}"))
  }

  private func isRows(_ name: [UInt8]) -> Bool { plan.endpoint.rows?.array.utf8.elementsEqual(name) ?? false }
  private func isTotal(_ name: [UInt8]) -> Bool { plan.endpoint.rows?.total?.utf8.elementsEqual(name) ?? false }

  /// Writes a member whose value `body` writes, or nothing.
  mutating func member(_ name: [UInt8], _ isFirst: inout Bool, _ body: (inout DocumentMerger) -> Bool) {
    let mark = out.count
    if !isFirst { out.append(UInt8(ascii: ",")) }
    out.append(UInt8(ascii: "\""))
    out.append(contentsOf: name)
    out.append(contentsOf: [UInt8(ascii: "\""), UInt8(ascii: ":")])
    if body(&self) { isFirst = false } else { out.removeLast(out.count - mark) }
  }
}
