/// Whether a message can match two subjects.
enum SubjectOverlap {
  static func overlap(_ one: String, _ other: String) -> Bool {
    let (one, other) = (one.split(separator: "."), other.split(separator: "."))
    for place in 0..<max(one.count, other.count) {
      guard place < one.count, place < other.count else { return false }
      if one[place] == ">" || other[place] == ">" { return true }
      guard one[place] == other[place] || one[place] == "*" || other[place] == "*" else { return false }
    }
    return true
  }
}
