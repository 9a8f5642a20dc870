import ArgumentParser
import Flags
import GatewayProcess
import Glibc
import Identity
import Reactor
import Wire

/// `natsight config`: what `serve` would run with, and what is wrong with it.
struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Check the settings of serve, and show where each of them comes from.",
    subcommands: [ConfigCheckCommand.self, ConfigShowCommand.self, ConfigTemplateCommand.self])
}

/// `natsight config check`: everything that the start of `serve` would refuse.
struct ConfigCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Find what the start of serve would refuse, without starting it.",
    discussion: """
      Files that the settings name (access file, certificates, credentials, mutes, the broker's configuration) are read too. Nothing is \
      listened on, connected to or written. The exit status is 0 where serve would start, else 1, with a sentence for each problem.

        natsight config check /etc/natsight/natsight.conf
        NATSIGHT_SERVER=nats://nats1:4222 natsight config check --creds sys.creds
      """)

  @Option(help: ArgumentHelp("The configuration file; it may also stand as the first word.", valueName: "file"))
  var config: String?
  @OptionGroup var flags: ServeFlags

  func run() throws {
    let arguments = try Natsight.serveArguments()
    for note in ServeEnvironment.unknown(Self.variables) { CommandExit.complain("note: \(note)\n") }
    var problems = ServeCheck(flags).problems
    do { _ = try CarriedPages.files(flags.pages) } catch { problems.append(error.description) }
    guard problems.isEmpty else {
      CommandExit.complain(problems.map { "\($0)\n" }.joined(), arguments: ProcessArguments.all + arguments.words)
      throw ExitCode(1)
    }
    CommandExit.say("\(arguments.file ?? "the command line") is good: serve would start with it\n")
  }

  /// The names of the environment's variables.
  private static var variables: [String] {
    let bytes = (try? FileAccess.read("/proc/self/environ")) ?? []
    return bytes.split(separator: 0).map { String(decoding: $0.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self) }
  }
}

/// `natsight config show`: the settings in force, each with its origin.
struct ConfigShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show what serve would run with, and where each value comes from.",
    discussion: """
      What is printed is a configuration file for --config: what stands as its default is commented out. Passwords, tokens and the paths of \
      webhooks are not shown.

        natsight config show /etc/natsight/natsight.conf
        natsight config show --config natsight.conf --timeout 5s
      """)

  @Option(help: ArgumentHelp("The configuration file; it may also stand as the first word.", valueName: "file"))
  var config: String?
  @OptionGroup var flags: ServeFlags

  func run() throws {
    let defaults = try SettingDefaults.read(ServeCommand._dumpHelp())
    let settings = try EffectiveSettings(
      try Natsight.serveArguments(), defaults: defaults, variable: NATSContext.variable)
    CommandExit.say(settings.text)
  }
}

/// `natsight config template`: a file to begin with.
struct ConfigTemplateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "template", abstract: "Print a configuration file with every setting of serve in it, commented out.")

  func run() throws {
    CommandExit.say(SettingTemplate.text(defaults: try SettingDefaults.read(ServeCommand._dumpHelp())))
  }
}
