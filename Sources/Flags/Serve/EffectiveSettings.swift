import ArgumentParser
import Identity
import Notify
import Wire

/// A setting as `serve` would run with it.
public struct EffectiveSetting: Sendable {
  public let setting: Setting
  /// As a person may see them: without passwords, tokens and the paths of webhooks. Empty where nothing says anything and there is no default.
  public let values: [String]
  /// Where each of them comes from, without doubles.
  public let origins: [SettingOrigin]
  /// Whether something is not shown, so that the value cannot be taken over.
  public let isHidden: Bool
}

/// What `serve` would run with, and where each value comes from.
public struct EffectiveSettings: Sendable {
  /// In the order of the table.
  public let settings: [EffectiveSetting]
  /// Whether a system is named; else `serve` runs on a NATS server of its own.
  public let namesASystem: Bool

  /// Reads the context, where one is named.
  ///
  /// - Parameters:
  ///   - defaults: What stands where nothing is said, as `SettingDefaults` reads it.
  ///   - variable: The environment.
  /// - Throws: What is wrong with the context.
  public init(_ arguments: ServeArguments, defaults: [String: [String]], variable: (String) -> String?) throws {
    var given: [String: [GivenSetting]] = [:]
    for one in arguments.given { given[one.setting.name, default: []].append(one) }
    let context = given[Setting.context.name]?.last?.values.last ?? variable("NATS_CONTEXT").flatMap { $0.isEmpty ? nil : $0 }
    namesASystem = given[Setting.server.name] != nil || context != nil || variable("NATS_URL") != nil
    if namesASystem { try EffectiveSettings.surroundings(&given, context, variable) }
    settings = Setting.all.map { setting in
      let places = given[setting.name] ?? []
      guard !places.isEmpty else { return EffectiveSettings.shown(setting, defaults[setting.name] ?? [], [.standard]) }
      guard setting.addsUp else {
        return EffectiveSettings.shown(setting, places[places.count - 1].values, [places[places.count - 1].origin])
      }
      var origins: [SettingOrigin] = []
      for place in places where !origins.contains(place.origin) { origins.append(place.origin) }
      return EffectiveSettings.shown(setting, places.flatMap(\.values), origins)
    }
  }

  /// Adds what the `nats` command's variables and the context say, where nothing stronger does.
  private static func surroundings(_ given: inout [String: [GivenSetting]], _ context: String?, _ variable: (String) -> String?) throws {
    if let context, given[Setting.context.name] == nil {
      given[Setting.context.name] = [GivenSetting(.context, [context], .variable("NATS_CONTEXT"))]
    }
    let stored = try context.map { try NATSContext(named: $0, environment: variable) }
    var isIdentified = NATSVariable.identities.contains { given[$0] != nil }
    func add(_ origin: (NATSVariable) -> SettingOrigin, _ value: (NATSVariable) -> String?) {
      let told = NATSVariable.all.filter { given[$0.setting.name] == nil && !($0.isIdentity && isIdentified) }
      for one in told {
        guard let text = value(one), !text.isEmpty else { continue }
        given[one.setting.name] = [GivenSetting(one.setting, [text], origin(one))]
        if one.isIdentity { isIdentified = true }
      }
    }
    add({ .variable($0.name) }, { variable($0.name) })
    if let stored, let context { add({ _ in .context(context) }, { $0.ofContext(stored) }) }
  }

  // MARK: What may be shown

  private static func shown(_ setting: Setting, _ values: [String], _ origins: [SettingOrigin]) -> EffectiveSetting {
    let texts = values.map { text(setting, $0) }
    return EffectiveSetting(setting: setting, values: texts, origins: origins, isHidden: texts != values)
  }

  private static let notShown = "(not shown)"

  private static func text(_ setting: Setting, _ value: String) -> String {
    switch setting.name {
    case Setting.password.name, Setting.token.name: return notShown
    case Setting.notify.name: return (try? NotifyTarget(value))?.hiding(value) ?? notShown
    default: return urls(value)
    }
  }

  /// Without those who sign in. A comma in a password should not be there; where it is, nothing is shown.
  private static func urls(_ value: String) -> String {
    let pieces = value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let isTorn = value.contains("://") && pieces.dropFirst().contains { $0.contains("@") && !$0.contains("://") }
    return isTorn ? notShown : pieces.map { UserInfo.removed(from: $0) }.joined(separator: ",")
  }
}

extension NotifyTarget {
  /// The text itself where nothing of it is secret.
  fileprivate func hiding(_ text: String) -> String {
    text == shown || text == shown + "/" ? text : shown + "/…"
  }
}

extension Setting {
  /// Whether what several places say is put together, as of lists; several servers are one value.
  var addsUp: Bool {
    if case .list = kind { name != Setting.server.name } else { false }
  }
}
