import ArgumentParser
import Flags
import NSC
import Wire

/// `natsight nsc …`: hands its words on to a parser of its own, which knows flags with optional values and nsc's exit status.
struct NscCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nsc", abstract: "Operators, accounts, users, and their credentials.")

  @Argument(parsing: .captureForPassthrough) var arguments: [String] = []

  func run() async throws {
    let status = await NscCommand.run(arguments)
    if status != 0 { throw ExitCode(status) }
  }

  /// Runs one command line, without the program's name. Returns the exit status, 0 or 1.
  static func run(_ arguments: [String]) async -> Int32 {
    switch parsed(arguments) {
    case .ended(let status): return status
    case .command(var command):
      do {
        if var tool = command as? any AsyncParsableCommand { try await tool.run() } else { try command.run() }
        return 0
      } catch { return end(error) }
    }
  }

  /// The same for all but what waits for messages; nil for those.
  static func runAtOnce(_ arguments: [String]) -> Int32? {
    switch parsed(arguments) {
    case .ended(let status): return status
    case .command(var command):
      guard !(command is any AsyncParsableCommand) else { return nil }
      do {
        try command.run()
        return 0
      } catch { return end(error) }
    }
  }

  private enum Parsed {
    case command(any ParsableCommand)
    /// There is nothing to run: what there is to say has been said.
    case ended(Int32)
  }

  private static func parsed(_ arguments: [String]) -> Parsed {
    let around = NscSurroundings.current
    var arguments = NscArguments.commandFirst(arguments)
    // The tools are commands of their own too.
    if ["pub", "sub", "req", "reply", "rtt"].contains(arguments.first) { arguments.insert("tool", at: 0) }
    if let sentence = NscAbsent.sentence(arguments) {
      around.complain("Error: \(sentence)\n")
      return .ended(1)
    }
    let isHelp = arguments.first == "help"
    if let unknown = CommandWords.unknown(isHelp ? Array(arguments.dropFirst()) : arguments, of: NscRoot.self) {
      // As people know it: an unknown command is an error; an unknown word behind a group gets the group's help, unless flags follow
      // that the group does not have.
      let isError = !isHelp && unknown.path.count == 1 || arguments.contains { $0.hasPrefix("-") && !["-h", "--help"].contains($0) }
      around.complain("\(isError ? "Error: " : "")\(unknown.sentence)\n")
      if !isError { around.say(NscRoot.helpMessage(for: unknown.parent) + "\n") }
      return .ended(isError ? 1 : 0)
    }
    let words = NscArguments.normalised(arguments)
    // The parser looks through the whole tree of commands at each word: one command alone is read in a fraction of the time. What it does not
    // understand, and what asks for help, is for the tree, which knows what to say.
    if let (command, rest) = CommandWords.last(words, of: NscRoot.self), let read = try? command.parseAsRoot(Array(rest)),
      type(of: read) == command
    {
      return .command(read)
    }
    do { return .command(try NscRoot.parseAsRoot(words)) } catch { return .ended(end(error)) }
  }

  private static func end(_ error: any Error) -> Int32 {
    if let code = error as? ExitCode { return code.rawValue }
    let ending = CommandExit.Ending(error, of: NscRoot.self)
    ending.status == .success ? NscSurroundings.current.say(ending.text) : NscSurroundings.current.complain(ending.text)
    return ending.status == .success ? 0 : 1
  }
}

struct NscRoot: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nsc",
    abstract: "Creates and edits operators, accounts and users, their keys and credentials.",
    discussion: """
      Files lie where today's nsc keeps them: ~/.config/nats/nsc, ~/.local/share/nats/nsc/stores and …/keys. A home that only has
      ~/.nsc and ~/.nkeys goes on with those. NSC_LAYOUT chooses by hand: current, 2019 (~/.nsc/nats, ~/.nkeys/keys, ~/.nkeys/creds) or
      tutorial (~/.nsc/nats/<operator>/…, ~/.nkeys/<operator>/accounts/<account>/users/<user>.creds). XDG_CONFIG_HOME, XDG_DATA_HOME,
      NSC_HOME and NKEYS_PATH move the folders.
      """,
    version: "nsc, as Natsight \(Release.version) has it",
    subcommands: [
      NscInit.self, NscAdd.self, NscEdit.self, NscDelete.self, NscDescribe.self, NscList.self, NscSelect.self, NscEnv.self,
      NscGenerate.self, NscPush.self, NscPull.self, NscValidate.self, NscExpirations.self, NscRevocations.self, NscReissue.self,
      NscExport.self, NscImport.self, NscRename.self, NscMigrate.self, NscFix.self, NscKeys.self, NscUpgradeToken.self,
      NscToolCommands.self, NscCompletion.self,
    ])
}

/// Flags that every command takes.
struct NscGlobals: ParsableArguments {
  @Option(name: [.customShort("H"), .long], help: "Sets the next three to one folder.") var allDirs: String?
  @Option(help: "Folder of nsc.json.") var configDir: String?
  @Option(help: "Folder of the stores.") var dataDir: String?
  @Option(help: "Folder of keys and creds.") var keystoreDir: String?
  @Option(name: [.customShort("K"), .long], help: "Signing key: seed, file, public key of a stored one, or the role of a scoped one.")
  var privateKey: String?
  @Flag(name: [.customShort("i"), .long], help: "Accepted; there are no prompts.") var interactive = false

  /// Runs the command on the process's own home; ends with nsc's status.
  func run(_ body: (NSCTool) throws -> Void) throws {
    let around = NscSurroundings.current
    var environment = around.environment
    environment.configDirectory = configDir ?? allDirs
    environment.dataDirectory = dataDir ?? allDirs
    environment.keystoreDirectory = keystoreDir ?? allDirs
    let tool = NSCTool(environment: environment, output: around.say, errors: around.complain)
    tool.privateKey = privateKey
    let status = tool.execute(body)
    if status != 0 { throw ExitCode(status) }
  }
}
