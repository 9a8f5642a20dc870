import Glibc
import Identity
import Wire

/// Where files lie: today's places, those of November 2019 to 2021, or those of the first tutorials (June 2019).
public enum NSCLayout: String, Sendable, CaseIterable {
  case current
  case legacy = "2019"
  case tutorial
}

/// What the tool takes from the process around it, so that tests can run it in a home of their own.
public struct NSCEnvironment: Sendable {
  public var home: String
  public var directory: String
  public var variable: @Sendable (String) -> String?
  /// Unix seconds.
  public var now: @Sendable () -> Int64
  /// Flags that override the places.
  public var configDirectory: String?
  public var dataDirectory: String?
  public var keystoreDirectory: String?
  /// Whether standard error is a terminal, which is what bold rows need.
  public var isTerminal = false

  public init(
    home: String, directory: String, variable: @escaping @Sendable (String) -> String? = { _ in nil },
    now: @escaping @Sendable () -> Int64 = { Int64(time(nil)) }
  ) {
    self.home = home
    self.directory = directory
    self.variable = variable
    self.now = now
  }

  /// This process's own.
  public static func process() -> NSCEnvironment {
    let variable: @Sendable (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
    var buffer = [CChar](repeating: 0, count: 4096)
    let directory =
      getcwd(&buffer, buffer.count) == nil ? "." : String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    var environment = NSCEnvironment(home: variable("HOME") ?? "/", directory: directory, variable: variable)
    environment.isTerminal = isatty(2) == 1
    return environment
  }

  private func nonEmpty(_ name: String) -> String? { variable(name).flatMap { $0.isEmpty ? nil : $0 } }

  private var configHome: String { nonEmpty("XDG_CONFIG_HOME") ?? home + "/.config" }
  private var dataHome: String { nonEmpty("XDG_DATA_HOME") ?? home + "/.local/share" }

  /// The layout in use: `NSC_LAYOUT` decides; without it what exists does, and a new home gets today's.
  public var layout: NSCLayout {
    if let name = nonEmpty("NSC_LAYOUT"), let layout = NSCLayout(rawValue: name.lowercased()) { return layout }
    if FileAccess.exists(configHome + "/nats/nsc/nsc.json") || FileAccess.exists(dataHome + "/nats/nsc/stores") { return .current }
    guard FileAccess.exists(home + "/.nsc/nsc.json") || FileAccess.exists(home + "/.nsc/nats") else { return .current }
    if FileAccess.exists(home + "/.nkeys/keys") { return .legacy }
    let operators = (try? FileAccess.list(home + "/.nkeys")) ?? []
    return operators.contains { FileAccess.exists("\(home)/.nkeys/\($0)/\($0).nk") } ? .tutorial : .legacy
  }

  /// - Throws: That NSC_LAYOUT names no layout: files would otherwise lie where nobody looks for them.
  func checkLayout() throws(NSCError) {
    guard let name = nonEmpty("NSC_LAYOUT"), NSCLayout(rawValue: name.lowercased()) == nil else { return }
    let known = NSCLayout.allCases.map(\.rawValue)
    throw NSCError("NSC_LAYOUT is \"\(name)\"\(NearestWord.hint(name, in: known)); known: \(known.joined(separator: ", "))")
  }

  /// Folder of `nsc.json`.
  public var configPath: String {
    if let configDirectory { return absolute(configDirectory) }
    if let old = nonEmpty("NSC_HOME") { return absolute(old) }
    return layout == .current ? configHome + "/nats/nsc" : home + "/.nsc"
  }

  /// Where the `nats` command keeps its contexts.
  var natsConfigurationPath: String { configHome + "/nats" }

  /// Where stores lie unless `nsc.json` says otherwise.
  public var defaultStoresPath: String { layout == .current ? dataHome + "/nats/nsc/stores" : home + "/.nsc/nats" }

  /// Folder of keys and creds.
  public var keysPath: String {
    if let keystoreDirectory { return absolute(keystoreDirectory) }
    if let old = nonEmpty("NKEYS_PATH") { return absolute(old) }
    return layout == .current ? dataHome + "/nats/nsc/keys" : home + "/.nkeys"
  }

  /// The path made absolute; `~` stands for the home.
  public func absolute(_ path: String) -> String {
    if path == "~" { return home }
    if path.hasPrefix("~/") { return home + path.dropFirst(1) }
    return path.hasPrefix("/") ? path : directory + "/" + path
  }

  /// The path as it is shown: `~` for the home.
  public func shown(_ path: String) -> String {
    path.hasPrefix(home + "/") && home.utf8.count > 1 ? "~" + path.dropFirst(home.count) : path
  }
}

/// A refusal, shown as `Error: …`.
public struct NSCError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
