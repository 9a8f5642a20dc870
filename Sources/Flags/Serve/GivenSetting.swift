import Wire

/// Where a setting's value comes from. Of a setting that is given in several places the first of these counts; lists add up.
public enum SettingOrigin: Sendable, Equatable, CustomStringConvertible {
  case commandLine
  /// A variable of the environment.
  case variable(String)
  /// A line of the configuration file.
  case file(String, line: Int)
  /// A context of the nats command.
  case context(String)
  /// Nothing says anything about it.
  case standard

  /// As a person reads it behind the value.
  public var description: String {
    switch self {
    case .commandLine: "command line"
    case .variable(let name): name
    case .file(let path, let line): "\(path):\(line)"
    case .context(let name): "context \(name)"
    case .standard: "default"
    }
  }
}

/// A setting that was given, by whom, and the words for the parser.
public struct GivenSetting: Sendable {
  public let setting: Setting
  /// Its values as text; a flag's is `true` or `false`.
  public let values: [String]
  public let origin: SettingOrigin

  init(_ setting: Setting, _ values: [String], _ origin: SettingOrigin) {
    self.setting = setting
    self.values = values
    self.origin = origin
  }

  /// The setting's flags. A value stands in the same word as its flag, so that one that begins with a dash is a value too.
  var words: [String] {
    let flag = "--\(setting.name)"
    switch setting.kind {
    case .flag: return values.last == GivenSetting.on ? [flag] : []
    case .switchable: return [values.last == GivenSetting.on ? flag : "--no-\(setting.name)"]
    // Several servers are one value of their flag.
    case .list where setting.name == Setting.server.name: return ["\(flag)=\(values.joined(separator: ","))"]
    case .list, .value: return values.map { "\(flag)=\($0)" }
    }
  }

  static let on = "true"
  static let off = "false"
}
