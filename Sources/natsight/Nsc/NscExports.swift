import ArgumentParser
import NSC

struct NscAddExport: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "export", abstract: "Adds an export.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var options: ExportOptions
  func run() throws { try globals.run { try $0.addExport(options) } }
}

struct NscEditExport: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "export", abstract: "Edits an export.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var options: EditExportOptions
  func run() throws { try globals.run { try $0.editExport(options) } }
}

struct NscDeleteExport: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "export", abstract: "Deletes an export.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var account: AccountOptions
  @Option(name: [.customShort("s"), .long], help: "Subject.") var subject: String?
  func run() throws { try globals.run { try $0.deleteExport(account: account.account, subject: subject) } }
}

struct NscAddImport: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "import", abstract: "Adds an import.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var options: ImportOptions
  func run() throws { try globals.run { try $0.addImport(options) } }
}

struct NscDeleteImport: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "import", abstract: "Deletes an import.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var account: AccountOptions
  @Option(name: [.customShort("s"), .long], help: "Subject.") var subject: String?
  @Option(help: "Exporting account.") var srcAccount: String?
  func run() throws { try globals.run { try $0.deleteImport(account: account.account, subject: subject, sourceAccount: srcAccount) } }
}

struct NscAddMapping: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "mapping", abstract: "Adds a subject mapping.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var account: AccountOptions
  @Option(name: [.customShort("f"), .long], help: "Subject.") var from: String
  @Option(name: [.customShort("t"), .long], help: "Destination.") var to: String
  @Option(help: "Percent.") var weight = 0
  @Option(help: "Only in this cluster.") var cluster = ""
  func run() throws {
    try globals.run { try $0.addMapping(account: account.account, from: from, to: to, weight: weight, cluster: cluster) }
  }
}

struct NscDeleteMapping: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "mapping", abstract: "Deletes a subject mapping.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var account: AccountOptions
  @Option(name: [.customShort("f"), .long], help: "Subject.") var from: String
  @Option(name: [.customShort("t"), .long], help: "Destination; all without it.") var to: String?
  @Option(help: "Only that of this cluster.") var cluster: String?
  func run() throws { try globals.run { try $0.deleteMapping(account: account.account, from: from, to: to, cluster: cluster) } }
}
