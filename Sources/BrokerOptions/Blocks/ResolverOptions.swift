import BrokerCore
import Wire

/// Reads `resolver`: a word, `URL(…)`, or a block.
enum ResolverOptions {
  struct Entry {
    var type = ""
    var directory = ""
    var allowDelete: Bool?
    var hardDelete: Bool?
    var limit = 0
    var interval: Double?
    var timeout: Double?
    var timeToLive: Double?
  }

  private static func time(_ field: OptionField<Entry, Double?>, _ name: String, _ meaning: String) -> Option<Entry> {
    Option(name, type: "duration", meaning) { value, target, _ in target[keyPath: field] = seconds(try value.duration(name)) }
  }

  static let table = OptionTable<Entry>(
    "resolver",
    [
      .text("type", "full, cache or mem", \.type), .text("dir", "the folder that keeps JWTs", \.directory),
      Option("allow_delete", type: "boolean", "let delete requests through") { value, target, _ in
        target.allowDelete = try value.boolean("allow_delete")
      },
      Option("hard_delete", type: "boolean", "remove deleted JWTs instead of renaming them") { value, target, _ in
        target.hardDelete = try value.boolean("hard_delete")
      },
      .integer("limit", "JWTs that are kept; 0: no limit (cache: 1000)", in: 0...Int64(Int32.max), \.limit),
      time(\.interval, "interval", "time between exchanges with other servers"), time(\.timeout, "timeout", "time to wait for a JWT"),
      time(\.timeToLive, "ttl", "time that a cached JWT is kept"),
    ])

  static func read(_ value: ConfigurationValue, into mode: inout OperatorModeOptions, _ notes: inout OptionNotes) throws {
    if case .string(let text) = value.content {
      mode.resolver = try word(text, at: value.position)
      return
    }
    var entry = Entry()
    table.read(try value.map("resolver"), into: &entry, &notes)
    mode.resolver = try block(entry, at: value.position)
  }

  private static func word(_ text: String, at position: ConfigurationPosition) throws(ConfigurationError) -> OperatorModeOptions.Resolver {
    let upper = text.uppercased()
    if upper.hasPrefix("URL("), text.hasSuffix(")") {
      let inner = text.dropFirst(4).dropLast()
      return .url(String(inner.filter { $0 != "\"" && $0 != "'" }).trimmingSpaces)
    }
    if upper.contains("MEM") { return .memory }
    throw ConfigurationError("error parsing account resolver: expected MEMORY, URL(…) or a block, found \"\(text)\"", at: position)
  }

  private static func block(_ entry: Entry, at position: ConfigurationPosition) throws(ConfigurationError) -> OperatorModeOptions.Resolver {
    func refuse(_ name: String, _ given: Bool) throws(ConfigurationError) {
      if given { throw ConfigurationError("\(entry.type.lowercased()) does not accept \(name)", at: position) }
    }
    func directory() throws(ConfigurationError) -> String {
      guard !entry.directory.isEmpty else { throw ConfigurationError("dir has no value and needs to point to a directory", at: position) }
      return entry.directory
    }
    if let timeout = entry.timeout, timeout <= 0 {
      throw ConfigurationError("resolver: timeout must be positive, found \(durationText(timeout))", at: position)
    }
    switch entry.type.uppercased() {
    case "MEM", "MEMORY": return .memory
    case "FULL":
      try refuse("ttl", entry.timeToLive != nil)
      if entry.hardDelete == true, entry.allowDelete != true {
        throw ConfigurationError("hard_delete has no effect without delete", at: position)
      }
      var full = OperatorModeOptions.FullResolver()
      full.directory = try directory()
      full.allowDelete = entry.allowDelete ?? false
      full.hardDelete = entry.hardDelete ?? false
      full.limit = entry.limit
      full.interval = entry.interval ?? full.interval
      full.timeout = entry.timeout ?? full.timeout
      return .full(full)
    case "CACHE":
      try refuse("interval", entry.interval != nil)
      try refuse("allow_delete", entry.allowDelete != nil)
      try refuse("hard_delete", entry.hardDelete != nil)
      var cache = OperatorModeOptions.CacheResolver()
      cache.directory = try directory()
      cache.limit = entry.limit == 0 ? cache.limit : entry.limit
      cache.timeToLive = entry.timeToLive ?? 0
      cache.timeout = entry.timeout ?? cache.timeout
      return .cache(cache)
    case let other:
      throw ConfigurationError("error parsing account resolver type: expected full, cache or mem, found \"\(other)\"", at: position)
    }
  }
}

extension String {
  fileprivate var trimmingSpaces: String { String(self[...].trimmingBlanks) }
}
