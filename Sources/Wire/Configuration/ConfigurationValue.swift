/// A value of the NATS configuration language, with the place where it stands.
public struct ConfigurationValue: Sendable, Hashable {
  /// The kinds of value that the language knows.
  public enum Content: Sendable, Hashable {
    /// `true`, `yes`, `on` and their opposites, unquoted.
    case boolean(Bool)
    /// A whole number; suffixes are already multiplied in.
    case integer(Int64)
    /// A number with a decimal point.
    case float(Double)
    /// Text, quoted or not, or a block.
    case string(String)
    /// `YYYY-MM-DDTHH:MM:SSZ`, kept as its text.
    case date(String)
    /// Values in their order.
    case array([ConfigurationValue])
    /// Keys and values in their order.
    case map(ConfigurationMap)
  }

  /// What was written.
  public let content: Content
  /// Where it begins.
  public let position: ConfigurationPosition

  /// A value at a place.
  public init(_ content: Content, at position: ConfigurationPosition) {
    self.content = content
    self.position = position
  }

  /// The kind in words, for messages: `a string`, `an integer` …
  public var kindName: String {
    switch content {
    case .boolean: "a boolean"
    case .integer: "an integer"
    case .float: "a decimal number"
    case .string: "a string"
    case .date: "a date"
    case .array: "an array"
    case .map: "a map"
    }
  }
}

/// One key of a map and its value.
public struct ConfigurationEntry: Sendable, Hashable {
  /// The key as written (option names compare without regard to case).
  public let key: String
  /// Where the key begins.
  public let position: ConfigurationPosition
  /// Its value; the value's own position may be elsewhere when it came through a variable.
  public let value: ConfigurationValue
  /// Whether some `$NAME` refers to it, which excuses a key that is no option.
  public internal(set) var isVariable = false

  /// An entry of a map.
  public init(key: String, position: ConfigurationPosition, value: ConfigurationValue) {
    self.key = key
    self.position = position
    self.value = value
  }
}

/// Keys and values in the order of the file; of equal keys the last one counts.
public struct ConfigurationMap: Sendable, Hashable {
  /// The entries, one for each different key, in the order of first appearance.
  public private(set) var entries: [ConfigurationEntry] = []
  /// Those that stood under a key that was there already, in order. Of a key's values the last one counts, as in nats-server; what takes
  /// a doubled key for a slip looks here.
  public private(set) var repeated: [ConfigurationEntry] = []
  private var places: [String: Int] = [:]

  /// A map without entries.
  public init() {}

  /// Whether there is no entry.
  public var isEmpty: Bool { entries.isEmpty }

  /// The entry with exactly this key.
  public func entry(_ key: String) -> ConfigurationEntry? {
    places[key].map { entries[$0] }
  }

  /// The value under exactly this key.
  public subscript(key: String) -> ConfigurationValue? { entry(key)?.value }

  mutating func set(_ entry: ConfigurationEntry) {
    guard let place = places[entry.key] else {
      places[entry.key] = entries.count
      entries.append(entry)
      return
    }
    repeated.append(entry)
    var entry = entry
    entry.isVariable = entries[place].isVariable
    entries[place] = entry
  }

  mutating func markVariable(_ key: String) {
    guard let place = places[key] else { return }
    entries[place].isVariable = true
  }
}
