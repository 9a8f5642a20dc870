import Glibc
import Identity
import Wire

/// `serve --config FILE`: the flags of `serve`, written in the NATS configuration language. What the command line says goes before
/// what the file says; lists add up.
enum ServeConfigurationFile {
  /// How a key's value becomes arguments.
  enum Kind { case value, list, flag, switchable }

  /// Every flag of `serve`, under its long name. `_` and `-` are alike in a file.
  static let keys: [String: Kind] = [
    "listen": .list, "server": .list, "context": .value, "creds": .value, "nkey": .value, "user": .value, "password": .value,
    "token": .value, "token-file": .value, "tls-ca": .value, "tls-cert": .value, "tls-key": .value, "tls-first": .flag,
    "broker-config": .value, "broker-listen": .value, "access": .value, "allow-host": .list, "allow-unauthenticated": .flag,
    "cors-origin": .list, "max-concurrent": .value, "requests-per-second": .value, "http-tls-cert": .value, "http-tls-key": .value,
    "http-client-ca": .value, "http-base-path": .value, "sys-req-prefix": .value, "timeout": .value, "max-timeout": .value,
    "max-age": .value, "max-rows": .value, "probe": .value, "forget-after": .value, "retire": .list, "expect": .list,
    "state-dir": .value, "findings": .list, "coalesce": .switchable, "log-level": .value, "log-format": .value,
  ]

  /// Puts what a configuration file says into the arguments of `serve`; other commands' arguments stay as they are.
  ///
  /// - Throws: A sentence with the place of what is wrong in the file.
  static func expand(_ arguments: [String]) throws(CommandFailure) -> [String] {
    guard arguments.first == "serve" else { return arguments }
    var rest = Array(arguments.dropFirst())
    guard let file = takeFile(&rest) else { return arguments }
    return ["serve"] + (try read(file, given: rest)) + rest
  }

  private static func takeFile(_ arguments: inout [String]) -> String? {
    for (index, argument) in arguments.enumerated() {
      if argument == "--config", index + 1 < arguments.count {
        defer { arguments.removeSubrange(index...index + 1) }
        return arguments[index + 1]
      }
      if argument.hasPrefix("--config=") {
        arguments.remove(at: index)
        return String(argument.dropFirst("--config=".count))
      }
    }
    return nil
  }

  private static func read(_ file: String, given: [String]) throws(CommandFailure) -> [String] {
    do {
      let sources = ConfigurationSources(
        readFile: { try FileAccess.read($0) }, environment: { name in getenv(name).map { String(cString: $0) } })
      let root = try ConfigurationDocument(parsing: try FileAccess.read(file), file: file, sources: sources).root
      var arguments: [String] = []
      for entry in root.entries where !entry.isVariable { arguments += try self.arguments(entry, given: given) }
      return arguments
    } catch {
      throw CommandFailure("\(error)")
    }
  }

  private static func arguments(_ entry: ConfigurationEntry, given: [String]) throws(ConfigurationError) -> [String] {
    let name = String(entry.key.lowercased().map { $0 == "_" ? "-" : $0 })
    guard let kind = keys[name] else {
      throw ConfigurationError(
        "unknown field \"\(entry.key)\"; known: \(keys.keys.sorted().joined(separator: ", "))", at: entry.position)
    }
    switch kind {
    case .flag: return try entry.value.boolean(entry.key) ? ["--\(name)"] : []
    case .switchable: return [try entry.value.boolean(entry.key) ? "--\(name)" : "--no-\(name)"]
    case .list:
      let texts = try entry.value.strings(entry.key)
      // Several servers are one value of their flag.
      return name == "server" ? ["--server", texts.joined(separator: ",")] : texts.flatMap { ["--\(name)", $0] }
    case .value: return ["--\(name)", try text(entry)]
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
