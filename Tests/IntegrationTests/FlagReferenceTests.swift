import Foundation
import TestSupport
import Testing

/// `docs/flags.md`: every flag of every command, as the built command describes itself. Written anew with `NATSIGHT_WRITE_DOCS=1`.
@Suite struct FlagReferenceTests {
  @Test func theReferenceIsUpToDate() throws {
    let path = packageRoot + "/docs/flags.md"
    let text = try FlagReference.markdown()
    if ProcessInfo.processInfo.environment["NATSIGHT_WRITE_DOCS"] != nil {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == text, "run this test with NATSIGHT_WRITE_DOCS=1")
  }

  @Test func everyCommandIsThere() throws {
    let commands = try FlagReference.commands()
    #expect(commands.count > 8 && commands.contains("serve") && commands.contains("nsc"), "\(commands)")
    let text = try FlagReference.markdown()
    for command in commands { #expect(text.contains("\n## `natsight \(command)`\n"), "\(command)") }
    #expect(text.contains("`--listen`") && text.contains("### `natsight nsc add account`"))
  }
}

private enum FlagReference {
  struct Dump: Decodable { let command: Command }

  struct Command: Decodable {
    let commandName: String
    let abstract: String?
    let discussion: String?
    let arguments: [Argument]?
    let subcommands: [Command]?
  }

  struct Argument: Decodable {
    struct Name: Decodable {
      let kind: String
      let name: String
      var text: String { (kind == "long" ? "--" : "-") + name }
    }
    let kind: String
    let names: [Name]?
    let valueName: String?
    let abstract: String?
    let defaultValue: String?
    let sectionTitle: String?
    let shouldDisplay: Bool
    let isRepeating: Bool
  }

  /// Nothing of the machine that the document is written on shows in it.
  private static let environment = ["HOME": "/home/you", "XDG_CONFIG_HOME": "", "XDG_DATA_HOME": "", "NSC_HOME": ""]

  private static func output(_ arguments: [String]) throws -> String {
    let finished = try ChildProcess.run(NatsightProcess.binary, arguments, environment: environment)
    guard finished.status == 0 else { throw TestFailure("natsight \(arguments.joined(separator: " ")): \(finished.errors)") }
    return finished.output
  }

  /// The subcommands that `natsight --help` lists.
  static func commands() throws -> [String] {
    let lines = try output(["--help"]).split(separator: "\n", omittingEmptySubsequences: false)
    guard let start = lines.firstIndex(of: "SUBCOMMANDS:") else { throw TestFailure("the help lists no subcommands") }
    return lines[(start + 1)...].prefix { !$0.isEmpty }.compactMap { line in
      line.hasPrefix("  ") && !line.hasPrefix("   ") ? line.split(separator: " ").first.map(String.init) : nil
    }
  }

  static func markdown() throws -> String {
    var text = """
      # Commands and their flags

      As `--help` of each command says. `natsight` without a command is `natsight serve`. A flag's value follows after a space or `=`.
      Every flag of `serve` may stand in its `--config FILE`.

      """
    for command in try commands() {
      // It reads nats-server's flags itself.
      guard command != "broker" else {
        text += "\n## `natsight broker`\n\n```\n\(try output(["broker", "--help"]).trimmingCharacters(in: .newlines))\n```\n"
        continue
      }
      let dump = try JSONDecoder().decode(Dump.self, from: Data(try output([command, "--experimental-dump-help"]).utf8))
      text += section(dump.command, "natsight \(command)", level: 2)
    }
    return text
  }

  private static func section(_ command: Command, _ name: String, level: Int) -> String {
    var text = "\n\(String(repeating: "#", count: level)) `\(name)`\n"
    if let abstract = command.abstract, !abstract.isEmpty { text += "\n\(abstract)\n" }
    if let discussion = command.discussion, !discussion.isEmpty { text += "\n```\n\(discussion)\n```\n" }
    let arguments = (command.arguments ?? []).filter { argument in
      argument.shouldDisplay && argument.names?.contains { ["version", "help"].contains($0.name) } != true
    }
    var sections: [String?] = []
    for argument in arguments where !sections.contains(argument.sectionTitle) { sections.append(argument.sectionTitle) }
    for title in sections {
      if let title { text += "\n\(title):\n" }
      text += "\n| flag | value | default | |\n|---|---|---|---|\n"
      for argument in arguments where argument.sectionTitle == title { text += row(argument) }
    }
    for sub in command.subcommands ?? [] where sub.commandName != "help" {
      text += section(sub, "\(name) \(sub.commandName)", level: min(level + 1, 4))
    }
    return text
  }

  private static func row(_ argument: Argument) -> String {
    let value = argument.valueName ?? ""
    let names = argument.kind == "positional" ? "*\(value)*" : (argument.names ?? []).map { "`\($0.text)`" }.joined(separator: ", ")
    let takes = argument.kind == "option" ? "\(value)\(argument.isRepeating ? " …" : "")" : ""
    let cells = [names, takes, argument.defaultValue ?? "", (argument.abstract ?? "").replacingOccurrences(of: "\n", with: " ")]
    return "| " + cells.map { $0.replacingOccurrences(of: "|", with: "\\|") }.joined(separator: " | ") + " |\n"
  }
}
