import HTTPServer
import SystemAPI
import Wire

/// One page of rows, as the text of an array.
struct MergedRows {
  let text: [UInt8]
  let count: Int
  /// Rows before paging, where they are known better than by adding up what the servers say.
  let all: Int?
}

/// Sorts and pages the rows of all servers.
struct RowMerger {
  private let plan: MergePlan
  private let replies: [MergeReply]
  private let rule: MergeRule
  private let writer: RowWriter
  private let order: RowOrder

  init(_ plan: MergePlan, _ replies: [MergeReply], _ rule: MergeRule) {
    self.plan = plan
    self.replies = replies
    self.rule = rule
    writer = RowWriter(replies)
    let rows = plan.endpoint.rows
    order = RowOrder(
      plan.sortKey ?? rows?.sorts.first, byServerFirst: plan.page.sort == nil && rows?.pagedByServer == false)
  }

  /// - Throws: ``Refusal`` where there are more rows than may be merged.
  func page(_ values: [MergeValue]) throws(Refusal) -> MergedRows {
    let arrays = values.filter { replies[$0.reply].bytes[$0.range.lowerBound] == UInt8(ascii: "[") }
    if arrays.isEmpty, !values.isEmpty { return MergedRows(text: Array("null".utf8), count: 0, all: nil) }
    switch rule {
    case .keyed(let keys, let rule): return groups(arrays, keys, rule)
    case .concat: return try distinct(arrays)
    default: return plan.endpoint.rows?.pagedByServer == true ? sortedPages(arrays) : try whole(arrays)
    }
  }

  /// Each server sent its own first rows in the order asked for: they are merged from the top, and no more is read than shown.
  private func sortedPages(_ arrays: [MergeValue]) -> MergedRows {
    var pages = SortedPages(arrays.map { RowCursor(reply: $0.reply, ordinal: replies[$0.reply].ordinal, array: $0.range) }, replies, order)
    var text: [UInt8] = [UInt8(ascii: "[")]
    var skipped = 0
    var count = 0
    while plan.page.limit.map({ count < $0 }) ?? true, let row = pages.next() {
      if skipped < plan.page.offset {
        skipped += 1
        continue
      }
      if count > 0 { text.append(UInt8(ascii: ",")) }
      writer.append(row.reply, row.range, to: &text)
      count += 1
    }
    text.append(UInt8(ascii: "]"))
    return MergedRows(text: text, count: count, all: nil)
  }

  /// Servers that cannot page sent all rows.
  private func whole(_ arrays: [MergeValue]) throws(Refusal) -> MergedRows {
    var rows: [Row] = []
    for array in arrays {
      var cursor = RowCursor(reply: array.reply, ordinal: replies[array.reply].ordinal, array: array.range)
      replies[array.reply].bytes.withUnsafeBufferPointer { bytes in
        while rows.count <= plan.maxRows, let row = cursor.next(bytes, order) { rows.append(row) }
      }
      if rows.count > plan.maxRows { throw .tooManyRows("there are more rows of \(plan.endpoint.name)", limit: plan.maxRows) }
    }
    rows.sort { order.precedes($0, $1) }
    return written(slice(rows), all: nil) { writer.append($0.reply, $0.range, to: &$1) }
  }

  /// Names, each once.
  private func distinct(_ arrays: [MergeValue]) throws(Refusal) -> MergedRows {
    var seen: Set<ArraySlice<UInt8>> = []
    for array in arrays {
      let bytes = replies[array.reply].bytes
      bytes.withUnsafeBufferPointer { buffer in
        var elements = JSONElements(buffer, array.range)
        while seen.count <= plan.maxRows, let element = elements.next() { seen.insert(bytes[element]) }
      }
      if seen.count > plan.maxRows { throw .tooManyRows("there are more rows of \(plan.endpoint.name)", limit: plan.maxRows) }
    }
    let names = seen.sorted { $0.lexicographicallyPrecedes($1) }
    return written(slice(names), all: names.count) { $1.append(contentsOf: $0) }
  }

  private func groups(_ arrays: [MergeValue], _ keys: [String], _ rule: MergeRule) -> MergedRows {
    var merger = DocumentMerger(plan, replies, now: .zero)
    let groups = RowGroups(arrays, keys, merger).sorted
    return written(slice(groups), all: groups.count) { group, text in
      merger.out.removeAll(keepingCapacity: true)
      if merger.merge(group, rule, of: group.count) { text.append(contentsOf: merger.out) } else { text.append(contentsOf: "null".utf8) }
    }
  }

  private func slice<Element>(_ rows: [Element]) -> ArraySlice<Element> {
    let rest = rows.dropFirst(plan.page.offset)
    return plan.page.limit.map { rest.prefix($0) } ?? rest
  }

  private func written<Element>(
    _ rows: ArraySlice<Element>, all: Int?, _ write: (Element, inout [UInt8]) -> Void
  ) -> MergedRows {
    var text: [UInt8] = [UInt8(ascii: "[")]
    for (place, row) in rows.enumerated() {
      if place > 0 { text.append(UInt8(ascii: ",")) }
      write(row, &text)
    }
    text.append(UInt8(ascii: "]"))
    return MergedRows(text: text, count: rows.count, all: all)
  }
}
