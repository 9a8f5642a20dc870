import Reactor

/// The names under which people know the subcommands: a link of that name to `natsight` is that tool.
enum CommandLink {
  /// Link name and subcommand, in the order in which `natsight links` makes them.
  static let table: [(name: String, subcommand: String)] = [
    ("nats-server", "broker"),
    ("nats-sub", "sub"),
    ("nats-pub", "pub"),
    ("nats-req", "req"),
    ("nsc", "nsc"),
    ("nats-account-server", "account-server"),
  ]

  /// Whether the command was called through the link of this name.
  static func isLink(_ name: String) -> Bool {
    ProcessArguments.all.first?.split(separator: "/").last.map(String.init) == name
  }

  /// The arguments behind the command's name, with the subcommand in front when the name is a link's.
  static func arguments(_ commandLine: [String]) -> [String] {
    let given = Array(commandLine.dropFirst())
    let name = commandLine.first?.split(separator: "/").last.map(String.init) ?? ""
    guard let link = table.first(where: { $0.name == name }) else { return given }
    return [link.subcommand] + given
  }
}
