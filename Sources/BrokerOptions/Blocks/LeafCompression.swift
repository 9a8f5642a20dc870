import Wire

/// `compression` of a leaf connection, which is never compressed: what is said of it has to make sense all the same.
enum LeafCompression {
  private static let modes: Set<String> = [
    "not supported", "not_supported", "disabled", "off", "false", "accept", "on", "enabled", "true", "auto", "s2_auto", "fast", "s2_fast",
    "better", "s2_better", "best", "s2_best",
  ]

  private static let table = OptionTable<Void>(
    "compression",
    [
      Option("mode", type: "string", "how much is compressed") { value, _, _ in try mode(value) },
      Option(
        "rtt_thresholds", "thresholds", "rtts", "rtt", type: "[duration]", "round trips from which on more is compressed"
      ) { value, _, _ in
        for element in try value.array("rtt_thresholds") { _ = try element.duration("rtt_thresholds") }
      },
    ])

  static func option<Target>(_ meaning: String) -> Option<Target> {
    Option("compression", type: "boolean, string or map", meaning) { value, _, notes in
      try check(value, &notes)
      if !asksForNothing(value) { notes.warn("compression has no effect here: leaf connections are not compressed", at: value.position) }
    }
  }

  private static func check(_ value: ConfigurationValue, _ notes: inout OptionNotes) throws(ConfigurationError) {
    switch value.content {
    case .boolean: return
    case .string: try mode(value)
    case .map(let map):
      var nothing: Void = ()
      table.read(map, into: &nothing, &notes)
    default: throw ConfigurationError("field \"compression\" should be a boolean or a structure", at: value.position)
    }
  }

  private static func mode(_ value: ConfigurationValue) throws(ConfigurationError) {
    let text = try value.string("compression")
    guard modes.contains(text.lowercased()) else {
      throw ConfigurationError("unsupported compression mode \"\(text)\"", at: value.position)
    }
  }
}
