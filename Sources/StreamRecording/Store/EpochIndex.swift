import Recording
import Wire

/// The epochs of a stream as they are known, in the order of their moments. A value.
struct EpochIndex: Sendable {
  /// Epochs that are known at most, the newest: beyond them the stream's oldest are not told of.
  static let most = 131_072

  /// Which stream they are of: when it was made.
  private(set) var created = ""
  private(set) var heads: [EpochHead] = []
  private var byNumber: [Int: EpochHead] = [:]
  /// The sequence of the last head that is known: what comes behind it is new.
  private(set) var scanned = 0

  func head(_ number: Int) -> EpochHead? { byNumber[number] }

  /// What a stream is found to be: heads of another one are forgotten, and those that rest on what it has lost.
  mutating func follow(_ stream: StreamInformation) {
    if stream.created != created {
      self = EpochIndex()
      created = stream.created
    }
    guard heads.contains(where: { $0.restsOn < stream.firstSequence }) else { return }
    heads.removeAll { $0.restsOn < stream.firstSequence }
    byNumber = Dictionary(uniqueKeysWithValues: heads.map { ($0.header.number, $0) })
  }

  /// Takes heads up, each with its sequence.
  mutating func add(_ found: [(head: EpochHead, sequence: Int)]) {
    var isOrdered = true
    for (head, sequence) in found {
      scanned = max(scanned, sequence)
      guard byNumber[head.header.number] == nil else { continue }
      byNumber[head.header.number] = head
      if let last = heads.last, last.header.at > head.header.at { isOrdered = false }
      heads.append(head)
    }
    if !isOrdered { heads.sort { ($0.header.at, $0.header.number) < ($1.header.at, $1.header.number) } }
    guard heads.count > EpochIndex.most else { return }
    for head in heads.prefix(heads.count - EpochIndex.most) { byNumber[head.header.number] = nil }
    heads.removeFirst(heads.count - EpochIndex.most)
  }

  /// The epochs of a span, both ends included.
  func span(since: Timestamp?, until: Timestamp?) -> ArraySlice<EpochHead> {
    let first = since.map { since in heads.partitioningIndex { $0.header.at >= since } } ?? heads.startIndex
    let end = until.map { until in heads.partitioningIndex { $0.header.at > until } } ?? heads.endIndex
    return first < end ? heads[first..<end] : []
  }
}

extension [EpochHead] {
  /// The first place from which on a condition holds, in what is ordered by it.
  fileprivate func partitioningIndex(_ holds: (EpochHead) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = low + (high - low) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
