import SystemAPI
import Wire

/// Where a row lies, and what it is sorted by.
struct Row {
  let reply: Int
  let range: Range<Int>
  /// The sort key: numbers, nanoseconds; 0 for text.
  let number: Int64
  let text: String
  let cid: UInt64
}

/// The order of rows over all servers; ties by server, then by connection id.
struct RowOrder {
  /// Member that is compared; empty = none.
  private let field: String
  private let kind: Endpoint.SortKey.Value
  private let isDescending: Bool
  private let byServerFirst: Bool
  /// By connection id: the one that is unique over all servers.
  private let isByConnection: Bool

  init(_ key: Endpoint.SortKey?, byServerFirst: Bool) {
    field = key?.field ?? ""
    kind = key?.value ?? .number
    isDescending = key?.descending ?? false
    isByConnection = key?.field == "cid"
    self.byServerFirst = byServerFirst
  }

  /// Reads the members that the order needs.
  func row(_ reply: Int, _ range: Range<Int>, _ ordinal: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Row {
    var cid: UInt64 = 0
    var found: Range<Int>?
    var members = JSONMembers(bytes, range)
    // Both are mostly among the first members, and the rest need not be read.
    while found == nil || cid == 0, let (name, value) = members.next() {
      if cid == 0, JSONBytes.equals(bytes, name, "cid") { cid = JSONBytes.unsigned(bytes, value) ?? 0 }
      if found == nil, JSONBytes.equals(bytes, name, field) { found = value }
    }
    if isByConnection {
      let merged = MergedConnectionID(ordinal: ordinal, cid: cid).merged
      return Row(reply: reply, range: range, number: Int64(truncatingIfNeeded: merged), text: "", cid: cid)
    }
    guard let found else { return Row(reply: reply, range: range, number: kind == .time ? .min : 0, text: "", cid: cid) }
    if kind == .text { return Row(reply: reply, range: range, number: 0, text: JSONBytes.string(bytes, found) ?? "", cid: cid) }
    return Row(reply: reply, range: range, number: number(bytes, found), text: "", cid: cid)
  }

  private func number(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int64 {
    switch kind {
    case .number: return Int64(clamping: JSONBytes.integer(bytes, range) ?? 0)
    case .duration: return JSONBytes.string(bytes, range).flatMap { DurationText.parseUptime($0) } ?? 0
    case .time:
      guard range.count > 2, bytes[range.lowerBound] == 0x22 else { return .min }
      let text = ArraySlice(bytes[range.lowerBound + 1..<range.upperBound - 1])
      return Timestamp(rfc3339: text)?.unixNanoseconds ?? .min
    case .text: return 0
    }
  }

  func isTie(_ left: Row, _ right: Row) -> Bool { left.number == right.number && left.text == right.text }

  func precedes(_ left: Row, _ right: Row) -> Bool {
    if byServerFirst, left.reply != right.reply { return left.reply < right.reply }
    if left.number != right.number { return (left.number < right.number) != isDescending }
    if left.text != right.text { return (left.text < right.text) != isDescending }
    if left.reply != right.reply { return left.reply < right.reply }
    if left.cid != right.cid { return left.cid < right.cid }
    return left.range.lowerBound < right.range.lowerBound
  }
}

/// Steps through one server's rows.
struct RowCursor {
  let reply: Int
  let ordinal: Int
  private var position: Int
  private let end: Int
  private var isFirst = true

  init(reply: Int, ordinal: Int, array: Range<Int>) {
    self.reply = reply
    self.ordinal = ordinal
    position = array.lowerBound + 1
    end = array.upperBound
  }

  mutating func next(_ bytes: UnsafeBufferPointer<UInt8>, _ order: RowOrder) -> Row? {
    position = JSONWalk.skipSpace(UnsafeRawBufferPointer(bytes), position, end)
    if !isFirst, position < end, bytes[position] == UInt8(ascii: ",") {
      position = JSONWalk.skipSpace(UnsafeRawBufferPointer(bytes), position + 1, end)
    }
    isFirst = false
    guard position < end, bytes[position] != UInt8(ascii: "]"),
      let after = JSONWalk.endOfValue(UnsafeRawBufferPointer(bytes), position, end)
    else { return nil }
    let row = order.row(reply, position..<after, ordinal, bytes)
    position = after
    return row
  }
}

/// Merges pages that are sorted already: a heap of the first row of each.
struct SortedPages {
  private struct Page {
    var cursor: RowCursor
    /// Rows that tie, by connection id; taken from the end.
    var run: [Row] = []
    var ahead: Row?
    var isAtEnd = false
  }

  private let replies: [MergeReply]
  private let order: RowOrder
  private var pages: [Page]
  private var heap: [Int] = []

  init(_ cursors: [RowCursor], _ replies: [MergeReply], _ order: RowOrder) {
    self.replies = replies
    self.order = order
    pages = cursors.map { Page(cursor: $0) }
    for index in pages.indices {
      refill(index)
      if !pages[index].run.isEmpty { heap.append(index) }
    }
    for place in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(place) }
  }

  /// The next row over all pages.
  mutating func next() -> Row? {
    guard let top = heap.first, let row = pages[top].run.popLast() else { return nil }
    if pages[top].run.isEmpty { refill(top) }
    if pages[top].run.isEmpty {
      let last = heap.removeLast()
      if !heap.isEmpty { heap[0] = last }
    }
    if !heap.isEmpty { sink(0) }
    return row
  }

  /// Reads up to the first row that does not tie, so that those which do come by connection id.
  private mutating func refill(_ index: Int) {
    guard !pages[index].isAtEnd else { return }
    var page = pages[index]
    replies[page.cursor.reply].bytes.withUnsafeBufferPointer { bytes in
      guard let first = page.ahead ?? page.cursor.next(bytes, order) else {
        page.isAtEnd = true
        return
      }
      page.run.append(first)
      page.ahead = nil
      while let row = page.cursor.next(bytes, order) {
        guard order.isTie(first, row) else {
          page.ahead = row
          break
        }
        page.run.append(row)
      }
      if page.ahead == nil { page.isAtEnd = true }
      if page.run.count > 1 { page.run.sort { order.precedes($1, $0) } }
    }
    pages[index] = page
  }

  private func first(_ heapPlace: Int) -> Row { pages[heap[heapPlace]].run[pages[heap[heapPlace]].run.count - 1] }

  private mutating func sink(_ start: Int) {
    var place = start
    while true {
      var smallest = place
      for child in [2 * place + 1, 2 * place + 2] where child < heap.count {
        if order.precedes(first(child), first(smallest)) { smallest = child }
      }
      if smallest == place { return }
      heap.swapAt(place, smallest)
      place = smallest
    }
  }
}
