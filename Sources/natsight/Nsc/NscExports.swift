import ArgumentParser
import NSC

struct NscExportFlags: ParsableArguments {
  @OptionGroup var account: NscAccountFlag
  @Option(name: [.customShort("n"), .long], help: "Name.") var name: String?
  @Option(name: [.customShort("s"), .long], help: "Subject.") var subject: String?
  @Option(help: "A service and not a stream (also -r).") var service: Bool?
  @Option(help: "Importers need an activation (also -p).") var `private`: Bool?
  @Option(help: "Singleton, Stream or Chunked.") var responseType: String?
  @Option(help: "Longest time to answer, such as 5s.") var responseThreshold: String?
  @Option(help: "Subject that latency is reported on.") var latency: String?
  @Option(help: "Percent of requests measured, or header.") var sampling: String?
  @Option(help: "Token of the subject that must be the importer's key.") var accountTokenPosition: Int?
  @Option(help: "Advertise the export.") var advertise: Bool?
  @Option(help: "Traces may pass.") var allowTrace: Bool?
  @Option(help: "Description.") var description: String?
  @Option(help: "Info URL.") var infoUrl: String?

  var value: ExportOptions {
    var options = ExportOptions()
    options.account = account.account
    options.name = name
    options.subject = subject
    options.service = service
    options.isPrivate = `private`
    options.responseType = responseType
    options.responseThreshold = responseThreshold
    options.latency = latency
    options.sampling = sampling
    options.accountTokenPosition = accountTokenPosition
    options.advertise = advertise
    options.allowTrace = allowTrace
    options.description = description
    options.infoURL = infoUrl
    return options
  }
}

struct NscAddExport: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "export", abstract: "Adds an export.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var flags: NscExportFlags
  func run() throws { try globals.run { try $0.addExport(flags.value) } }
}

struct NscEditExport: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "export", abstract: "Edits an export.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var flags: NscExportFlags
  @Flag(help: "Removes latency tracking.") var rmLatencySampling = false
  func run() throws {
    var options = flags.value
    options.removeLatency = rmLatencySampling
    try globals.run { try $0.editExport(options) }
  }
}

struct NscDeleteExport: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "export", abstract: "Deletes an export.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var account: NscAccountFlag
  @Option(name: [.customShort("s"), .long], help: "Subject.") var subject: String?
  func run() throws { try globals.run { try $0.deleteExport(account: account.account, subject: subject) } }
}

struct NscAddImport: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "import", abstract: "Adds an import.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var account: NscAccountFlag
  @Option(name: [.customShort("n"), .long], help: "Name.") var name: String?
  @Option(name: [.customShort("u"), .long], help: "Activation: file, URL or text.") var token: String?
  @Option(help: "Exporting account.") var srcAccount: String?
  @Option(help: "Subject of the export.") var remoteSubject: String?
  @Option(name: [.customShort("s"), .long], help: "Subject here.") var localSubject: String?
  @Option(help: "A service and not a stream.") var service: Bool?
  @Option(help: "Share who asks, for latency tracking.") var share: Bool?
  @Option(help: "Traces may pass.") var allowTrace: Bool?
  func run() throws {
    var options = ImportOptions()
    options.account = account.account
    options.name = name
    options.token = token
    options.sourceAccount = srcAccount
    options.remoteSubject = remoteSubject
    options.localSubject = localSubject
    options.service = service ?? false
    options.share = share
    options.allowTrace = allowTrace
    try globals.run { try $0.addImport(options) }
  }
}

struct NscDeleteImport: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "import", abstract: "Deletes an import.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var account: NscAccountFlag
  @Option(name: [.customShort("s"), .long], help: "Subject.") var subject: String?
  @Option(help: "Exporting account.") var srcAccount: String?
  func run() throws { try globals.run { try $0.deleteImport(account: account.account, subject: subject, sourceAccount: srcAccount) } }
}

struct NscAddMapping: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "mapping", abstract: "Adds a subject mapping.")
  @OptionGroup var globals: NscGlobals
  @OptionGroup var account: NscAccountFlag
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
  @OptionGroup var account: NscAccountFlag
  @Option(name: [.customShort("f"), .long], help: "Subject.") var from: String
  @Option(name: [.customShort("t"), .long], help: "Destination; all without it.") var to: String?
  func run() throws { try globals.run { try $0.deleteMapping(account: account.account, from: from, to: to) } }
}
