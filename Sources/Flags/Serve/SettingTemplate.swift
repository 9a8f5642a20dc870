/// A configuration file with every setting in it, commented out, each with what it means and its default.
public enum SettingTemplate {
  /// - Parameter defaults: What stands where nothing is said, as `SettingDefaults` reads it.
  public static func text(defaults: [String: [String]]) -> String {
    var text = """
      # Settings of natsight serve, in the configuration language of nats-server. What is commented out shows the default, or an example where
      # there is none. natsight config check FILE finds what is wrong with a file, natsight config show FILE what comes of it.

      """
    for setting in Setting.all {
      text += "\n" + wrapped(setting.help) + "# \(setting.name): \(value(setting, defaults[setting.name]))\n"
    }
    return text
  }

  private static func value(_ setting: Setting, _ standard: [String]?) -> String {
    switch setting.kind {
    case .flag, .switchable: return standard?.last ?? GivenSetting.off
    case .value(let word): return "\"\(standard?.last ?? "<\(word)>")\""
    case .list(let word): return "[" + (standard ?? ["<\(word)>"]).map { "\"\($0)\"" }.joined(separator: ", ") + "]"
    }
  }

  private static let width = 118

  private static func wrapped(_ help: String) -> String {
    var lines = [""]
    for word in help.split(separator: " ") {
      if lines[lines.count - 1].count + word.count > width { lines.append("") }
      lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
    }
    return lines.map { "# \($0)\n" }.joined()
  }
}
