import Wire

extension FuzzTarget {
  /// What the scanner accepts can be read, written and laid out without changing its meaning.
  public static let json = FuzzTarget(name: "json") { input in
    let accepted = (try? JSONScanner.validate(input)) != nil
    let fault = GoJSONSyntax.fault(in: input)
    if accepted, let fault { return "the scanner accepts what Go's decoder is said to refuse: \(fault)" }
    // Where Go would go deeper there is no fault to tell of.
    if !accepted, fault == nil, input.count(where: { $0 == 0x5B || $0 == 0x7B }) <= JSONScanner.defaultMaximumDepth {
      return "the scanner refuses what Go's decoder is said to accept"
    }
    guard let value = try? JSONValue(parsing: input) else { return accepted ? "the scanner accepts what the tree refuses" : nil }
    guard accepted else { return "the scanner refuses what the tree accepts" }
    let written = value.bytes()
    guard let again = try? JSONValue(parsing: written) else { return "what was written cannot be read" }
    guard again == value else { return "writing changes the value" }
    let indented = JSONIndenter.indented(input, indent: 2)
    guard let laidOut = try? JSONValue(parsing: indented), laidOut == value else { return "indenting changes the value" }
    var compact: [UInt8] = []
    indented.withUnsafeBytes { JSONIndenter.compact($0, into: &compact) }
    var direct: [UInt8] = []
    input.withUnsafeBytes { JSONIndenter.compact($0, into: &direct) }
    return compact == direct ? nil : "indenting and compacting again is not compacting"
  }
}
