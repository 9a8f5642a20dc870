/// What `serve` is told, from all places together: the command line goes before the `NATSIGHT_` variables, these go before the
/// configuration file, and that before the variables of the `nats` command and its context; lists add up.
public struct ServeArguments: Sendable {
  /// For the parser: the command's own words, then the file's, the variables' and the command line's, of which the last counts.
  public let words: [String]
  /// What was given, weakest first.
  public let given: [GivenSetting]
  /// The configuration file; nil where there is none.
  public let file: String?

  /// Reads the file. The arguments of commands that do not take the settings of `serve` stay as they are.
  ///
  /// - Parameter arguments: The command line without the program's name; the command's words come first.
  /// - Throws: A sentence with the place of what is wrong in the file or the environment.
  public init(_ arguments: [String], variable: (String) -> String?) throws(CommandFailure) {
    guard let command = ServeArguments.command(arguments) else {
      (words, given, file) = (arguments, [], nil)
      return
    }
    var rest = Array(arguments.dropFirst(command.count))
    let named = ServeArguments.takeFile(&rest) ?? (command.count > 1 ? ServeArguments.takeFirst(&rest) : nil)
    file = named ?? variable(ServeEnvironment.file).flatMap { $0.isEmpty ? nil : $0 }
    var given: [GivenSetting] = []
    if let file { given += try ServeConfigurationFile.read(file) }
    given += try ServeEnvironment.read(variable)
    words = command + given.flatMap(\.words) + rest
    self.given = given + ServeArguments.typed(rest)
  }

  /// The words of a command that takes the settings of `serve`.
  private static func command(_ arguments: [String]) -> [String]? {
    if arguments.first == "serve" { return ["serve"] }
    let two = Array(arguments.prefix(2))
    return two == ["config", "check"] || two == ["config", "show"] ? two : nil
  }

  private static func takeFile(_ arguments: inout [String]) -> String? {
    for (index, argument) in arguments.enumerated() {
      if argument == "--config", index + 1 < arguments.count {
        defer { arguments.removeSubrange(index...index + 1) }
        return arguments[index + 1]
      }
      if argument.hasPrefix("--config=") {
        arguments.remove(at: index)
        return String(argument.dropFirst("--config=".count))
      }
    }
    return nil
  }

  /// `config check FILE` says it shorter.
  private static func takeFirst(_ arguments: inout [String]) -> String? {
    guard let first = arguments.first, !first.hasPrefix("-") else { return nil }
    arguments.removeFirst()
    return first
  }

  /// The settings on the command line. What cannot be read is left out: the parser refuses it.
  private static func typed(_ arguments: [String]) -> [GivenSetting] {
    var given: [GivenSetting] = []
    var rest = arguments[...]
    while let word = rest.popFirst() {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let (setting, isOn) = Setting.flagged(parts[0]) else { continue }
      switch setting.kind {
      case .flag, .switchable: given.append(GivenSetting(setting, [isOn ? GivenSetting.on : GivenSetting.off], .commandLine))
      case .value, .list:
        guard let value = parts.count > 1 ? parts[1] : rest.popFirst() else { continue }
        given.append(GivenSetting(setting, [value], .commandLine))
      }
    }
    return given
  }
}

extension Setting {
  /// The setting of a flag as it is typed, dashes included, and whether the flag turns it on; nil where there is none.
  fileprivate static func flagged(_ word: String) -> (Setting, Bool)? {
    for setting in all {
      if word == "--\(setting.name)" || setting.aliases.contains(where: { $0.text == word }) { return (setting, true) }
      if setting.kind == .switchable, word == "--no-\(setting.name)" { return (setting, false) }
    }
    return nil
  }
}

extension Setting.Alias {
  /// As it is typed.
  fileprivate var text: String {
    switch self {
    case .letter(let letter): "-\(letter)"
    case .long(let name): "--\(name)"
    case .singleDash(let name): "-\(name)"
    }
  }
}
