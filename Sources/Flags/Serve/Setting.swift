import ArgumentParser
import Gateway

/// One setting of `natsight serve`: a flag, and a key of its configuration file. Everything about it but the Swift value that it becomes
/// is declared here, once: the flag's names and help, what a file may say, and whether a reload puts it in force.
public struct Setting: Sendable {
  /// What is written behind the name.
  public enum Kind: Sendable, Equatable {
    /// One value; the text stands for it in the help, such as `file`.
    case value(String)
    /// A value that may be given several times: a list in the file.
    case list(String)
    /// Nothing: on where it is said. True or false in the file.
    case flag
    /// `--name` or `--no-name`. True or false in the file.
    case switchable
  }

  /// When a change in the configuration file counts.
  public enum Change: Sendable { case atReload, afterRestart }

  /// What becomes of the value.
  public enum Use: Sendable {
    /// It is the gateway's.
    case gateway(@Sendable (ServeFlags, inout GatewayConfiguration) throws -> Void)
    /// It is the door's.
    case access(@Sendable (AccessFlags, inout AccessOptions) throws(AccessError) -> Void)
    /// The command itself needs it: for its log, its listeners and their certificates, its connection, its broker.
    case command
  }

  /// Another way to write the flag.
  public enum Alias: Sendable { case letter(Character), long(String), singleDash(String) }

  /// The flag without its dashes. In a file `_` and `-` are alike.
  public let name: String
  public let kind: Kind
  public let change: Change
  public let help: String
  public let aliases: [Alias]
  public let use: Use

  init(_ name: String, _ kind: Kind, _ change: Change, _ help: String, also aliases: [Alias] = [], use: Use = .command) {
    self.name = name
    self.kind = kind
    self.change = change
    self.help = help
    self.aliases = aliases
    self.use = use
  }

  /// The setting of a name as a file has it; nil where there is none.
  public static func named(_ key: String) -> Setting? {
    let name = String(key.lowercased().map { $0 == "_" ? "-" : $0 })
    return all.first { $0.name == name }
  }

  var names: NameSpecification {
    var letters: [NameSpecification.Element] = []
    var others: [NameSpecification.Element] = []
    for alias in aliases {
      switch alias {
      case .letter(let letter): letters.append(.customShort(letter))
      case .long(let name): others.append(.customLong(name))
      case .singleDash(let name): others.append(.customLong(name, withSingleDash: true))
      }
    }
    return NameSpecification(letters + [.customLong(name)] + others)
  }

  var argumentHelp: ArgumentHelp {
    switch kind {
    case .value(let word), .list(let word): ArgumentHelp(help, valueName: word)
    case .flag, .switchable: ArgumentHelp(help)
    }
  }
}

// How a flag takes its names and its help from its setting: `@Option(.timeout) var timeout = …`.

extension Option where Value: ExpressibleByArgument {
  init(wrappedValue: Value, _ setting: Setting) {
    self.init(wrappedValue: wrappedValue, name: setting.names, help: setting.argumentHelp)
  }
}

extension Option {
  init<T: ExpressibleByArgument>(_ setting: Setting) where Value == T? {
    self.init(name: setting.names, help: setting.argumentHelp)
  }

  init<T: ExpressibleByArgument>(wrappedValue: [T], _ setting: Setting) where Value == [T] {
    self.init(wrappedValue: wrappedValue, name: setting.names, help: setting.argumentHelp)
  }
}

extension Flag where Value == Bool {
  init(wrappedValue: Bool, _ setting: Setting) {
    if setting.kind == .switchable {
      self.init(wrappedValue: wrappedValue, name: setting.names, inversion: .prefixedNo, help: setting.argumentHelp)
    } else {
      self.init(wrappedValue: wrappedValue, name: setting.names, help: setting.argumentHelp)
    }
  }
}
