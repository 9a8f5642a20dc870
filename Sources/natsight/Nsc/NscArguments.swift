/// Where nsc's own flag rules differ from the parser's.
enum NscArguments {
  /// Flags that take a value behind `=` or stand alone, and what they mean alone.
  private static let optional = [
    "--allow-pub-response": "1", "--bearer": "true", "--disallow-bearer": "true", "--wildcard-exports": "true",
    "--require-signing-keys": "true", "--share": "true", "--allow-trace": "true", "--js-max-bytes-required": "true", "--advertise": "true",
    "--private": "true", "--service": "true", "--revoke": "true",
  ]

  /// Flags that stand alone here; there each may also say `=true` or `=false`.
  private static let plain: Set<String> = [
    "--all", "--all-accounts", "--convert-to-signing-key", "--creds", "--curve", "--diff", "--disable", "--force", "--generate-signing-key",
    "--interactive", "--js-disable", "--json", "--long-ids", "--mem-resolver", "--nats-resolver", "--nats-resolver-cache", "--OK",
    "--overwrite", "--overwrite-newer", "--prune", "--push", "--raw", "--recurse", "--remove", "--rm-account-jwt-server-url", "--rm-creds",
    "--rm-curve", "--rm-latency-sampling", "--rm-nkey", "--rm-response-perms", "--show-seeds", "--skip", "--sys", "--store", "--tls-first",
  ]

  /// Short letters with the same rule, by the words of the command that has them.
  private static let letters: [(words: [[String]], letter: String, flag: String)] = [
    ([["add", "export"], ["create", "export"], ["edit", "export"]], "-p", "--private"),
    ([["add", "export"], ["create", "export"], ["edit", "export"]], "-r", "--service"),
    ([["delete", "account"]], "-R", "--revoke"),
  ]

  /// Flags of every command, and whether a value follows.
  private static let global: [String: Bool] = [
    "-H": true, "--all-dirs": true, "--config-dir": true, "--data-dir": true, "--keystore-dir": true, "-K": true, "--private-key": true,
    "-i": false, "--interactive": false,
  ]

  /// Flags of every command of a group.
  private static let ofGroups: [String: [String: Bool]] = [
    "describe": ["-J": false, "--json": false, "-R": false, "--raw": false, "-W": false, "--long-ids": false, "-F": true, "--field": true],
    "list": ["-J": false, "--json": false],
    "tool": [
      "--nats": true, "--ca-cert": true, "--client-cert": true, "--client-key": true, "--tls-curves": true,
      "--tls-first": false,
    ],
  ]

  /// The words of the command first: what belongs to every command, or to every one of a group, may also stand in front of it.
  static func commandFirst(_ arguments: [String]) -> [String] {
    if arguments == ["-v"] { return ["--version"] }
    var rest = arguments[...]
    var moved = takeFlags(global, off: &rest)
    guard let group = rest.popFirst() else { return arguments }
    let flags = global.merging(ofGroups[group] ?? [:]) { $1 }
    if ofGroups[group] != nil { moved += takeFlags(flags, off: &rest) }
    return [group] + rest + moved
  }

  private static func takeFlags(_ flags: [String: Bool], off rest: inout ArraySlice<String>) -> [String] {
    var taken: [String] = []
    while let first = rest.first, let takesValue = flags[String(first.prefix { $0 != "=" })] {
      let count = takesValue && !first.contains("=") ? 2 : 1
      taken += rest.prefix(count)
      rest = rest.dropFirst(count)
    }
    return taken
  }

  static func normalised(_ arguments: [String]) -> [String] {
    let words = Array(arguments.prefix(2))
    let isUserDeletion = words == ["delete", "user"]
    return arguments.compactMap { argument in
      if argument == "--no-revoke" { return "--revoke=false" }
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let letter = letters.first { $0.letter == parts[0] && $0.words.contains(words) }?.flag
      let name = letter ?? parts[0]
      // Of a user the revocation is a plain flag.
      if isUserDeletion, name == "--revoke" || name == "-R" { return parts.last == "false" ? nil : "--revoke" }
      if let alone = optional[name] { return "\(name)=\(parts.count > 1 ? parts[1] : alone)" }
      guard parts.count == 2, plain.contains(name), parts[1] == "true" || parts[1] == "false" else { return argument }
      // `--store DIR` of env has a value of its own.
      if name == "--store" && words.first == "env" { return argument }
      return parts[1] == "true" ? name : nil
    }
  }
}
