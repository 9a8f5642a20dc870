import Glibc
import Identity
import Wire

/// `serve --config FILE`: the flags of `serve`, written in the NATS configuration language.
enum ServeConfigurationFile {
  /// What a file says, in its order.
  ///
  /// - Throws: A sentence with the place of what is wrong in the file.
  static func read(_ file: String) throws(CommandFailure) -> [GivenSetting] {
    do {
      let sources = ConfigurationSources(
        readFile: { try FileAccess.read($0) }, environment: { name in getenv(name).map { String(cString: $0) } })
      let root = try ConfigurationDocument(parsing: try FileAccess.read(file), file: file, sources: sources).root
      if let again = root.repeated.first(where: { root.entry($0.key)?.isVariable == false }) { throw twice(again) }
      var given: [GivenSetting] = []
      var seen: Set<String> = []
      for entry in root.entries where !entry.isVariable {
        guard let setting = Setting.named(entry.key) else { throw unknown(entry) }
        guard seen.insert(setting.name).inserted else { throw twice(entry) }
        let place = SettingOrigin.file(entry.position.file, line: entry.position.line)
        given.append(GivenSetting(setting, try values(entry, setting), place))
      }
      return given
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

  private static func values(_ entry: ConfigurationEntry, _ setting: Setting) throws(ConfigurationError) -> [String] {
    switch setting.kind {
    case .flag, .switchable: [try entry.value.boolean(entry.key) ? GivenSetting.on : GivenSetting.off]
    case .list: try entry.value.strings(entry.key)
    case .value: [try text(entry)]
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
