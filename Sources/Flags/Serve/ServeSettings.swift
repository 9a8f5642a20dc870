/// What `serve` was told, by setting, to tell on a reload which changes it does not take up.
public struct ServeSettings: Sendable {
  private let values: [String: [String]]

  /// - Parameter arguments: with the configuration file's settings in them, as `ServeArguments` writes them.
  public init(_ arguments: [String]) {
    var values: [String: [String]] = [:]
    var name = ""
    for argument in arguments {
      if argument.hasPrefix("--") {
        let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        name = parts[0]
        values[name, default: []] += parts.dropFirst()
      } else {
        values[name, default: []].append(argument)
      }
    }
    self.values = values
  }

  /// Names of settings that differ and stay as they were until a restart, in order.
  public func differences(from old: ServeSettings) -> [String] {
    let reloadable = Set(Setting.all.filter { $0.change == .atReload }.map(\.name))
    let names = Set(values.keys).union(old.values.keys).subtracting(reloadable)
    return names.filter { values[$0] != old.values[$0] }.sorted()
  }
}
