import BrokerOptions

/// What a reload would put in force: the command line's file read again, compared with what runs.
public struct ReloadPlan: Sendable {
  public let options: BrokerOptions
  /// One line for the log for each change.
  public let lines: [String]

  /// Reads the file again. Blocks.
  ///
  /// - Throws: Why nothing can be reloaded, or the first change that needs a restart.
  public init(_ commandLine: BrokerCommandLine, running: BrokerOptions) throws(OptionReloadError) {
    guard !commandLine.configurationFile.isEmpty else {
      throw OptionReloadError("can only reload config when a file is provided using -c or --config")
    }
    let report = commandLine.load()
    guard report.errors.isEmpty else { throw OptionReloadError(report.errors.joined(separator: "; ")) }
    options = report.options
    lines = try running.changes(to: report.options).lines
  }
}
