extension String {
  /// The text, or its beginning where it is long: what a stranger chose is kept by the ten thousand.
  ///
  /// - Parameter most: bytes.
  func bounded(_ most: Int = 256) -> String {
    guard utf8.count > most else { return self }
    var end = utf8.index(startIndex, offsetBy: most)
    // Not within a letter.
    while end > startIndex, String.Index(end, within: unicodeScalars) == nil { end = utf8.index(before: end) }
    return String(self[..<end]) + "…"
  }
}
