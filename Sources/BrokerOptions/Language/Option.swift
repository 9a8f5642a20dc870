import Wire

/// Whether an option may change while the server runs.
enum OptionReload: Sendable {
  case yes, no
  /// Only in the way that the text says.
  case partly(String)
}

/// One option of a block: its names, what it means, how it is read, and how its value is shown.
struct Option<Target>: Sendable {
  typealias Reading = @Sendable (ConfigurationValue, inout Target, inout OptionNotes) throws -> Void

  /// The name followed by its aliases, all in lower case.
  let names: [String]
  /// The kind of value, in the words of the reference.
  let type: String
  let fallback: String
  let meaning: String
  let reload: OptionReload
  /// The name that reload messages use.
  let field: String
  let read: Reading
  /// The value as reload messages show it; equal texts mean an unchanged option.
  let shown: (@Sendable (Target) -> String)?

  init(
    _ names: String..., type: String, fallback: String = "", _ meaning: String, reload: OptionReload = .no, field: String = "",
    shown: (@Sendable (Target) -> String)? = nil, read: @escaping Reading
  ) {
    self.names = names
    self.type = type
    self.fallback = fallback
    self.meaning = meaning
    self.reload = reload
    self.field = field
    self.shown = shown
    self.read = read
  }

  var name: String { names[0] }
}

/// What reading a configuration has to say: everything wrong with it, and what an operator should know.
struct OptionNotes: Sendable {
  var errors: [ConfigurationError] = []
  var warnings: [ConfigurationError] = []
  /// One of the warnings is about a value that is to be written otherwise.
  private(set) var hasMisuse = false

  mutating func warn(_ text: String, at position: ConfigurationPosition) {
    warnings.append(ConfigurationError(text, at: position))
  }

  /// It is taken, and a test of the configuration fails by it.
  mutating func warnOfMisuse(_ text: String, at position: ConfigurationPosition) {
    hasMisuse = true
    warn(text, at: position)
  }

  mutating func fail(_ text: String, at position: ConfigurationPosition) {
    errors.append(ConfigurationError(text, at: position))
  }
}

/// The options of one block.
struct OptionTable<Target>: Sendable {
  /// How the block is called in messages and in the reference; empty for the top of the file.
  let block: String
  let options: [Option<Target>]
  private let places: [String: Int]
  /// What an unknown key is called: `unknown field "x"`, or with the block where nats-server names it.
  private let unknown: @Sendable (String) -> String

  init(
    _ block: String, unknown: @escaping @Sendable (String) -> String = { "unknown field \"\($0)\"" }, _ options: [Option<Target>]
  ) {
    self.block = block
    self.options = options
    self.unknown = unknown
    var places: [String: Int] = [:]
    for (place, option) in options.enumerated() {
      for name in option.names { places[name] = place }
    }
    self.places = places
  }

  func option(_ name: String) -> Option<Target>? { places[name.lowercased()].map { options[$0] } }

  /// Reads every entry; what is wrong with one does not keep the others from being read.
  func read(_ map: ConfigurationMap, into target: inout Target, _ notes: inout OptionNotes) {
    for entry in map.entries {
      guard let option = option(entry.key) else {
        let hint = NearestWord.hint(entry.key, in: options.flatMap(\.names))
        if !entry.isVariable { notes.fail(unknown(entry.key) + hint, at: entry.position) }
        continue
      }
      do {
        try option.read(entry.value, &target, &notes)
      } catch let error as ConfigurationError {
        notes.errors.append(error.position == nil ? ConfigurationError(error.reason, at: entry.position) : error)
      } catch {
        notes.fail("\(error)", at: entry.position)
      }
    }
  }
}
