import Testing

@testable import Wire

@Suite struct SubjectTests {
  @Test(arguments: [
    ("a", true), ("a.b", true), ("a.*.>", true), ("*", true), (">", true), ("foo*", true), ("f>o", true), ("$SYS.>", true),
    ("", false), (".", false), ("a.", false), (".a", false), ("a..b", false), (">.a", false), ("a.>.b", false), ("a b", false),
    ("a\tb", false),
  ]) func validity(_ subject: String, _ valid: Bool) { #expect(Subject.isValid(subject) == valid) }

  @Test(arguments: [
    ("a.b", true), ("a.*b", true), ("a>", true), ("*", false), ("a.*", false), ("*.a", false), ("a.>", false), (">", false),
  ])
  func literal(_ subject: String, _ literal: Bool) { #expect(Subject.isLiteral(subject) == literal) }

  @Test(arguments: [
    ("a.b", "a.b", true), ("a.b", "a.*", true), ("a.b", "*.*", true), ("a.b", ">", true), ("a.b.c", "a.>", true), ("a", "a.>", false),
    ("a.b", "a", false), ("a", "a.b", false), ("a.b.c", "a.*", false), ("a.*", "a.*", true), ("a.*", "a.b", false),
  ]) func matching(_ subject: String, _ pattern: String, _ matches: Bool) {
    #expect(Subject.matches(Array(subject.utf8), pattern: Array(pattern.utf8)) == matches)
  }

  @Test(arguments: [
    ("a.b", "a.*", true), ("a.*", "a.*", true), ("a.*", "a.>", true), ("a.>", "a.*", false), ("a.>", "a.>", true), ("*.b", "a.*", false),
    ("a.*.c", "a.>", true), (">", "a.>", false), ("a.>", ">", true),
  ]) func subsets(_ inner: String, _ outer: String, _ subset: Bool) {
    #expect(Subject.isSubset(Array(inner.utf8), of: Array(outer.utf8)) == subset)
  }

  @Test(
    arguments: [
      ("a.*", "*.b", "a.b"), ("a.>", "a.b.*", "a.b.*"), (">", "a.b", "a.b"), ("a.*.>", "*.b.>", "a.b.>"), ("a.b", "a.c", nil),
      ("a", "a.>", nil),
      ("*.>", "a.>", "a.>"), ("froma.*.x", "froma.s.>", "froma.s.x"),
    ] as [(String, String, String?)]) func intersections(_ first: String, _ second: String, _ common: String?)
  {
    for (left, right) in [(first, second), (second, first)] {
      let result = Subject.intersection(Array(left.utf8), Array(right.utf8)).map { String(decoding: $0, as: UTF8.self) }
      #expect(result == common)
      #expect(Subject.overlaps(Array(left.utf8), Array(right.utf8)) == (common != nil))
    }
  }
}
