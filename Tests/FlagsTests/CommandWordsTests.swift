import ArgumentParser
import Flags
import Testing

@Suite struct CommandWordsTests {
  struct Root: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "tool", subcommands: [Add.self, Serve.self], defaultSubcommand: Serve.self)
  }
  struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve")
    @Argument var words: [String] = []
  }
  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "add", subcommands: [Account.self])
  }
  struct Account: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "account", aliases: ["acc_ount"])
  }

  @Test(arguments: [
    ("serv", "unknown command \"tool serv\"; did you mean \"serve\"?; known: add, serve"),
    ("version", "unknown command \"tool version\"; did you mean \"--version\"?; known: add, serve"),
    ("add acount -n x", "unknown command \"tool add acount\"; did you mean \"account\"?; known: account"),
    ("wholly-else", "unknown command \"tool wholly-else\"; known: add, serve"),
  ])
  func unknownWords(line: String, sentence: String) {
    #expect(CommandWords.refusal(line.split(separator: " ").map(String.init), of: Root.self) == sentence)
  }

  @Test(arguments: ["", "serve", "serve x y", "add account", "add acc_ount z", "help serve", "add help", "--flag x", "add --help"])
  func knownWords(line: String) {
    #expect(CommandWords.refusal(line.split(separator: " ").map(String.init), of: Root.self) == nil)
  }

  @Test(arguments: [
    ("add account -n x", "account", ["-n", "x"]), ("add acc_ount z", "account", ["z"]), ("serve add", "serve", ["add"]),
    ("add", nil, []), ("add --help", nil, []), ("nope", nil, []), ("", nil, []),
  ])
  func lastCommand(line: String, name: String?, rest: [String]) {
    let last = CommandWords.last(line.split(separator: " ").map(String.init), of: Root.self)
    #expect(last?.command.configuration.commandName == name && last.map { Array($0.rest) } ?? [] == rest)
  }
}
