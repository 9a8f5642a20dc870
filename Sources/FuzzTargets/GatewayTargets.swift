import Gateway
import Wire

extension FuzzTarget {
  /// Redaction: twice is once, and JSON stays JSON. Of what is no JSON only that it ends: where strings begin there is
  /// anybody's guess.
  public static let redaction = FuzzTarget(name: "redaction") { input in
    for commandLines in [false, true] {
      guard let redacted = Redaction.redact(input, commandLines: commandLines) else { continue }
      guard (try? JSONScanner.validate(input)) != nil else { continue }
      let again = Redaction.redact(redacted, commandLines: commandLines) ?? redacted
      if again != redacted { return "twice is not once: \(String(decoding: redacted, as: UTF8.self))" }
      if (try? JSONScanner.validate(redacted)) == nil {
        return "JSON does not stay JSON: \(String(decoding: redacted, as: UTF8.self))"
      }
    }
    return nil
  }

  /// An access file: it is read, or refused with a sentence, alike each time.
  public static let accessFile = FuzzTarget(name: "access-file") { input in
    let first = Result { try AccessFile.parse(input, readFile: unreadable) }
    let second = Result { try AccessFile.parse(input, readFile: unreadable) }
    switch (first, second) {
    case (.success(let one), .success(let two)): return one == two ? nil : "two readings differ"
    case (.failure(let one), .failure(let two)): return "\(one)" == "\(two)" && !"\(one)".isEmpty ? nil : "two refusals differ"
    default: return "accepted once and refused once"
    }
  }

  /// `roster.json`: what is read can be written and read again.
  public static let keptRoster = FuzzTarget(name: "kept-roster") { input in
    guard let kept = KeptRoster.read(input) else {
      return (try? JSONScanner.validate(input)) == nil ? nil : "JSON is refused"
    }
    let written = KeptRoster.write(kept)
    guard let again = KeptRoster.read(written) else { return "what was written cannot be read" }
    return KeptRoster.write(again) == written ? nil : "writing changes the roster"
  }

  /// The text of an access file may name others; those are not there.
  private static let unreadable: AccessFile.Reading = { path, _ in throw Missing(path: path) }

  private struct Missing: Error { let path: String }
}
