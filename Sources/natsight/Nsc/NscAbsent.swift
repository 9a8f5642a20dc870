/// Commands of nsc that are not here, and what to do instead.
enum NscAbsent {
  private static let commands: [(words: [String], instead: String)] = [
    (["restore"], "copy the store and the keystore back, or build them anew with `nsc fix --in DIR --out DIR`"),
    (["load"], "it sets up an account of a service on the internet; use `nsc add operator -u URL`, `nsc add account` and `nsc push`"),
    (["generate", "diagram"], "use `nsc describe account`, which lists exports and imports"),
    (["completion", "powershell"], "use `nsc completion bash`, `zsh` or `fish`"), (["update"], "natsight is updated as it was installed"),
    (["test"], "use `nsc validate -A` to check a store, and `nsc --help` for the flags"),
  ]

  /// Nil for a command that is here, and for one that nobody has.
  static func sentence(_ arguments: [String]) -> String? {
    // Nor has it a help: another's would be taken for its own.
    let words = arguments.first == "help" ? Array(arguments.dropFirst()) : arguments
    guard let found = commands.first(where: { words.starts(with: $0.words) }) else { return nil }
    return "`nsc \(found.words.joined(separator: " "))` is not available here: \(found.instead)"
  }
}
