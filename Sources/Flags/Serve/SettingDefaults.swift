import ArgumentParser
import Wire

/// The settings' default values, as the help of `serve` tells them.
public enum SettingDefaults {
  /// - Parameter description: A command that takes the settings, as `_dumpHelp` of the parser describes it.
  /// - Returns: By the setting's name.
  /// - Throws: Where that is no JSON.
  public static func read(_ description: String) throws(JSONError) -> [String: [String]] {
    let command = try JSONValue(parsing: description)["command"]
    var defaults: [String: [String]] = [:]
    for setting in Setting.all where setting.kind == .flag { defaults[setting.name] = [GivenSetting.off] }
    for argument in command?["arguments"]?.elements ?? [] {
      guard let text = argument["defaultValue"]?.string, let name = argument["preferredName"]?["name"]?.string else { continue }
      let setting = Setting.named(name)
      switch setting?.kind {
      case .list: defaults[name] = text.commaSeparated
      case .switchable: defaults[name] = [text.hasPrefix("--no-") ? GivenSetting.off : GivenSetting.on]
      default: defaults[name] = [text]
      }
    }
    return defaults
  }
}
