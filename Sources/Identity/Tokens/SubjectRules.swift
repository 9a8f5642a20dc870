/// Rules about subjects that token validation needs.
enum SubjectRules {
  static func issues(_ subject: String) -> [ValidationIssue] {
    if subject.isEmpty { return [ValidationIssue(.error, "subject cannot be empty")] }
    var issues: [ValidationIssue] = []
    if subject.contains(" ") { issues.append(ValidationIssue(.error, "subject \"\(subject)\" cannot have spaces")) }
    if subject.hasPrefix(".") || subject.hasSuffix(".") {
      issues.append(ValidationIssue(.error, "subject \"\(subject)\" cannot start or end with a `.`"))
    }
    if hasEmptyInnerToken(subject) { issues.append(ValidationIssue(.error, "subject \"\(subject)\" cannot contain consecutive `.`")) }
    return issues
  }

  private static func hasEmptyInnerToken(_ subject: String) -> Bool {
    var previous: UInt8 = 0
    for byte in subject.utf8 {
      if byte == 0x2E && previous == 0x2E { return true }
      previous = byte
    }
    return false
  }

  static func isValid(_ subject: String) -> Bool { issues(subject).isEmpty }

  static func tokens(_ subject: String) -> [Substring] { subject.split(separator: ".", omittingEmptySubsequences: false) }

  static func hasWildcards(_ subject: String) -> Bool { tokens(subject).contains { $0 == "*" || $0 == ">" } }

  /// Whether every subject that `inner` matches is matched by `outer`.
  static func isContained(_ inner: String, in outer: String) -> Bool {
    let inner = tokens(inner)
    let outer = tokens(outer)
    for (index, token) in outer.enumerated() {
      guard index < inner.count else { return false }
      if token == ">" && index == outer.count - 1 { return true }
      if inner[index] == ">" && index == inner.count - 1 { return false }
      if token != inner[index] && token != "*" { return false }
    }
    return inner.count == outer.count
  }

  static func renamingIssues(_ renaming: String, from subject: String) -> [ValidationIssue] {
    var issues = self.issues(renaming)
    let endsOpen = { (text: String) in text == ">" || text.hasSuffix(".>") }
    if endsOpen(renaming) != endsOpen(subject) {
      issues.append(ValidationIssue(.error, "both, renaming subject and subject, need to end or not end in >"))
    }
    let wildcards = tokens(subject).filter { $0 == "*" }.count
    var references = 0
    for token in tokens(renaming) {
      if token == "*" { references += 1 }
      guard token.hasPrefix("$"), let index = Int(token.dropFirst()) else { continue }
      if index > wildcards {
        issues.append(ValidationIssue(.error, "Reference $\(index) in \"\(renaming)\" reference * in \"\(subject)\" that do not exist"))
      } else {
        references += 1
      }
    }
    if references != wildcards {
      issues.append(ValidationIssue(.error, "subject does not contain enough * or reference wildcards $[0-9]"))
    }
    return issues
  }
}
