import Glibc
import Identity
import Wire

/// Options that were read, with everything that was wrong or worth knowing.
public struct OptionReport: Sendable {
  /// What could be read; not to be used when there are errors.
  public var options: BrokerOptions
  /// One sentence each, with `file:line:column` where there is a place. Empty means good.
  public var errors: [String] = []
  /// What an operator should know; it does not keep a server from starting.
  public var warnings: [String] = []
  /// Something is written in a way that nats-server starts with but does not call valid, such as a duration without a unit. A warning says so.
  public var hasMisuse = false

  public init(options: BrokerOptions, errors: [String] = [], warnings: [String] = []) {
    self.options = options
    self.errors = errors
    self.warnings = warnings
  }
}

extension BrokerOptions {
  /// Reads a configuration file; its includes and variables come from the file system and the environment.
  ///
  /// - Parameter base: What the file starts from; the defaults when omitted.
  public static func load(file path: String, over base: BrokerOptions = .init()) -> OptionReport {
    do throws(FileError) {
      return parse(try FileAccess.read(path), file: path, over: base, sources: fileSources)
    } catch {
      return OptionReport(options: base, errors: [goText(error)])
    }
  }

  /// Reads configuration text.
  public static func parse(
    _ text: [UInt8], file: String, over base: BrokerOptions = .init(), sources: ConfigurationSources = .init()
  ) -> OptionReport {
    var report = OptionReport(options: base)
    do throws(ConfigurationError) {
      let document = try ConfigurationDocument(parsing: text, file: file, sources: sources)
      var notes = OptionNotes()
      table.read(document.root, into: &report.options, &notes)
      report.errors = notes.errors.map(\.description)
      report.warnings = notes.warnings.map(\.description)
      report.hasMisuse = notes.hasMisuse
      if document.root.isEmpty { report.warnings.append("config has no values or is empty") }
      report.options.configurationFile = file
      report.options.configurationDigest = digest(document.texts)
    } catch {
      report.errors = [parseText(error)]
    }
    return report
  }

  /// What is no configuration at all, in the form that scripts look for in nats-server's output.
  private static func parseText(_ error: ConfigurationError) -> String {
    guard let position = error.position, !error.isReference else { return error.description }
    return "\(position): Parse error on line \(position.line): '\(error.reason)'"
  }

  /// The files of the file system and the variables of the process.
  static let fileSources = ConfigurationSources(
    readFile: { path in
      do throws(FileError) {
        return try FileAccess.read(path)
      } catch {
        throw ConfigurationError(goText(error))
      }
    },
    environment: { name in getenv(name).map { String(cString: $0) } })

  /// `open nofile: no such file or directory`, as nats-server words it.
  private static func goText(_ error: FileError) -> String { "\(error)" }

  private static func digest(_ texts: [[UInt8]]) -> String {
    let bytes = Digest.sha256(Array(texts.joined()))
    return "sha256:" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
