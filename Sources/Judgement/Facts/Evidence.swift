/// A figure or a word that shows something.
public enum Evidence: Sendable, Equatable {
  case number(Double)
  case text(String)

  static func count(_ number: Int) -> Evidence { .number(Double(number)) }
}
