import Wire

extension FuzzTarget {
  /// Configuration text: it is read, or refused with a place that lies in the text.
  public static let configuration = FuzzTarget(name: "configuration") { input in
    let sources = ConfigurationSources(
      readFile: { path in
        if path.hasSuffix("self.conf") { return input }
        throw ConfigurationError("open \(path): no such file or directory")
      },
      environment: { $0 == "HOME" ? "/home" : nil })
    let first = Result { try ConfigurationDocument(parsing: input, file: "main.conf", sources: sources) }
    let second = Result { try ConfigurationDocument(parsing: input, file: "main.conf", sources: sources) }
    switch (first, second) {
    case (.success(let one), .success(let two)): return one == two ? nil : "two readings differ"
    case (.failure(let one), .failure(let two)): return "\(one)" == "\(two)" ? nil : "two refusals differ"
    default: return "accepted once and refused once"
    }
  }
}
