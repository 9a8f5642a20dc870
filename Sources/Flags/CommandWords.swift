import ArgumentParser
import Wire

/// The words in front of the flags: which command is meant. The parser itself takes a word that is no command for an argument of the
/// default command, and says only that it did not expect it.
public enum CommandWords {
  /// A word that names no command, and where it stood.
  public struct Unknown: Sendable {
    public let word: String
    /// The command whose subcommands were looked through.
    public let parent: any ParsableCommand.Type
    /// The words down to it, with the root's.
    public let path: [String]

    /// A sentence that names the nearest one.
    public var sentence: String {
      let known = parent.configuration.subcommands.map(CommandWords.name)
      let hint = NearestWord.hint(word, in: known + ["--version", "--help"])
      return "unknown command \"\(path.joined(separator: " ")) \(word)\"\(hint); known: \(known.joined(separator: ", "))"
    }
  }

  /// The first word that names no command; nil where they all do, or where the command line begins with a flag.
  ///
  /// - Parameter arguments: without the program's name.
  public static func unknown(_ arguments: [String], of root: any ParsableCommand.Type) -> Unknown? {
    var command = root
    var path = [name(root)]
    for word in arguments {
      let inner = command.configuration.subcommands
      guard !inner.isEmpty, !word.hasPrefix("-"), word != "help" else { return nil }
      guard let next = inner.first(where: { name($0) == word || $0.configuration.aliases.contains(word) }) else {
        return Unknown(word: word, parent: command, path: path)
      }
      command = next
      path.append(word)
    }
    return nil
  }

  /// The command at the end of its words, and what follows them; nil where the words end at a group, or name no command.
  public static func last(
    _ arguments: [String], of root: any ParsableCommand.Type
  ) -> (command: any ParsableCommand.Type, rest: ArraySlice<String>)? {
    var command = root
    var rest = arguments[...]
    while !command.configuration.subcommands.isEmpty {
      guard let word = rest.popFirst(),
        let next = command.configuration.subcommands.first(where: { name($0) == word || $0.configuration.aliases.contains(word) })
      else { return nil }
      command = next
    }
    return (command, rest)
  }

  /// Why the command line names no command; nil where it does.
  public static func refusal(_ arguments: [String], of root: any ParsableCommand.Type) -> String? {
    unknown(arguments, of: root)?.sentence
  }

  private static func name(_ command: any ParsableCommand.Type) -> String { command.configuration.commandName ?? "" }
}
