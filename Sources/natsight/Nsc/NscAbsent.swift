/// Commands of today's nsc that are not here, and what to do instead.
enum NscAbsent {
  private static let commands: [(words: [String], instead: String)] = [
    (["tool", "pub"], "use `natsight pub --creds FILE`"), (["tool", "sub"], "use `natsight sub --creds FILE`"),
    (["tool", "req"], "use `natsight req --creds FILE`"), (["tool", "reply"], "use `nats reply --creds FILE`"),
    (["tool", "rtt"], "use `nats rtt --creds FILE`"), (["tool"], "use `natsight pub`, `sub` and `req` with --creds"),
    (["rename"], "export the account's keys, add it under its new name with `--public-key`, and push it"),
    (["migrate"], "use `nsc import account --file FILE --force`, and `nsc import keys`"),
    (["fix"], "use `nsc import keys`, `nsc import account` and `nsc import user`"),
    (["restore"], "copy the store and the keystore back, or use `nsc import keys`"), (["load"], "use `nsc add operator -u URL`"),
    (["keys", "migrate"], "a keystore of the old form is read as it is and needs no migration"),
    (["keys"], "use `nsc list keys`, `nsc export keys` and `nsc import keys`"),
    (["edit", "authcallout"], "the embedded broker has no auth callout; set it with nsc for a nats-server"),
    (["generate", "profile"], "give the nats command a creds file of `nsc generate creds`"),
    (["generate", "context"], "use `nats context save NAME --creds FILE`"), (["generate", "diagram"], "use `nsc describe account`"),
    (["upgrade-jwt"], "tokens of the first version are read, and written anew in the second one by any edit"),
    (["completion"], "use `natsight --generate-completion-script bash`"), (["update"], "natsight is updated as it was installed"),
    (["test"], "use `nsc validate`"),
  ]

  /// Nil for a command that is here, and for one that nobody has.
  static func sentence(_ arguments: [String]) -> String? {
    guard let found = commands.first(where: { arguments.starts(with: $0.words) }) else { return nil }
    return "`nsc \(found.words.joined(separator: " "))` is not available here: \(found.instead)"
  }
}
