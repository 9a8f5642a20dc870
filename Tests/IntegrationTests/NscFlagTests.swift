import Foundation
import TestSupport
import Testing

/// Every flag of every `nsc` command, driven to its effect. `NscCommandTests` hold the built command to the same.
@Suite struct NscFlagTests {
  @Test(arguments: NscRow.all) func flagsHaveTheirEffect(row: NscRow) throws {
    let home = try NscHome.make(for: row)
    // An effect that is there before proves nothing.
    for flag in row.flags {
      if case .claim(let what, let path, let value) = flag.effect, let now = try home.claim(what, path) {
        #expect(!now.isEqual(try home.json(value)), "\(flag.text): \(path) is \(value) without it")
      }
    }
    let line = ([row.line] + row.flags.map(\.text)).joined(separator: " ")
    let finished = try home.runHere(line)
    if !row.flags.contains(where: { $0.effect.isRefusal }) { #expect(finished.status == 0, "nsc \(line): \(finished.errors)") }
    for flag in row.flags { try home.check(flag.effect, of: finished, "nsc \(line): \(flag.text)") }
  }

  @Test func everyFlagIsDriven() throws {
    // What has no effect that can be seen from outside: accepted for the original's sake, or a time that nobody may assert.
    let unseen: Set = ["--interactive", "--timeout", "--help", "--version"]
    var rows: [String: Set<String>] = [:]
    for row in NscRow.all {
      let words = (row.flags.map(\.text)).flatMap { $0.split(separator: " ") }.filter { $0.hasPrefix("--") }
      rows[row.command, default: []].formUnion(words.map { String($0.split(separator: "=")[0]) })
    }
    let commands = try NscCommandDump.shared()
    #expect(commands.count > 40)
    for command in commands {
      let folders: Set = ["--all-dirs", "--config-dir", "--data-dir", "--keystore-dir", "--private-key"]
      let left = command.flags.subtracting(unseen).subtracting(folders).subtracting(rows[command.words] ?? [])
      #expect(left == [], "nsc \(command.words): no row drives \(left.sorted())")
    }
    #expect(Set(rows.keys).subtracting(commands.map(\.words)) == [])
  }

  /// The flags that all commands share, on each of them: what one finds with them another home has not.
  @Test func everyCommandTakesTheFolders() throws {
    var seen: Set<String> = []
    for row in NscRow.all where !row.isFresh && !row.movesFolders && seen.insert(row.command).inserted {
      let folders = seen.count % 2 == 0 ? "--all-dirs flat" : "--config-dir flat --data-dir flat --keystore-dir flat"
      let home = try NscHome.makeFlat(for: row)
      for line in row.before { try home.prepare(line, " \(folders)") }
      let line = ([row.line] + row.flags.map(\.text)).joined(separator: " ") + " \(folders)"
      let finished = try home.runHere(line)
      let refused = row.flags.contains { $0.effect.isRefusal }
      #expect((finished.status == 0) != refused, "nsc \(line): \(finished.output)\(finished.errors)")
      #expect(!FileManager.default.fileExists(atPath: home.folder.path(".local")), "nsc \(line)")
      #expect(!FileManager.default.fileExists(atPath: home.folder.path(".config")), "nsc \(line)")
    }
    let all = Set(try NscCommandDump.shared().map(\.words))
    // `init` has a home of its own in its rows.
    #expect(all.subtracting(seen) == ["init"])
  }
}

/// A command of `nsc` as `--experimental-dump-help` describes it.
struct NscCommandDump {
  /// Such as `add user`.
  let words: String
  /// Long names with their dashes.
  let flags: Set<String>

  static func shared() throws -> [NscCommandDump] { try dump.get() }

  private static let dump = Result {
    let text = try ChildProcess.run(NatsightProcess.binary, ["nsc", "--experimental-dump-help"]).output
    let root = try JSONDecoder().decode(Root.self, from: Data(text.utf8))
    var found: [NscCommandDump] = []
    func visit(_ command: Command, _ path: [String]) {
      guard let inner = command.subcommands, !inner.isEmpty else {
        if path != ["help"] { found.append(NscCommandDump(command, path)) }
        return
      }
      for subcommand in inner { visit(subcommand, path + [subcommand.commandName]) }
    }
    visit(root.command, [])
    return found
  }

  private init(_ command: Command, _ path: [String]) {
    words = path.joined(separator: " ")
    var flags: Set<String> = []
    for argument in command.arguments ?? [] {
      let names = argument.names ?? []
      flags.formUnion(names.filter { $0.kind == "long" }.map { "--" + $0.name })
    }
    self.flags = flags
  }

  private struct Root: Decodable { let command: Command }
  private struct Command: Decodable {
    let commandName: String
    let subcommands: [Command]?
    let arguments: [Argument]?
  }
  private struct Argument: Decodable { let names: [Name]? }
  private struct Name: Decodable { let kind: String, name: String }
}
