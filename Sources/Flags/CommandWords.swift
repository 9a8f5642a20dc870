import ArgumentParser
import Wire

/// The words in front of the flags: which command is meant. The parser itself takes a word that is no command for an argument of the
/// default command, and says only that it did not expect it.
public enum CommandWords {
  /// Why the command line names no command: a sentence that names the nearest one; nil where it does, or begins with a flag.
  ///
  /// - Parameter arguments: without the program's name.
  public static func refusal(_ arguments: [String], of root: any ParsableCommand.Type) -> String? {
    var command = root
    var path = [name(root)]
    for word in arguments {
      let inner = command.configuration.subcommands
      guard !inner.isEmpty, !word.hasPrefix("-"), word != "help" else { return nil }
      guard let next = inner.first(where: { name($0) == word || $0.configuration.aliases.contains(word) }) else {
        let known = inner.map(name)
        let words = path.joined(separator: " ")
        let hint = NearestWord.hint(word, in: known + ["--version", "--help"])
        return "unknown command \"\(words) \(word)\"\(hint); known: \(known.joined(separator: ", "))"
      }
      command = next
      path.append(word)
    }
    return nil
  }

  private static func name(_ command: any ParsableCommand.Type) -> String { command.configuration.commandName ?? "" }
}
