import Wire

extension EffectiveSettings {
  /// A configuration file that says the same, with the origin of each value behind it. What cannot be said in a file, or need not be,
  /// is commented out.
  public var text: String {
    let system = namesASystem ? "the system that these settings name" : "a NATS server of its own, as no system is named"
    let lines = settings.map { (line: $0.line, origin: $0.origins.map(\.description).joined(separator: ", ")) }
    let width = min(lines.map(\.line.count).max() ?? 0, 40)
    let rows = lines.map { row in
      "\(row.line)\(String(repeating: " ", count: max(0, width - row.line.count)))  # \(row.origin)\n"
    }
    return "# natsight serve would watch \(system).\n" + rows.joined()
  }
}

extension EffectiveSetting {
  fileprivate var line: String {
    let isCommented = origins == [.standard] || isHidden
    if values.isEmpty, origins == [.standard] { return "# \(setting.name): (not set)" }
    return "\(isCommented ? "# " : "")\(setting.name): \(value)"
  }

  private var value: String {
    switch setting.kind {
    case .flag, .switchable: return values.last ?? GivenSetting.off
    case .list where setting.addsUp: return "[" + values.map(EffectiveSetting.quoted).joined(separator: ", ") + "]"
    case .list, .value: return EffectiveSetting.quoted(values.joined(separator: ","))
    }
  }

  private static func quoted(_ text: String) -> String {
    var writer = JSONWriter()
    writer.string(text)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}
