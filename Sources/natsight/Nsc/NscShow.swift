import ArgumentParser
import NSC

struct NscDescribe: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe", abstract: "Shows an operator, account, user or token.",
    subcommands: [NscDescribeOperator.self, NscDescribeAccount.self, NscDescribeUser.self, NscDescribeToken.self])
}

struct NscDescribeOperator: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "operator", abstract: "Shows the operator.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var name: NameOptions
  @OptionGroup var shape: DescribeOptions
  func run() throws { try globals.run { try $0.describeOperator(name: name.value, shape) } }
}

struct NscDescribeAccount: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "account", abstract: "Shows an account.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var name: NameOptions
  @OptionGroup var shape: DescribeOptions
  func run() throws { try globals.run { try $0.describeAccount(name: name.value, shape) } }
}

struct NscDescribeUser: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "user", abstract: "Shows a user.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var name: NameOptions
  @OptionGroup var account: AccountOptions
  @OptionGroup var shape: DescribeOptions
  func run() throws { try globals.run { try $0.describeUser(name: name.value, account: account.account, shape) } }
}

struct NscDescribeToken: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "jwt", abstract: "Shows a token of a file or URL.")
  @OptionGroup var globals: NscGlobals
  @Option(name: [.customShort("f"), .long], help: "File or URL.") var file: String?
  @Argument(help: "File or URL, instead of --file.") var positional: String?
  @OptionGroup var shape: DescribeOptions
  func run() throws {
    guard let source = file ?? positional else { throw ValidationError("expected --file") }
    try globals.run { try $0.describeToken(source: source, shape) }
  }
}

struct NscList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists operators, accounts, users and keys.",
    subcommands: [NscListOperators.self, NscListAccounts.self, NscListUsers.self, NscListKeys.self])
}

struct NscListShape: ParsableArguments {
  @Flag(name: [.customShort("J"), .long], help: "JSON.") var json = false
  @Option(name: [.customShort("o"), .customLong("operator")], help: "Operator.") var operatorName: String?
}

struct NscListOperators: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "operators", abstract: "Lists operators.", aliases: ["operator"])
  @OptionGroup var globals: NscGlobals
  @Flag(name: [.customShort("J"), .long], help: "JSON.") var json = false
  func run() throws { try globals.run { try $0.listOperators(json: json) } }
}

struct NscListAccounts: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "accounts", abstract: "Lists accounts.", aliases: ["account"])
  @OptionGroup var globals: NscGlobals
  @OptionGroup var shape: NscListShape
  func run() throws { try globals.run { try $0.listAccounts(operator: shape.operatorName, json: shape.json) } }
}

struct NscListUsers: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "users", abstract: "Lists users.", aliases: ["user"])
  @OptionGroup var globals: NscGlobals
  @OptionGroup var account: AccountOptions
  @OptionGroup var shape: NscListShape
  func run() throws {
    try globals.run { try $0.listUsers(operator: shape.operatorName, account: account.account, json: shape.json) }
  }
}

struct NscListKeys: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "keys", abstract: "Lists keys.", aliases: ["key"])
  @OptionGroup var globals: NscGlobals
  @OptionGroup var options: ListKeysOptions
  func run() throws { try globals.run { try $0.listKeys(options) } }
}

struct NscSelect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "select", abstract: "Selects the operator or account to work on.",
    subcommands: [NscSelectOperator.self, NscSelectAccount.self])
}
struct NscSelectOperator: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "operator", abstract: "Selects an operator.")
  @OptionGroup var globals: NscGlobals
  @Argument var name: String
  func run() throws { try globals.run { try $0.select(operator: name) } }
}
struct NscSelectAccount: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "account", abstract: "Selects an account.")
  @OptionGroup var globals: NscGlobals
  @Argument var name: String
  func run() throws { try globals.run { try $0.select(account: name) } }
}

struct NscEnv: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "env", abstract: "Shows and sets where the tool works.")
  @OptionGroup var globals: NscGlobals
  @Option(name: [.customShort("s"), .long], help: "Folder of the stores.") var store: String?
  @Option(name: [.customShort("o"), .customLong("operator")], help: "Operator.") var operatorName: String?
  @OptionGroup var account: AccountOptions
  func run() throws { try globals.run { try $0.env(store: store, operator: operatorName, account: account.account) } }
}

struct NscValidate: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "validate", abstract: "Checks the operator, accounts and users.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var account: AccountOptions
  @Flag(name: [.customShort("A"), .long], help: "All accounts.") var allAccounts = false
  @Option(name: [.customShort("f"), .long], help: "A token's file instead.") var file: String?
  func run() throws { try globals.run { try $0.validate(account: account.account, all: allAccounts, file: file) } }
}

struct NscExpirations: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "expirations", abstract: "Shows what expires when.")
  @OptionGroup var globals: NscGlobals
  @Option(name: [.customShort("e"), .long], help: "Horizon, such as 1M.") var within: String?
  @Flag(help: "Leaves out what does not expire by then.") var skip = false
  @Flag(name: [.customShort("J"), .long], help: "JSON.") var json = false
  func run() throws { try globals.run { try $0.expirations(within: within, skip: skip, json: json) } }
}
