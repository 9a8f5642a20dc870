/// Rows of `NscFlagTests` for what moves, profiles, tools and TLS.
extension NscRow {
  static let others: [NscRow] =
    moves + callout + profiles + tools + transport("push", "-u nats://127.0.0.1:1") + transport("pull", "-A -u nats://127.0.0.1:1") + [
      NscRow("upgrade-jwt", ("", .says("already upgraded to version 2"))), NscRow("keys migrate", ("", .says("does not need migration"))),
      NscRow("completion", with: "fish", ("--no-descriptions", .says("complete -c 'nsc'"))),
      NscRow("delete account", with: "B --revoke=false", ("", .noFile("B.jwt"))),
    ]

  private static let moves: [NscRow] = [
    NscRow("rename account", with: "B C", ("", .refuses("then give --OK"))),
    NscRow("rename account", with: "A C", ("--OK", .noFile("accounts/A/A.jwt")), ("", .then("list users -a C", "%u"))),
    NscRow("migrate", ("--url nosuch.jwt", .refuses("nosuch.jwt: no such file or directory"))),
    NscRow("migrate", before: written, movesFolders: true, ("--url X.jwt", .claim("account X", "iss", #""%O""#))),
    NscRow(
      "migrate", before: written + ["import keys --dir out"], movesFolders: true,
      ("--operator-dir other/P", .claim("account X", "iss", #""%O""#))),
    // Dated later than X.jwt, which takes the place of it all the same.
    NscRow(
      "migrate", with: "--url X.jwt", before: written + ["migrate --url X.jwt", "next second", "edit account X --tag x"],
      movesFolders: true, ("--force", .says(#"migrated "X""#)), ("--overwrite-newer", .claim("account X", "nats/tags", "null"))),
    NscRow(
      "fix",
      before: ["export keys --dir in", "describe operator -R -o in/o.jwt", "describe account A -R -o in/a.jwt"]
        + ["generate creds u -o in/u.creds"],
      ("--in in", .says("stored 1 accounts")), ("--out fixed", .file("fixed/operators/O/accounts/A/A.jwt", "ey")),
      ("--creds", .file("fixed/keys/creds/O/A/u.creds", "BEGIN NATS USER JWT"))),
  ]

  /// `X.jwt`: an account of another operator, whose keys are here.
  private static let written = [
    "add operator P --all-dirs other", "add account X --all-dirs other", "describe account X --raw --output-file X.jwt --all-dirs other",
    "export keys --dir out --all-dirs other", "import keys --dir out",
  ]

  private static let callout: [NscRow] = [
    NscRow(
      "edit authcallout", before: ["edit authcallout -a B --auth-user %u --allowed-account %S"],
      ("--account B", .says(#"edited auth callout of account "B""#)),
      ("--allowed-account A", .claim("account B", "nats/authorization/allowed_accounts", #"["%A"]"#)),
      ("--rm-allowed-account SYS", .claim("account B", "nats/authorization/allowed_accounts", #"["%A"]"#))),
    NscRow(
      "edit authcallout", before: ["add user w", "edit authcallout -a A --auth-user w"],
      ("--auth-user u", .claim("account A", "nats/authorization/auth_users", #"["%u"]"#)),
      ("--rm-auth-user w", .claim("account A", "nats/authorization/auth_users", #"["%u"]"#))),
    NscRow("edit authcallout", with: "--auth-user u", ("--curve generate", .says(#"set curve key X"#))),
    NscRow(
      "edit authcallout", before: ["edit authcallout -a A --auth-user u --curve generate"],
      ("--rm-curve", .claim("account A", "nats/authorization/xkey", "null"))),
    NscRow(
      "edit authcallout", before: ["edit authcallout -a A --auth-user u"],
      ("--disable", .claim("account A", "nats/authorization", "{}"))),
  ]

  private static let profiles: [NscRow] = [
    NscRow("generate profile", with: "nsc://O/A/u?userKey", ("--output-file p.json", .file("p.json", #""id": "%u""#))),
    NscRow("generate context", with: "--context c", ("--user NOPE", .refuses(#"user "NOPE" not found"#))),
    NscRow(
      "generate context", before: ["select account B"], ("--account A", .file(".config/nats/context/c.json", "nsc://O/A/u")),
      ("--user u", .says("wrote nats cli context file")), ("--context c", .file(".config/nats/context/c.json", "u.creds"))),
  ]

  /// All speak through one session: how it is opened is driven with the first of them, that the others take the same flags with one row each.
  private static let tools: [NscRow] =
    [
      NscRow("tool pub", with: "subject", ("--account NOPE", .refuses(#"account "NOPE" not found"#))),
      NscRow("tool pub", with: "subject", ("--user NOPE", .refuses(#"user "NOPE" not found"#))),
      NscRow("tool pub", with: "subject", ("--nats nats://127.0.0.1:1", .refuses("cannot connect to nats://127.0.0.1:1"))),
    ] + transport("tool pub", "subject --nats nats://127.0.0.1:1")
    + ["tool req subject", "tool sub subject", "tool reply subject", "tool rtt"].map { line in
      let words = line.split(separator: " ").map(String.init)
      return NscRow(
        words[0] + " " + words[1], with: words.dropFirst(2).joined(separator: " "),
        ("--account A --user u --nats nats://127.0.0.1:1 --tls-first", .refuses("nosuch.pem")),
        ("--ca-cert nosuch.pem --client-cert nosuch.pem --client-key nosuch.pem --tls-curves P256", .refuses("nosuch.pem")))
    }
    + ["tool sub", "tool reply"].map {
      NscRow(
        $0, with: "subject", ("--max-messages 0", .refuses("must be greater than zero")),
        ("--queue q", .refuses("must be greater than zero"))
      )
    }

  /// Files that are not there are named before anything is connected.
  static func transport(_ command: String, _ words: String) -> [NscRow] {
    [
      NscRow(command, with: words, ("--ca-cert nosuch.pem", .refuses("nosuch.pem"))),
      NscRow(command, with: words, ("--client-cert nosuch.pem", .refuses("nosuch.pem")), ("--client-key k.pem", .refuses("nosuch.pem"))),
      NscRow(command, with: words, ("--tls-first", .refuses("127.0.0.1:1"))),
      NscRow(command, with: words, ("--tls-curves P256,P999", .refuses(#"unknown TLS curve "P999" (accepted: P256, P384, P521, X25519)"#))),
    ]
  }
}
