import HeapModule

/// Rows put in order a few at a time: sorted in short runs as they come, and merged as they are taken, so that no step is long however
/// many there are.
struct OrderedRows {
  private struct Entry: Comparable {
    let order: UInt64
    let id: UInt64
    let row: Int

    static func < (a: Entry, b: Entry) -> Bool { a.order == b.order ? a.id < b.id : a.order < b.order }
  }

  private struct Head: Comparable {
    let entry: Entry
    let run: Int
    let place: Int

    static func < (a: Head, b: Head) -> Bool { a.entry < b.entry }
    static func == (a: Head, b: Head) -> Bool { a.entry == b.entry }
  }

  private static let length = 256

  private let isUpwards: Bool
  private var runs: [[Entry]] = []
  private var last: [Entry] = []
  private var heads = Heap<Head>()
  /// Rows that were added.
  private(set) var count = 0

  /// - Parameter isUpwards: the smallest key first.
  init(isUpwards: Bool) { self.isUpwards = isUpwards }

  /// - Parameter id: Rows of one key stand in the order of it, whichever way the keys go.
  mutating func add(_ row: Int, key: UInt64, id: UInt64) {
    last.append(Entry(order: isUpwards ? key : ~key, id: id, row: row))
    count += 1
    if last.count == Self.length { endRun() }
  }

  /// No more are added; from now on they may be taken.
  mutating func seal() {
    endRun()
    heads = Heap(runs.indices.map { Head(entry: runs[$0][0], run: $0, place: 0) })
  }

  mutating func takeFirst() -> Int? {
    guard let head = heads.min else { return nil }
    let place = head.place + 1
    if place < runs[head.run].count {
      heads.replaceMin(with: Head(entry: runs[head.run][place], run: head.run, place: place))
    } else {
      heads.removeMin()
      runs[head.run] = []
    }
    return head.entry.row
  }

  private mutating func endRun() {
    guard !last.isEmpty else { return }
    last.sort()
    runs.append(last)
    last = []
    last.reserveCapacity(Self.length)
  }
}
