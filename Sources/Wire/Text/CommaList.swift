extension StringProtocol {
  /// The parts between commas, without blanks around them; empty ones are left out.
  public var commaSeparated: [String] {
    split(separator: ",").compactMap { part in
      var rest = part[...]
      while rest.first == " " { rest = rest.dropFirst() }
      while rest.last == " " { rest = rest.dropLast() }
      return rest.isEmpty ? nil : String(rest)
    }
  }
}

extension Sequence where Element == String {
  /// Values that came by repeating a flag, with commas, or both.
  public var separated: [String] { flatMap(\.commaSeparated) }
}
