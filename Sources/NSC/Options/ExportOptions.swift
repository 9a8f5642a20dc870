import ArgumentParser

/// `nsc add export`, and what `nsc edit export` has in common with it.
public struct ExportOptions: ParsableArguments {
  @OptionGroup var account: AccountOptions
  @Option(name: [.customShort("n"), .long], help: "Name.") var name: String?
  @Option(name: [.customShort("s"), .long], help: "Subject.") var subject: String?
  @Option(help: "A service and not a stream (also -r).") var service: Bool?
  @Option(name: .customLong("private"), help: "Importers need an activation (also -p).") var isPrivate: Bool?
  @Option(help: "Singleton, Stream or Chunked.") var responseType: String?
  @Option(help: "Longest time to answer, such as 5s.") var responseThreshold: String?
  @Option(help: "Subject that latency is reported on.") var latency: String?
  @Option(help: "Percent of requests measured, or header.") var sampling: String?
  @Option(help: "Token of the subject that must be the importer's key.") var accountTokenPosition: Int?
  @Option(help: "Advertise the export.") var advertise: Bool?
  @Option(help: "Traces may pass.") var allowTrace: Bool?
  @Option(help: "Description.") var description: String?
  @Option(help: "Info URL.") var infoUrl: String?

  public init() {}
}

/// `nsc edit export`.
public struct EditExportOptions: ParsableArguments {
  @OptionGroup var export: ExportOptions
  @Flag(help: "Removes latency tracking.") var rmLatencySampling = false

  public init() {}

  /// Whether anything but the account is named.
  var changesSomething: Bool {
    let texts = [
      export.name, export.subject, export.responseType, export.responseThreshold, export.latency, export.sampling, export.description,
      export.infoUrl,
    ]
    let flags = [export.service, export.isPrivate, export.advertise, export.allowTrace]
    return rmLatencySampling || export.accountTokenPosition != nil || texts.contains { $0 != nil } || flags.contains { $0 != nil }
  }
}

/// `nsc add import`.
public struct ImportOptions: ParsableArguments {
  @OptionGroup var account: AccountOptions
  @Option(name: [.customShort("n"), .long], help: "Name.") var name: String?
  @Option(name: [.customShort("u"), .long], help: "Activation: file, URL or text.") var token: String?
  @Option(help: "Exporting account.") var srcAccount: String?
  @Option(help: "Subject of the export.") var remoteSubject: String?
  @Option(name: [.customShort("s"), .long], help: "Subject here.") var localSubject: String?
  @Option(help: "A service and not a stream.") var service: Bool?
  @Option(help: "Share who asks, for latency tracking.") var share: Bool?
  @Option(help: "Traces may pass.") var allowTrace: Bool?

  public init() {}
}

/// The export that `nsc revocations …-activation` is about.
public struct RevokedExportOptions: ParsableArguments {
  @OptionGroup var account: AccountOptions
  @Option(name: [.customShort("s"), .long], help: "Subject of the export, or one that it covers.") var subject: String?
  @Option(help: "The export is a service and not a stream.") var service: Bool?

  public init() {}
}

/// `nsc generate activation`.
public struct ActivationOptions: ParsableArguments {
  @OptionGroup var account: AccountOptions
  @Option(name: [.customShort("s"), .long], help: "Subject.") var subject: String?
  @Option(name: [.customShort("t"), .long], help: "Importing account.") var targetAccount: String?
  @Option(name: [.customShort("o"), .long], parsing: .unconditional, help: "File; -- = standard output.") var outputFile: String?
  @Flag(help: "Sends it to the operator's account server.") var push = false
  @OptionGroup var validity: ValidityOptions

  public init() {}
}
