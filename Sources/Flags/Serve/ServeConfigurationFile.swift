import Glibc
import Identity
import Wire

/// `serve --config FILE`: the flags of `serve`, written in the NATS configuration language. What the command line says goes before
/// what the file says; lists add up.
public enum ServeConfigurationFile {
  /// Puts what a configuration file says into the arguments of `serve`; other commands' arguments stay as they are.
  ///
  /// - Throws: A sentence with the place of what is wrong in the file.
  public static func expand(_ arguments: [String]) throws(CommandFailure) -> [String] {
    guard arguments.first == "serve" else { return arguments }
    var rest = Array(arguments.dropFirst())
    guard let file = takeFile(&rest) else { return arguments }
    return ["serve"] + (try read(file)) + rest
  }

  private static func takeFile(_ arguments: inout [String]) -> String? {
    for (index, argument) in arguments.enumerated() {
      if argument == "--config", index + 1 < arguments.count {
        defer { arguments.removeSubrange(index...index + 1) }
        return arguments[index + 1]
      }
      if argument.hasPrefix("--config=") {
        arguments.remove(at: index)
        return String(argument.dropFirst("--config=".count))
      }
    }
    return nil
  }

  private static func read(_ file: String) throws(CommandFailure) -> [String] {
    do {
      let sources = ConfigurationSources(
        readFile: { try FileAccess.read($0) }, environment: { name in getenv(name).map { String(cString: $0) } })
      let root = try ConfigurationDocument(parsing: try FileAccess.read(file), file: file, sources: sources).root
      if let again = root.repeated.first(where: { root.entry($0.key)?.isVariable == false }) { throw twice(again) }
      var arguments: [String] = []
      var seen: Set<String> = []
      for entry in root.entries where !entry.isVariable {
        guard let setting = Setting.named(entry.key) else { throw unknown(entry) }
        guard seen.insert(setting.name).inserted else { throw twice(entry) }
        arguments += try self.arguments(entry, setting)
      }
      return arguments
    } catch {
      throw CommandFailure("\(error)")
    }
  }

  private static func twice(_ entry: ConfigurationEntry) -> ConfigurationError {
    ConfigurationError("\"\(entry.key)\" stands twice in this file; leave one of them out", at: entry.position)
  }

  private static func unknown(_ entry: ConfigurationEntry) -> ConfigurationError {
    let known = Setting.all.map(\.name).sorted()
    return ConfigurationError(
      "unknown field \"\(entry.key)\"\(NearestWord.hint(entry.key, in: known)); known: \(known.joined(separator: ", "))",
      at: entry.position)
  }

  /// The setting's flags. A value stands in the same word as its flag, so that one that begins with a dash is a value too.
  private static func arguments(_ entry: ConfigurationEntry, _ setting: Setting) throws(ConfigurationError) -> [String] {
    let flag = "--\(setting.name)"
    switch setting.kind {
    case .flag: return try entry.value.boolean(entry.key) ? [flag] : []
    case .switchable: return [try entry.value.boolean(entry.key) ? flag : "--no-\(setting.name)"]
    case .list:
      let texts = try entry.value.strings(entry.key)
      // Several servers are one value of their flag.
      return setting.name == Setting.server.name ? ["\(flag)=\(texts.joined(separator: ","))"] : texts.map { "\(flag)=\($0)" }
    case .value: return ["\(flag)=\(try text(entry))"]
    }
  }

  private static func text(_ entry: ConfigurationEntry) throws(ConfigurationError) -> String {
    switch entry.value.content {
    case .string(let text): return text
    case .integer(let number): return String(number)
    case .float(let number): return String(number)
    default: throw entry.value.mismatch(entry.key, "a string or a number")
    }
  }
}
