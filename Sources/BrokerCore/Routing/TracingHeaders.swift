import Wire

/// The header fields of the tracing systems that nats-server knows (server/accounts.go, `shouldSample`): whether they ask for a request to be
/// looked at, and what goes into the sample. Names are written as Go does.
struct TracingHeaders {
  private static let names = [
    "Uber-Trace-Id", "X-B3-Sampled", "X-B3-Traceid", "X-B3-Parentspanid", "X-B3-Spanid", "B3", "Traceparent", "Tracestate",
  ]
  private var found: [String: [String]] = [:]

  init(_ block: HeaderBlock) {
    for field in block.fields {
      guard let name = Self.names.first(where: { field.isNamed($0) }) else { continue }
      found[name, default: []].append(Self.trimmed(field.value))
    }
  }

  /// Fields have no blanks in front of their values, but may have them behind.
  private static func trimmed(_ value: UnsafeRawBufferPointer) -> String {
    let end = value.lastIndex { $0 != 0x20 && $0 != 0x09 }.map { $0 + 1 } ?? 0
    return String(decoding: value[..<end], as: UTF8.self)
  }

  /// What asked for it; nil where nothing does. The first system that says anything decides.
  var wish: [String: [String]]? {
    if let jaeger = found["Uber-Trace-Id"]?.first { return Self.isSet(in: jaeger, by: ":", width: 1...2) ? kept("Uber-Trace-Id") : nil }
    let zipkin = kept("X-B3-Sampled", "X-B3-Traceid", "X-B3-Parentspanid", "X-B3-Spanid")
    switch found["X-B3-Sampled"]?.first {
    case "1": return zipkin
    case "0": return nil
    default: if found["X-B3-Traceid"] != nil { return zipkin }
    }
    if let short = found["B3"]?.first {
      let parts = short.split(separator: "-", omittingEmptySubsequences: false)
      return (parts.count > 2 ? parts[2] == "0" : parts == ["0"]) ? nil : kept("B3")
    }
    guard let parent = found["Traceparent"]?.first, Self.isSet(in: parent, by: "-", width: 2...2) else { return nil }
    return kept("Traceparent", "Tracestate")
  }

  /// The lowest flag of the fourth part, hexadecimal.
  private static func isSet(in text: String, by separator: Character, width: ClosedRange<Int>) -> Bool {
    let parts = text.split(separator: separator, omittingEmptySubsequences: false)
    guard parts.count == 4, width.contains(parts[3].utf8.count), let flags = parts[3].last?.hexDigitValue else { return false }
    return flags & 1 == 1
  }

  private func kept(_ names: String...) -> [String: [String]] { found.filter { names.contains($0.key) } }
}
