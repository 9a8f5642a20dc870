/// The flags of `serve` with their values, to tell on a reload which changes it does not take up.
struct ServeSettings: Sendable {
  /// What a reload puts in force.
  private static let reloadable: Set<String> = [
    "listen", "access", "allow-host", "allow-unauthenticated", "cors-origin", "max-concurrent", "requests-per-second", "http-tls-cert",
    "http-tls-key", "http-client-ca", "http-base-path", "retire", "log-level",
  ]

  private let values: [String: [String]]

  /// - Parameter arguments: with the configuration file's settings in them, under their long names.
  init(_ arguments: [String]) {
    var values: [String: [String]] = [:]
    var name = ""
    for argument in arguments {
      if argument.hasPrefix("--") {
        name = String(argument.dropFirst(2))
        values[name, default: []] += []
      } else {
        values[name, default: []].append(argument)
      }
    }
    self.values = values
  }

  /// Names of settings that differ and stay as they were, in order.
  func differences(from old: ServeSettings) -> [String] {
    let names = Set(values.keys).union(old.values.keys).subtracting(ServeSettings.reloadable)
    return names.filter { values[$0] != old.values[$0] }.sorted()
  }
}
