/// The word that was perhaps meant: for messages about commands, flags, keys and paths that do not exist.
public enum NearestWord {
  /// The known word closest to `word`, by letters inserted, left out, exchanged and swapped; nil where none is near: at most one change
  /// in three letters, two in more than five, three in more than nine. Letter case, `_` and `-` do not count.
  ///
  /// - Parameter known: The earlier of two that are equally near is taken.
  public static func find(_ word: String, in known: some Sequence<String>) -> String? {
    let wanted = letters(word)
    guard !wanted.isEmpty, wanted.count <= longest else { return nil }
    let most = wanted.count > 9 ? 3 : wanted.count > 5 ? 2 : 1
    var best: (word: String, distance: Int)?
    for candidate in known {
      let other = letters(candidate)
      guard abs(other.count - wanted.count) <= most else { continue }
      let found = distance(wanted, other)
      if found <= most, found < best?.distance ?? .max { best = (candidate, found) }
    }
    return best?.word
  }

  /// `; did you mean "serve"?`, or nothing where no known word is near.
  public static func hint(_ word: String, in known: some Sequence<String>) -> String {
    find(word, in: known).map { "; did you mean \"\($0)\"?" } ?? ""
  }

  /// Words longer than this are nobody's slip.
  private static let longest = 64

  private static func letters(_ word: String) -> [UInt8] {
    word.lowercased().utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 }
  }

  /// Edits from one word to the other; two neighbours that changed places count as one.
  private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
    var before: [Int] = []
    var last = Array(0...other.count)
    for (row, letter) in one.enumerated() {
      var line = [row + 1]
      for (column, candidate) in other.enumerated() {
        var cost = Swift.min(line[column] + 1, last[column + 1] + 1, last[column] + (letter == candidate ? 0 : 1))
        if row > 0, column > 0, letter == other[column - 1], one[row - 1] == candidate { cost = Swift.min(cost, before[column - 1] + 1) }
        line.append(cost)
      }
      before = last
      last = line
    }
    return last[other.count]
  }
}
