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
      guard let name = Self.names.first(where: { field.isNamed($0) }) ?? Self.baggage(field.name) else { continue }
      found[name, default: []].append(Self.trimmed(field.value))
    }
  }

  /// What Jaeger sends along: `Uberctx-` and a name of the application's, as Go writes it.
  private static func baggage(_ name: UnsafeRawBufferPointer) -> String? {
    guard name.count >= 8, name[..<8].elementsEqual("uberctx-".utf8, by: { $0 | 0x20 == $1 || $0 == $1 }) else { return nil }
    var isFirst = true
    return String(
      decoding: name.map { byte in
        defer { isFirst = byte == UInt8(ascii: "-") }
        switch byte {
        case 0x61...0x7A where isFirst: return byte - 0x20
        case 0x41...0x5A where !isFirst: return byte + 0x20
        default: return byte
        }
      }, as: UTF8.self)
  }

  /// Fields have no blanks in front of their values, but may have them behind.
  private static func trimmed(_ value: UnsafeRawBufferPointer) -> String {
    let end = value.lastIndex { $0 != 0x20 && $0 != 0x09 }.map { $0 + 1 } ?? 0
    return String(decoding: value[..<end], as: UTF8.self)
  }

  /// What asked for it; nil where nothing does. The first system that says anything decides.
  var wish: [String: [String]]? {
    if let jaeger = found["Uber-Trace-Id"]?.first { return Self.isSet(in: jaeger, by: ":", width: 1...2) ? jaegerFields : nil }
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

  private var jaegerFields: [String: [String]] { found.filter { $0.key == "Uber-Trace-Id" || $0.key.hasPrefix("Uberctx-") } }

  /// The lowest flag of the fourth part, hexadecimal.
  private static func isSet(in text: String, by separator: Character, width: ClosedRange<Int>) -> Bool {
    let parts = text.split(separator: separator, omittingEmptySubsequences: false)
    guard parts.count == 4, width.contains(parts[3].utf8.count), let flags = parts[3].last?.hexDigitValue else { return false }
    return flags & 1 == 1
  }

  private func kept(_ names: String...) -> [String: [String]] { found.filter { names.contains($0.key) } }
}
