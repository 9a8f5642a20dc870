import Wire

/// The settings of `serve` in the environment: `NATSIGHT_` and the flag's name in capitals, such as `NATSIGHT_HTTP_BASE_PATH`. Lists are
/// separated by commas; flags are true or false. A variable that is empty is as if it were not there.
public enum ServeEnvironment {
  static let prefix = "NATSIGHT_"
  /// Names the configuration file.
  static let file = "NATSIGHT_CONFIG"

  /// The name of a setting's variable.
  public static func name(of setting: Setting) -> String {
    prefix + String(setting.name.uppercased().map { $0 == "-" ? "_" : $0 })
  }

  /// What the variables say, in the order of the table.
  ///
  /// - Throws: A sentence about a flag that is neither true nor false.
  static func read(_ variable: (String) -> String?) throws(CommandFailure) -> [GivenSetting] {
    var given: [GivenSetting] = []
    for setting in Setting.all {
      let name = name(of: setting)
      guard let text = variable(name), !text.isEmpty else { continue }
      given.append(GivenSetting(setting, try values(text, setting, name), .variable(name)))
    }
    return given
  }

  private static func values(_ text: String, _ setting: Setting, _ name: String) throws(CommandFailure) -> [String] {
    switch setting.kind {
    case .value: return [text]
    case .list: return text.commaSeparated
    case .flag, .switchable:
      switch text.lowercased() {
      case "true", "yes", "on", "1": return [GivenSetting.on]
      case "false", "no", "off", "0": return [GivenSetting.off]
      default: throw CommandFailure("\(name): expected true or false, found \"\(text)\"")
      }
    }
  }

  /// Variables that look like settings and are none, with the nearest that is. What Kubernetes sets for a service of the name
  /// `natsight` (`NATSIGHT_SERVICE_HOST`, `NATSIGHT_PORT_8222_TCP`) is none of anybody's business.
  public static func unknown(_ names: [String]) -> [String] {
    let known = Setting.all.map(name) + [file]
    return names.filter { $0.hasPrefix(prefix) && !known.contains($0) && !isOfAService($0) }.sorted().map { name in
      "\(name) is no setting\(NearestWord.hint(name, in: known))"
    }
  }

  private static func isOfAService(_ name: String) -> Bool {
    name.hasSuffix("_SERVICE_HOST") || name.contains("_SERVICE_PORT") || name == "NATSIGHT_PORT" || name.contains("_PORT_")
  }
}
