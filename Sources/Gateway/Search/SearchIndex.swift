import Glibc
import Wire

/// Everything of a system that has a name, to be found by a part of it.
struct SearchIndex: Sendable {
  enum Kind: String, CaseIterable, Sendable {
    case server, account, client, user, address, stream, consumer, subject
  }

  struct Entry: Sendable, Hashable {
    let kind: Kind
    let name: String
    var account = ""
    var stream = ""
    /// Where there is one only.
    var server = ""
    var serverID = ""
    var cid: UInt64 = 0
    /// Connections that bear the name.
    var connections = 0
  }

  /// How a name fits, the best first.
  enum Fit: Int, CaseIterable, Sendable {
    case whole, beginning, word, inside

    var name: String {
      switch self {
      case .whole: "whole"
      case .beginning: "beginning"
      case .word: "word"
      case .inside: "inside"
      }
    }
  }

  struct Hits: Sendable {
    let kind: Kind
    /// All that fit.
    let found: Int
    /// The best of them.
    let best: [(entry: Entry, fit: Fit)]
  }

  let at: Timestamp
  /// Names beyond the most that are read and held: they are not found. Of names that nobody told there may be fewer: one can be counted twice.
  let leftOut: Int
  private let entries: [Entry]
  /// The names in lower case, each behind a zero byte.
  private let text: [UInt8]
  /// Where each name begins in the text.
  private let starts: [Int]

  /// Names at most.
  static let mostEntries = 500_000

  /// - Parameter leftOut: Names that are not among them.
  init(_ all: [Entry], at: Timestamp, most: Int = mostEntries, leftOut: Int = 0) {
    self.at = at
    self.leftOut = Tally.sum(leftOut, max(0, all.count - most))
    // What many connections bear comes first among equals, then the alphabet.
    entries = all.sorted { ($1.connections, $0.name) < ($0.connections, $1.name) }.prefixed(most)
    var text: [UInt8] = [0]
    var starts: [Int] = []
    starts.reserveCapacity(entries.count)
    for entry in entries {
      starts.append(text.count)
      text += FoldedText.folded(entry.name).map { $0 == 0 ? 0x20 : $0 }
      text.append(0)
    }
    self.text = text
    self.starts = starts
  }

  var count: Int { entries.count }

  /// - Parameters:
  ///   - words: what is looked for, in any letter case.
  ///   - most: of each kind.
  func hits(_ words: String, kinds: Set<Kind>, most: Int) -> [Hits] {
    let needle = FoldedText.folded(words).map { $0 == 0 ? 0x20 : $0 }
    guard !needle.isEmpty else { return [] }
    var found: [Kind: [[Int]]] = [:]
    var counts: [Kind: Int] = [:]
    forEachHit(needle) { place, fit in
      let kind = entries[place].kind
      guard kinds.isEmpty || kinds.contains(kind) else { return }
      counts[kind, default: 0] += 1
      var byFit = found[kind] ?? Array(repeating: [], count: Fit.allCases.count)
      guard byFit[fit.rawValue].count < most else { return }
      byFit[fit.rawValue].append(place)
      found[kind] = byFit
    }
    return Kind.allCases.compactMap { kind in
      guard let byFit = found[kind] else { return nil }
      let best = Fit.allCases.flatMap { fit in byFit[fit.rawValue].map { (entry: entries[$0], fit: fit) } }
      return Hits(kind: kind, found: counts[kind] ?? 0, best: Array(best.prefix(most)))
    }
  }

  /// Calls `body` once for each entry whose name holds the needle, by its first place in it.
  private func forEachHit(_ needle: [UInt8], _ body: (Int, Fit) -> Void) {
    text.withUnsafeBytes { bytes in
      var position = 0
      var entry = 0
      while let at = SearchIndex.find(needle, bytes, from: position) {
        entry = self.entry(at, from: entry)
        let end = entry + 1 < starts.count ? starts[entry + 1] - 1 : bytes.count - 1
        body(entry, fit(bytes, at, needle.count, starts[entry]..<end))
        position = end
      }
    }
  }

  /// Where the needle stands next.
  private static func find(_ needle: [UInt8], _ bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard let base = bytes.baseAddress, let first = needle.first else { return nil }
    var position = start
    while position + needle.count <= bytes.count, let hit = memchr(base + position, Int32(first), bytes.count - needle.count + 1 - position)
    {
      let at = UnsafeRawPointer(hit) - base
      if memcmp(base + at, needle, needle.count) == 0 { return at }
      position = at + 1
    }
    return nil
  }

  /// The entry that a place of the text belongs to, not before `low`.
  private func entry(_ place: Int, from low: Int) -> Int {
    var (low, high) = (low, starts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= place { low = middle } else { high = middle }
    }
    return low
  }

  private func fit(_ bytes: UnsafeRawBufferPointer, _ at: Int, _ count: Int, _ name: Range<Int>) -> Fit {
    if at == name.lowerBound { return at + count == name.upperBound ? .whole : .beginning }
    let before = bytes[at - 1]
    let isWordStart = before < 0x80 && !(before &- 0x30 <= 9 || before &- 0x61 <= 25)
    return isWordStart ? .word : .inside
  }
}

extension Array {
  fileprivate func prefixed(_ most: Int) -> [Element] { count > most ? Array(prefix(most)) : self }
}
