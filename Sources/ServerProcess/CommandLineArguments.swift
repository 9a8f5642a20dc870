import BrokerCore
import BrokerOptions
import Wire

/// What a command line with nats-server's flags asks for.
public struct BrokerCommandLine: Sendable, Equatable {
  /// What to do.
  public enum Action: Sendable, Equatable {
    case run
    case help
    case version
    case helpTLS
    /// Check the configuration file and exit.
    case test
    /// Send a signal to a running server; the target is a process id or a pid file, empty for the only one running.
    case signal(name: String, target: String)
  }

  public private(set) var action = Action.run
  /// The configuration file; empty without one.
  public private(set) var configurationFile = ""
  /// Flags and their values in the order given.
  private var settings: [Setting] = []

  private struct Setting: Sendable, Equatable {
    let name: String
    let value: String
  }

  /// Reads flags with one or two dashes, `-flag value` or `-flag=value`.
  ///
  /// - Throws: The first flag that is unknown or has no usable value.
  public init(_ arguments: [String]) throws(CommandLineError) {
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("-"), argument != "-" else {
        try positional(argument)
        continue
      }
      if argument == "--" { break }
      try read(argument, &rest)
    }
    if let argument = rest.first { try positional(argument) }
    if action == .test, configurationFile.isEmpty {
      throw CommandLineError("must specify [-c, --config] option to check configuration file syntax")
    }
    // A trial run shows what the flags themselves refuse.
    var trial = BrokerOptions()
    try apply(to: &trial)
  }

  private mutating func positional(_ argument: String) throws(CommandLineError) {
    switch argument.lowercased() {
    case "version": action = .version
    case "help": action = .help
    default: throw CommandLineError("unrecognized command: \"\(argument)\"\(NearestWord.hint(argument, in: ["version", "help"]))")
    }
  }

  private mutating func read(_ argument: String, _ rest: inout ArraySlice<String>) throws(CommandLineError) {
    let text = argument.drop { $0 == "-" }
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts.first ?? "")
    guard argument.hasPrefix("---") == false, let flag = CommandFlags.byName[name] else {
      throw CommandLineError("flag provided but not defined: -\(name)\(NearestWord.hint(name, in: CommandFlags.byName.keys.sorted()))")
    }
    var value = parts.count == 2 ? String(parts[1]) : nil
    if value == nil, !flag.value.isEmpty {
      guard let next = rest.popFirst() else { throw CommandLineError("flag needs an argument: -\(name)") }
      value = next
    }
    if case .action = flag.kind {
      try act(flag.names[0], value ?? "true")
    } else {
      settings.append(Setting(name: name, value: value ?? "true"))
    }
  }

  private mutating func act(_ name: String, _ value: String) throws(CommandLineError) {
    let on = ["1", "t", "true"].contains(value.lowercased())
    switch name {
    case "c": configurationFile = value
    case "t": if on { action = .test }
    case "h": if on { action = .help }
    case "v": if on { action = .version }
    case "help_tls": if on { action = .helpTLS }
    default:
      let parts = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      action = .signal(name: parts[0], target: parts.count == 2 ? parts[1] : "")
    }
  }

  /// Puts the flags over options, which is how a command line wins over the file.
  public func apply(to options: inout BrokerOptions) throws(CommandLineError) {
    for setting in settings {
      guard let flag = CommandFlags.byName[setting.name] else { continue }
      switch flag.kind {
      case .boolean(let set):
        guard let on = Self.boolean(setting.value) else {
          throw CommandLineError("invalid boolean value \"\(setting.value)\" for -\(setting.name): parse error")
        }
        try set(on, &options)
      case .text(let set): try set(setting.value, &options)
      case .integer(let set):
        guard let number = Int(setting.value) else {
          throw CommandLineError("invalid value \"\(setting.value)\" for flag -\(setting.name): parse error")
        }
        try set(number, &options)
      case .action: break
      }
    }
    if let tls = options.broker.tls {
      if tls.certificateFile.isEmpty { throw CommandLineError("TLS Server certificate must be present and valid") }
      if tls.keyFile.isEmpty { throw CommandLineError("TLS Server private key must be present and valid") }
    }
  }

  private static func boolean(_ text: String) -> Bool? {
    switch text {
    case "1", "t", "T", "true", "TRUE", "True": true
    case "0", "f", "F", "false", "FALSE", "False": false
    default: nil
    }
  }

  /// The file and then the flags: everything that is wrong is in the report.
  public func load() -> OptionReport {
    var report = configurationFile.isEmpty ? OptionReport(options: BrokerOptions()) : BrokerOptions.load(file: configurationFile)
    do throws(CommandLineError) {
      try apply(to: &report.options)
    } catch {
      report.errors.append(error.description)
    }
    if report.errors.isEmpty { report.errors = report.options.validate() }
    return report
  }

  /// The text of `--help`.
  public static func help(program: String) -> String {
    var text = "Usage: \(program) [options]\n"
    for group in CommandFlags.groups {
      text += "\n\(group.title) Options:\n"
      for flag in group.flags {
        let names = flag.names.map { $0.utf8.count <= 3 && $0 == $0.uppercased() || $0.utf8.count <= 2 ? "-\($0)" : "--\($0)" }
        let head = "    " + names.joined(separator: ", ") + (flag.value.isEmpty ? "" : " \(flag.value)")
        let gap = head.count < 36 ? String(repeating: " ", count: 37 - head.count) : "\n" + String(repeating: " ", count: 37)
        text += head + gap + flag.help + "\n"
      }
    }
    return text
  }

  /// The text of `--help_tls`.
  public static let helpTLS = """
    TLS needs a certificate and its private key, in PEM files:

        openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=localhost \\
          -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out cert.pem

    then --tls --tlscert cert.pem --tlskey key.pem. With --tlsverify --tlscacert ca.pem clients must present
    a certificate that this authority has signed.

    """
}
