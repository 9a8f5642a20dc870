import FoundationEssentials

/// The rows of `NscFlagTests`. Each value is one that no other flag of its row has, so that two flags that were exchanged show.
extension NscRow {
  static let all = operators + accounts + limits + users + exports + activations + files + keys + exchange + views + NscRow.others

  /// The permission flags of users, signing keys and accounts' defaults, below `at` in the claims of `what`.
  private static func permissions(_ what: String, _ at: String) -> [(String, NscEffect)] {
    [
      ("--allow-pub a1,a2", .claim(what, "\(at)/pub/allow", #"["a1","a2","ab"]"#)),
      ("--allow-sub s1 --allow-sub s2", .claim(what, "\(at)/sub/allow", #"["s1","s2","ab"]"#)),
      ("--allow-pubsub ab", .claim(what, "\(at)/pub/allow/2", #""ab""#)),
      ("--deny-pub d1", .claim(what, "\(at)/pub/deny", #"["d1","db"]"#)),
      ("--deny-sub d2", .claim(what, "\(at)/sub/deny", #"["d2","db"]"#)),
      ("--deny-pubsub db", .claim(what, "\(at)/sub/deny/1", #""db""#)),
      ("--allow-pub-response=7", .claim(what, "\(at)/resp/max", "7")),
      ("--response-ttl 2s", .claim(what, "\(at)/resp/ttl", "2000000000")),
    ]
  }

  /// The limits of users and signing keys.
  private static func limits(_ what: String, _ at: String) -> [(String, NscEffect)] {
    [
      ("--bearer", .claim(what, "\(at)/bearer_token", "true")),
      ("--source-network 10.0.0.0/8,11.0.0.0/8", .claim(what, "\(at)/src", #"["10.0.0.0/8","11.0.0.0/8"]"#)),
      ("--payload 1K", .claim(what, "\(at)/payload", "1000")),
      ("--data 2KiB", .claim(what, "\(at)/data", "2048")),
      ("--subs 3", .claim(what, "\(at)/subs", "3")),
      ("--conn-type websocket,mqtt", .claim(what, "\(at)/allowed_connection_types", #"["WEBSOCKET","MQTT"]"#)),
      ("--time 01:00:00-02:00:00", .claim(what, "\(at)/times", #"[{"start":"01:00:00","end":"02:00:00"}]"#)),
      ("--locale Europe/Paris", .claim(what, "\(at)/times_location", #""Europe/Paris""#)),
    ]
  }

  /// Takes away what the row's `before` gave with ``granting``.
  private static func removals(_ what: String, _ at: String) -> [(String, NscEffect)] {
    [
      ("--rm-source-network 10.0.0.0/8", .claim(what, "\(at)/src", #"["11.0.0.0/8"]"#)),
      ("--rm-conn-type mqtt", .claim(what, "\(at)/allowed_connection_types", #"["WEBSOCKET"]"#)),
      ("--rm-time 03:00:00", .claim(what, "\(at)/times", #"[{"start":"01:00:00","end":"02:00:00"}]"#)),
      ("--bearer=false", .claim(what, "\(at)/bearer_token", "null")),
    ]
  }
  private static let granting =
    "--source-network 10.0.0.0/8,11.0.0.0/8 --conn-type WEBSOCKET,MQTT --bearer --time 01:00:00-02:00:00,03:00:00-04:00:00"

  private static func validity(_ what: String) -> [(String, NscEffect)] {
    [("--expiry 2040-02-03", .claim(what, "exp", "2211840000")), ("--start 2030-01-01", .claim(what, "nbf", "1893456000"))]
  }

  private static let operators: [NscRow] = [
    NscRow(
      "init", isFresh: true, ("--name N", .then("list operators -J", #""name": "N""#)), ("--dir own", .file("own/N/accounts/N/N.jwt", ""))),
    NscRow("init", before: foreignOperator, isFresh: true, ("--url P.jwt", .then("list operators -J", #""name": "P""#))),
    NscRow("init", before: foreignOperator, isFresh: true, ("--remote-operator P.jwt", .says(#"imported operator "P""#))),
    NscRow("init", isFresh: true, ("--all-dirs moved", .file("moved/nats/nats.jwt", "")), ("", .file("moved/nsc.json", "moved"))),
    NscRow(
      "init", isFresh: true, ("--config-dir c", .file("c/nsc.json", "")), ("--data-dir d", .file("d/nats/nats.jwt", "")),
      ("--keystore-dir k", .file("k/creds/nats/SYS/sys.creds", ""))),
    NscRow(
      "add operator",
      [("--name X", .then("describe operator X", "X")), ("--sys", .then("list users -o X -a SYS -J", #""name": "sys""#))]
        + [("--generate-signing-key", .says("created operator signing key: O"))] + validity("operator X")),
    NscRow("add operator", with: "X", before: foreignKey, movesFolders: true, ("--private-key seed.nk", .says(#"operator key "O"#))),
    NscRow("add operator", before: foreignOperator, movesFolders: true, ("--url P.jwt", .says(#"imported operator "P""#))),
    NscRow(
      "add operator", with: "--url P.jwt", before: foreignOperator + ["add operator --url P.jwt"], movesFolders: true,
      ("--force", .says(#"imported operator "P""#))),
    NscRow(
      "edit operator", before: ["edit operator --tag old --service-url nats://old:1"],
      [
        ("--name O", .says(#"edited operator "O""#)),
        ("--account-jwt-server-url http://x/jwt/v1", .claim("operator", "nats/account_server_url", #""http://x/jwt/v1""#)),
        ("--service-url nats://x:1,nats://y:2", .claim("operator", "nats/operator_service_urls", #"["nats://x:1","nats://y:2"]"#)),
        ("--rm-service-url nats://old:1", .claim("operator", "nats/operator_service_urls", #"["nats://x:1","nats://y:2"]"#)),
        ("--system-account B", .claim("operator", "nats/system_account", #""%B""#)),
        ("--sk generate", .says(#"added signing key "O"#)),
        ("--require-signing-keys", .claim("operator", "nats/strict_signing_key_usage", "true")),
        ("--tag new", .claim("operator", "nats/tags", #"["new"]"#)), ("--rm-tag old", .claim("operator", "nats/tags", #"["new"]"#)),
      ] + validity("operator")),
    NscRow("edit operator", with: "--tag x", ("--name NOPE", .refuses(#"operator "NOPE" not in"#))),
    NscRow(
      "edit operator", before: ["edit operator --account-jwt-server-url http://x"],
      ("--rm-account-jwt-server-url", .claim("operator", "nats/account_server_url", "null"))),
    NscRow("edit operator", ("--rm-sk %A", .says(#"signing key "%A" was not there"#))),
    NscRow(
      "reissue operator", ("--name O", .says(#"operator "O" successfully changed identity"#)),
      ("--convert-to-signing-key", .claim("operator", "nats/signing_keys", #"["%O"]"#))),
    NscRow("select operator", with: "O", before: ["add operator Z"], ("", .then("env", "O"))),
    NscRow("select account", with: "B", ("", .then("env", "| B "))),
    NscRow(
      "env", before: ["add operator Z"], ("--operator O", .says("| O ")), ("--account B", .then("list users -J", "[]"))),
    NscRow("env", movesFolders: true, ("--store elsewhere", .file(".config/nats/nsc/nsc.json", "/elsewhere"))),
  ]

  /// `P.jwt`: the token of an operator that is not in the home.
  private static let foreignOperator = [
    "add operator P --all-dirs other", "describe operator P --raw --output-file P.jwt --all-dirs other",
  ]
  /// `seed.nk`: the seed of an operator that is not in the home.
  private static let foreignKey = ["add operator P --all-dirs other", "seed other"]

  private static let accounts: [NscRow] = [
    NscRow(
      "add account",
      [("--name X", .claim("account X", "name", #""X""#))] + permissions("account X", "nats/default_permissions")
        + validity("account X")),
    NscRow("add account", with: "X", ("--public-key %B", .claim("account X", "sub", #""%B""#))),
    NscRow(
      "edit account", before: ["edit account A --tag old --allow-pub gone"],
      [
        ("--name A", .says(#"edited account "A""#)), ("--conns 11", .claim("account A", "nats/limits/conn", "11")),
        ("--leaf-conns 12", .claim("account A", "nats/limits/leaf", "12")),
        ("--data 13K", .claim("account A", "nats/limits/data", "13000")),
        ("--exports 14", .claim("account A", "nats/limits/exports", "14")),
        ("--imports 15", .claim("account A", "nats/limits/imports", "15")),
        ("--payload 16KiB", .claim("account A", "nats/limits/payload", "16384")),
        ("--subscriptions 17", .claim("account A", "nats/limits/subs", "17")),
        ("--wildcard-exports=false", .claim("account A", "nats/limits/wildcards", "null")),
        ("--disallow-bearer", .claim("account A", "nats/limits/disallow_bearer", "true")),
        ("--rm gone", .claim("account A", "nats/default_permissions/pub/allow", #"["a1","a2","ab"]"#)),
        ("--description d", .claim("account A", "nats/description", #""d""#)),
        ("--info-url http://i", .claim("account A", "nats/info_url", #""http://i""#)),
        ("--trace-context-subject t", .claim("account A", "nats/trace/dest", #""t""#)),
        ("--trace-context-sampling 18", .claim("account A", "nats/trace/sampling", "18")),
        ("--tag new,More", .claim("account A", "nats/tags", #"["new","more"]"#)),
        ("--rm-tag old", .claim("account A", "nats/tags", #"["new","more"]"#)),
      ] + permissions("account A", "nats/default_permissions") + validity("account A")),
    NscRow("add account", with: "X", ("--max-responses 6", .claim("account X", "nats/default_permissions/resp/max", "6"))),
    NscRow("edit account", ("--max-responses 6", .claim("account A", "nats/default_permissions/resp/max", "6"))),
    NscRow(
      "edit signing-key", with: "--sk generate --role r",
      ("--max-responses 6", .claim("account A", "nats/signing_keys/0/template/resp/max", "6"))),
    NscRow("edit account", ("--conns -1", .says("changed max connections to -1"))),
    NscRow("edit account", ("--name B --tag x", .claim("account B", "nats/tags", #"["x"]"#))),
    NscRow("edit account", ("--sk generate", .says(#"added signing key "A"#))),
    NscRow("edit account", before: ["edit account A --sk %B"], ("--rm-sk %B", .claim("account A", "nats/signing_keys", "null"))),
    NscRow(
      "edit account", before: ["edit account A --allow-pub-response=2"],
      ("--rm-response-perms", .claim("account A", "nats/default_permissions/resp", "null"))),
    NscRow(
      "edit account", ("--js-enable 0", .claim("account A", "nats/limits/consumer", "23")),
      ("--js-mem-storage 20K", .claim("account A", "nats/limits/mem_storage", "20000")),
      ("--js-disk-storage 21K", .claim("account A", "nats/limits/disk_storage", "21000")),
      ("--js-streams 22", .claim("account A", "nats/limits/streams", "22")),
      ("--js-consumer 23", .claim("account A", "nats/limits/consumer", "23")),
      ("--js-max-ack-pending 24", .claim("account A", "nats/limits/max_ack_pending", "24")),
      ("--js-max-mem-stream 25", .claim("account A", "nats/limits/mem_max_stream_bytes", "25")),
      ("--js-max-disk-stream 26", .claim("account A", "nats/limits/disk_max_stream_bytes", "26")),
      ("--js-max-bytes-required", .claim("account A", "nats/limits/max_bytes_required", "true"))),
    NscRow("edit account", ("--js-enable 3", .claim("account A", "nats/limits/tiered_limits/R3/streams", "-1"))),
    NscRow(
      "edit account", with: "--js-streams 5", before: ["edit account A --js-enable 1", "edit account A --js-enable 3"],
      ("--js-tier R3", .claim("account A", "nats/limits/tiered_limits/R3/streams", "5"))),
    NscRow(
      "edit account", before: ["edit account A --js-enable 1", "edit account A --js-enable 3"],
      ("--rm-js-tier 1", .claim("account A", "nats/limits/tiered_limits/R1", "null"))),
    NscRow(
      "edit account", before: ["edit account A --js-enable 1"],
      ("--js-disable", .claim("account A", "nats/limits/tiered_limits", "null"))),
    NscRow("delete account", ("--name B", .noFile("B.jwt")), ("--rm-nkey", .noFile("%B.nk"))),
    NscRow("delete account", ("--name A", .noFile("A.jwt")), ("--rm-creds", .noFile("u.creds"))),
    NscRow("delete account", with: "B", ("--revoke", .accepted)),
    NscRow("delete account", with: "B", ("--no-revoke", .accepted)),
    NscRow("delete account", ("SYS", .refuses("use --force"))),
    NscRow("delete account", with: "SYS", ("--force", .noFile("SYS.jwt"))),
    NscRow(
      "add mapping", ("--from m1", .claim("account B", "nats/mappings/m1/0/subject", #""m2""#)),
      ("--to m2", .claim("account B", "nats/mappings/m1/0/subject", #""m2""#)),
      ("--weight 40", .claim("account B", "nats/mappings/m1/0/weight", "40")),
      ("--cluster C", .claim("account B", "nats/mappings/m1/0/cluster", #""C""#)), ("--account B", .says("added mapping m1 -> m2"))),
    NscRow(
      "delete mapping", before: mappings, ("--from m1", .says("deleted mapping m1 -> m2")),
      ("--to m2", .claim("account B", "nats/mappings/m1/0/subject", #""m3""#)), ("--account B", .says("m1"))),
    NscRow("delete mapping", with: "--account B", before: mappings, ("--from m1", .claim("account B", "nats/mappings", "null"))),
    NscRow(
      "delete mapping", with: "--account B --from m1 --to m2", before: mappings + ["add mapping -a B --from m1 --to m2 --cluster C"],
      ("--cluster C", .claim("account B", "nats/mappings/m1/2", "null"))),
    NscRow(
      "delete mapping", with: "--account B --from m1", before: mappings, ("--cluster D", .says("mapping m1 in cluster D was not there"))),
  ]

  private static let mappings = [
    "add mapping -a B --from m1 --to m2 --weight 10", "add mapping -a B --from m1 --to m3 --weight 20",
  ]

  private static let limits: [NscRow] = [
    NscRow(
      "edit signing-key",
      [
        ("--account B", .claim("account B", "nats/signing_keys/0/role", #""r""#)),
        ("--sk generate", .claim("account B", "nats/signing_keys/0/kind", #""user_scope""#)),
        ("--role r", .claim("account B", "nats/signing_keys/0/role", #""r""#)),
        ("--description d", .claim("account B", "nats/signing_keys/0/description", #""d""#)),
      ] + permissions("account B", "nats/signing_keys/0/template") + limits("account B", "nats/signing_keys/0/template")),
    NscRow(
      "edit signing-key", with: "--sk r",
      before: ["edit signing-key --sk generate --role r --allow-pub a,b --allow-pub-response \(granting)"],
      [
        ("--rm a", .claim("account A", "nats/signing_keys/0/template/pub/allow", #"["b"]"#)),
        ("--rm-response-perms", .claim("account A", "nats/signing_keys/0/template/resp", "null")),
      ] + removals("account A", "nats/signing_keys/0/template")),
  ]

  private static let users: [NscRow] = [
    NscRow(
      "add user",
      [
        ("--name x", .claim("user x -a B", "name", #""x""#)), ("--account B", .claim("user x -a B", "iss", #""%B""#)),
        ("--tag new,more", .claim("user x -a B", "nats/tags", #"["new","more"]"#)),
      ] + permissions("user x -a B", "nats") + limits("user x -a B", "nats") + validity("user x -a B")),
    NscRow("add user", with: "x", ("--max-responses 6", .claim("user x", "nats/resp/max", "6"))),
    NscRow("edit user", with: "u", ("--max-responses 6", .claim("user u", "nats/resp/max", "6"))),
    NscRow("add user", with: "x", ("--public-key %u", .claim("user x", "sub", #""%u""#))),
    NscRow("add user", with: "x", ("--private-key %B", .refuses("does not sign for account"))),
    NscRow(
      "add user", with: "x", before: ["edit account A --sk generate", "edit signing-key --sk generate --role r"],
      ("--private-key r", .claim("user x", "nats/issuer_account", #""%A""#))),
    // Taking away from nothing: accepted, as by the original.
    NscRow(
      "add user", with: "x", ("--rm-conn-type mqtt", .says("removed connection type MQTT")),
      ("--rm-time 01:00:00", .says("removed time range starting at 01:00:00")),
      ("--rm-source-network 10.0.0.0/8", .says("removed src network 10.0.0.0/8"))),
    NscRow(
      "edit user", before: ["edit user u -a A --tag old", "select account B"],
      [
        ("--name u", .says(#"edited user "u""#)), ("--account A", .says(#"edited user "u""#)),
        ("--rm first", .claim("user u -a A", "nats/pub/allow/0", #""a1""#)),
        ("--tag new", .claim("user u -a A", "nats/tags", #"["new"]"#)), ("--rm-tag old", .claim("user u -a A", "nats/tags", #"["new"]"#)),
      ] + limits("user u -a A", "nats") + validity("user u -a A")
        + [
          ("--allow-pub a1,a2", .claim("user u -a A", "nats/pub/allow", #"["a1","a2","ab"]"#))
        ] + permissions("user u -a A", "nats").dropFirst()),
    NscRow(
      "edit user", with: "u", before: ["edit user u --allow-pub-response \(granting)"],
      [("--rm-response-perms", .claim("user u", "nats/resp", "null"))] + removals("user u", "nats")),
    NscRow("edit user", with: "--tag x", ("--name NOPE", .refuses(#"user "NOPE" not found"#))),
    NscRow(
      "delete user", before: ["select account B"], ("--name u", .noFile("u.jwt")), ("--account A", .says("user u [%u]")),
      ("--revoke", .says("revoked user")), ("--rm-nkey", .noFile("%u.nk")), ("--rm-creds", .noFile("u.creds"))),
    NscRow("delete user", with: "u", ("", .file(".local/share/nats/nsc/keys/creds/O/A/u.creds", "")), ("", .noFile("u.jwt"))),
    NscRow(
      "revocations add-user", before: ["select account B"],
      ("--account A", .claim("account A", "nats/revocations", #"{"%u":1704067200}"#)), ("--name u", .says(#"revoked user "%u""#)),
      ("--at 2024-01-01T00:00:00Z", .claim("account A", "nats/revocations/%u", "1704067200"))),
    NscRow(
      "revocations add-user", with: "--at 1700000000", ("--user-public-key *", .claim("account A", "nats/revocations/*", "1700000000"))),
    NscRow(
      "revocations delete-user", before: ["revocations add_user --name u", "select account B"],
      ("--account A", .claim("account A", "nats/revocations", "null")), ("--name u", .says(#"deleted user revocation for "%u""#))),
    NscRow(
      "revocations delete-user", before: ["revocations add_user --name *"],
      ("--user-public-key *", .claim("account A", "nats/revocations", "null"))),
    NscRow(
      "revocations list-users", before: ["revocations add_user --name u --at 1700000000", "select account B"],
      ("--account A", .says("| %u | 2023-11-14 22:13:20 UTC"))),
  ]

  private static let exports: [NscRow] = [
    NscRow(
      "add export",
      exportFlags(subject: "e.*", service: true)
        + [
          ("--account B", .claim("account B", "nats/exports/0/name", #""n""#)), ("--subject e.*", .says(#"private service export "n""#)),
          ("--private", .claim("account B", "nats/exports/0/token_req", "true")),
          ("--service", .claim("account B", "nats/exports/0/type", #""service""#)),
        ]),
    NscRow("add export", with: "-s e.*", ("--account-token-position 2", .claim("account A", "nats/exports/0/account_token_position", "2"))),
    NscRow(
      "edit export", before: ["add export -a B -s e.* -n old -r"],
      exportFlags(subject: "e.*", service: true)
        + [
          ("--account B", .claim("account B", "nats/exports/0/name", #""n""#)),
          ("--subject e.*", .claim("account B", "nats/exports/0/name", #""n""#)),
          ("--private", .claim("account B", "nats/exports/0/token_req", "true")),
        ]),
    NscRow(
      "edit export", with: "-s e.*", before: ["add export -s e.* -n old"],
      ("--service", .claim("account A", "nats/exports/0/type", #""service""#))),
    NscRow(
      "edit export", with: "-s e.*", before: ["add export -s e.* -n old"],
      ("--account-token-position 2", .claim("account A", "nats/exports/0/account_token_position", "2"))),
    NscRow(
      "edit export", before: ["add export -s e", "add export -s f"],
      ("--subject e --name g", .claim("account A", "nats/exports/0/name", #""g""#))),
    NscRow(
      "edit export", before: ["add export -s e -r --latency l --sampling 5"],
      ("--rm-latency-sampling", .claim("account A", "nats/exports/0/service_latency", "null"))),
    NscRow(
      "delete export", before: ["add export -a B -s e", "add export -a B -s f"], ("--account B", .says("deleted stream export")),
      ("--subject e", .claim("account B", "nats/exports/0/subject", #""f""#))),
    NscRow(
      "add import", with: "--remote-subject e", before: ["add export -a B -s e -r"],
      ("--account A", .claim("account A", "nats/imports/0/account", #""%B""#)),
      ("--name n", .claim("account A", "nats/imports/0/name", #""n""#)),
      ("--src-account B", .claim("account A", "nats/imports/0/account", #""%B""#)),
      ("--local-subject l", .claim("account A", "nats/imports/0/local_subject", #""l""#)),
      ("--service", .claim("account A", "nats/imports/0/type", #""service""#)),
      ("--share", .claim("account A", "nats/imports/0/share", "true"))),
    NscRow("add import", with: "--src-account B", ("--remote-subject q", .claim("account A", "nats/imports/0/subject", #""q""#))),
    NscRow(
      "add import", with: "--src-account B --remote-subject q", ("--allow-trace", .claim("account A", "nats/imports/0/allow_trace", "true"))
    ),
    NscRow(
      "add import", before: ["add export -a B -s e -p", "generate activation -a B -t A -o a.jwt"],
      ("--token a.jwt", .claim("account A", "nats/imports/0/account", #""%B""#))),
    NscRow(
      "delete import", before: imports + ["select account B"], ("--account A", .says(#"deleted stream import "e""#)),
      ("--subject e", .says(#""e""#)), ("--src-account %B", .claim("account A", "nats/imports", "null"))),
    NscRow("delete import", before: imports, ("--subject NOPE", .refuses("no import with that subject"))),
    NscRow("delete import", before: imports, ("--src-account %S", .refuses("no import with that subject"))),
  ]

  private static let imports = ["add export -a B -s e", "add import -a A --src-account B --remote-subject e"]

  private static func exportFlags(subject: String, service: Bool) -> [(String, NscEffect)] {
    [
      ("--name n", .claim("account B", "nats/exports/0/name", #""n""#)),
      ("--response-type chunked", .claim("account B", "nats/exports/0/response_type", #""Chunked""#)),
      ("--response-threshold 3s", .claim("account B", "nats/exports/0/response_threshold", "3000000000")),
      ("--latency l", .claim("account B", "nats/exports/0/service_latency/results", #""l""#)),
      ("--sampling 5", .claim("account B", "nats/exports/0/service_latency/sampling", "5")),
      ("--advertise", .claim("account B", "nats/exports/0/advertise", "true")),
      ("--allow-trace", .claim("account B", "nats/exports/0/allow_trace", "true")),
      ("--description d", .claim("account B", "nats/exports/0/description", #""d""#)),
      ("--info-url http://i", .claim("account B", "nats/exports/0/info_url", #""http://i""#)),
    ]
  }

  private static let twoPrivate = ["add export -a B -s e -p", "add export -a B -s f -p -r"]

  private static let activations: [NscRow] = [
    NscRow(
      "generate activation", before: twoPrivate, ("--account B", .file("act.jwt", "BEGIN NATS ACTIVATION JWT")),
      ("--subject f", .then("describe jwt act.jwt --json", #""subject": "f""#)),
      ("--target-account A", .then("describe jwt act.jwt --json", #""sub": "%A""#)),
      ("--output-file act.jwt", .says("wrote activation token")),
      ("--expiry 2040-02-03", .then("describe jwt act.jwt --json", #""exp": 2211840000"#)),
      ("--start 2030-01-01", .then("describe jwt act.jwt --json", #""nbf": 1893456000"#))),
    NscRow(
      "generate activation", with: "-a B -s f -t A -o act.jwt", before: twoPrivate,
      ("--push", .refuses("operator O doesn't have an account server url configured"))),
    NscRow(
      "revocations add-activation", with: "--service", before: twoPrivate, ("--account B", .says("revoked activation")),
      ("--subject f", .says(#"activation "f""#)),
      ("--target-account A", .claim("account B", "nats/exports/1/revocations/%A", "1700000000")),
      ("--at 1700000000", .claim("account B", "nats/exports/1/revocations", #"{"%A":1700000000}"#))),
    NscRow("revocations add-activation", with: "--account B -t A", before: twoPrivate, ("--service", .says(#"activation "f""#))),
    NscRow("revocations add-activation", with: "--account B -t A", before: twoPrivate, ("--service=false", .says(#"activation "e""#))),
    NscRow(
      "revocations delete-activation", with: "--service", before: twoPrivate + ["revocations add_activation -a B --service -t A"],
      ("--account B", .claim("account B", "nats/exports/1/revocations", "null")), ("--subject f", .says(#"activation "f""#)),
      ("--target-account A", .says("%A"))),
    NscRow(
      "revocations delete-activation", with: "--account B -t A", before: twoPrivate + ["revocations add_activation -a B --service -t A"],
      ("--service", .says(#"activation "f""#))),
    NscRow(
      "revocations list-activations", before: twoPrivate + ["revocations add_activation -a B -t A --at 1700000000"],
      ("--account B", .says("| %A | 2023-11-14 22:13:20 UTC")), ("--subject e", .says("Revoked Accounts for stream e"))),
    NscRow("revocations list-activations", with: "--account B", before: twoPrivate, ("--service", .says("Revoked Accounts for service f"))),
  ]

  private static let files: [NscRow] = [
    NscRow(
      "generate creds", before: ["add user other -a A", "select account B"],
      ("--name u", .then("describe jwt out.creds --json", #""name": "u""#)),
      ("--account A", .file("out.creds", "BEGIN NATS USER JWT")), ("--output-file out.creds", .says("Success!! - generated"))),
    NscRow("generate creds", with: "u", ("--output-file --", .says("BEGIN USER NKEY SEED"))),
    NscRow(
      "generate nkey", ("--operator", .says("\nO")), ("--account", .says("\nA")), ("--user", .says("\nU")), ("--curve", .says("\nX"))),
    NscRow("generate nkey", with: "--user", ("--store", .says("user key stored "))),
    NscRow("generate config", ("--mem-resolver", .says("resolver: MEMORY"))),
    NscRow("generate config", ("--nats-resolver", .says("type: full"))),
    NscRow("generate config", ("--nats-resolver-cache", .says("type: cache"))),
    NscRow(
      "generate config", with: "--mem-resolver", ("--sys-account B", .file("c.conf", "system_account: %B")),
      ("--config-file c.conf", .file("c.conf", "operator: "))),
    NscRow("generate config", with: "--mem-resolver", before: ["folder c"], ("--dir c", .file("c/resolver.conf", "operator: "))),
    NscRow("generate config", with: "--config-file P.jwt", before: ["describe operator -R -o P.jwt"], ("", .refuses("use --force"))),
    NscRow(
      "generate config", with: "--config-file P.jwt", before: ["describe operator -R -o P.jwt"],
      ("--force", .file("P.jwt", "resolver: MEMORY"))),
    NscRow("import account", before: ["describe account B -R -o B.jwt"], ("--file B.jwt", .refuses(#"account "B" already exists"#))),
    NscRow(
      "import account", with: "--file B.jwt", before: ["describe account B -R -o B.jwt"],
      ("--overwrite", .says(#"account "B" was imported"#)),
      ("--skip", .accepted)),
    NscRow(
      "import account", with: "--file B.jwt --overwrite",
      before: ["describe account B -R -o B.jwt", "next second", "edit account B --tag x"],
      ("--overwrite-newer", .claim("account B", "nats/tags", "null"))),
    NscRow("import account", before: foreignAccount, movesFolders: true, ("--file X.jwt", .refuses("issued by another operator"))),
    NscRow(
      "import account", with: "--file X.jwt", before: foreignAccount, movesFolders: true, ("--force", .claim("account X", "iss", #""%O""#))),
    NscRow(
      "import user", before: ["generate creds u -o u.creds", "delete user u", "select account B"],
      ("--file u.creds", .claim("user u -a A", "sub", #""%u""#)), ("--account A", .says(#"user "u" was imported"#))),
    NscRow("import user", with: "--file u.creds", before: ["generate creds u -o u.creds"], ("", .refuses("use --overwrite"))),
    NscRow(
      "import user", with: "--file u.creds", before: ["generate creds u -o u.creds"], ("--overwrite", .says(#"user "u" was imported"#)),
      ("--skip", .accepted)),
    NscRow("import keys", before: ["export keys --dir out --remove"], ("--dir out", .says("%A was added to the keystore"))),
    NscRow(
      "import keys", with: "--dir out", before: ["export keys --dir out/in --remove"], ("--recurse", .says("%A was added to the keystore"))),
    NscRow("import keys", with: "--dir out", before: ["export keys --dir out/in --remove"], ("", .refuses("no keys found"))),
  ]

  private static let foreignAccount = [
    "add operator P --all-dirs other", "add account X --all-dirs other", "describe account X --raw --output-file X.jwt --all-dirs other",
  ]

  /// Which keys a command takes up, by selection flag: what it says and what not.
  private static func selection(_ command: String, _ words: String) -> [NscRow] {
    [
      NscRow(command, with: words, ("--operator", .says("%O")), ("", .keepsSilentOf("%A"))),
      NscRow(command, with: words, ("--accounts", .says("%A")), ("", .keepsSilentOf("%u"))),
      NscRow(command, with: words, ("--users", .says("%u")), ("", .keepsSilentOf("%A"))),
      NscRow(command, with: "\(words) --accounts", ("--account B", .says("%B")), ("", .keepsSilentOf("%A"))),
      NscRow(command, with: "\(words) --users", before: ["add user other -a B"], ("--account B", .keepsSilentOf("%u"))),
      NscRow(command, with: words, before: ["select account B"], ("", .keepsSilentOf("%u")), ("", .says("%O"))),
      NscRow(command, with: "\(words) --users", ("--user u", .says("%u")), ("", .keepsSilentOf("%A"))),
      NscRow(command, with: "\(words) --users", before: ["add user other"], ("--user other", .keepsSilentOf("%u"))),
      NscRow(command, with: words, ("--filter %A", .says("%A")), ("", .keepsSilentOf("%B"))),
      NscRow(command, with: words, before: ["generate nkey --user --store"], ("--not-referenced", .keepsSilentOf("%u"))),
      NscRow(command, with: words, before: ["select account B"], ("--all", .says("%u"))),
      NscRow(command, with: "\(words) --users", before: ["delete user u"], ("--not-referenced", .says("%u"))),
    ]
  }

  private static let keys: [NscRow] =
    selection("list keys", "") + selection("export keys", "--dir out") + [
      NscRow("list keys", ("--curves", .keepsSilentOf("%A")), ("--curve", .says("no keys matched query"))),
      NscRow("list keys", ("--show-seeds", .says("| SO"))),
      NscRow("list keys", ("--json", .says(#""pub": "%A""#))),
      NscRow("export keys", with: "--dir out --curve", ("--curves", .refuses("no keys found to export"))),
      NscRow("export keys", with: "--dir out", ("--curve", .refuses("no keys found to export"))),
      NscRow(
        "export keys", with: "--dir out", ("--include-jwts", .file("out/%u.jwt", "ey")), ("", .then("fix --in out", "stored 1 users"))),
      NscRow("export keys", with: "--accounts", ("--dir out", .file("out/%A.nk", "SA"))),
      NscRow("export keys", with: "--dir out", before: ["export keys --dir out"], ("", .refuses("use --force"))),
      NscRow("export keys", with: "--dir out", before: ["export keys --dir out"], ("--force", .says(#"exported "%A""#))),
      NscRow("export keys", with: "--dir out", ("--remove", .noFile("keys/U/%u.nk")), ("", .thenFails("add user y", "unable to resolve"))),
    ]

  private static let exchange: [NscRow] = [
    NscRow(
      "push", needsServer: true, ("--account-jwt-server-url %url", .says(#"push to nats-server "%url""#)),
      ("--account B", .says(#"pushed "B""#)), ("", .keepsSilentOf(#"pushed "A""#))),
    NscRow("push", with: "-u %url", needsServer: true, ("--all", .says(#"pushed "B""#)), ("", .says(#"pushed "A""#))),
    NscRow("push", with: "-u %url", needsServer: true, ("--system-account A", .refuses("Authorization Violation"))),
    NscRow("push", with: "-u %url", needsServer: true, ("--system-user sys", .says(#"pushed "A""#))),
    NscRow("push", with: "-u %url", needsServer: true, ("--system-user NOPE", .refuses(#"user "NOPE" not found"#))),
    NscRow("push", with: "-u %url", needsServer: true, ("--diff", .says("named A does not exist in server"))),
    NscRow(
      "push", with: "-u %url", before: ["push -A -u %url", "delete account B"], needsServer: true, ("--prune", .says("deleted 1 accounts"))),
    NscRow("push", with: "-u %url", before: ["push -A -u %url"], needsServer: true, ("--account-removal %B", .says("deleted 1 accounts"))),
    NscRow("push", with: "--all --account-jwt-server-url http://127.0.0.1:1/jwt/v1", before: untrusted, ("", .keepsSilentOf("failed"))),
    NscRow(
      "push", with: "--all --account-jwt-server-url http://127.0.0.1:1/jwt/v1", before: untrusted,
      ("--force", .refuses("failed to push account"))
    ),
    NscRow(
      "pull", before: ["push -A -u %url"], needsServer: true, ("--account-jwt-server-url %url", .says(#"stored account "B""#)),
      ("--all", .says(#"stored account "A""#))),
    NscRow("pull", with: "-u http://127.0.0.1:1", ("--account NOPE", .refuses(#"account "NOPE" not found"#))),
    NscRow("pull", with: "--all -u %url", needsServer: true, ("--system-user NOPE", .refuses(#"user "NOPE" not found"#))),
    NscRow(
      "pull", with: "--all -u %url", needsServer: true, ("--system-account A", .refuses("Authorization Violation"))),
    NscRow(
      "pull", with: "--all -u %url", before: ["push -A -u %url", "next second", "edit account A --tag x"], needsServer: true,
      ("--overwrite-newer", .claim("account A", "nats/tags", "null"))),
  ]

  /// The operator no longer trusts what it signed before.
  private static let untrusted = ["reissue operator --convert-to-signing-key", "edit operator --rm-sk %O"]

  private static func describing(_ command: String, _ words: String, name: String, field: String) -> [NscRow] {
    [
      NscRow(command, with: words, ("--json", .says(#""jti": "#))),
      NscRow(command, with: words, ("--raw", .file("out.jwt", "ey")), ("--output-file out.jwt", .file("out.jwt", "ey"))),
      NscRow(command, with: words, ("--field nats.type", .says(field)), ("", .keepsSilentOf("jti"))),
      NscRow(command, with: words, ("--long-ids", .accepted)),
      NscRow(command, with: words.split(separator: " ").dropFirst().joined(separator: " "), (name, .says("| \(field.capitalized)"))),
    ]
  }

  private static let views: [NscRow] =
    describing("describe operator", "O", name: "--name O", field: "operator")
    + describing("describe account", "B", name: "--name B", field: "account")
    + describing("describe user", "u", name: "--name u", field: "user") + [
      NscRow("describe operator", ("--name NOPE", .refuses(#"operator "NOPE" not in"#))),
      NscRow("describe user", with: "u", before: ["select account B"], ("--account A", .says("%u"))),
      NscRow("describe jwt", before: written, ("--file P.jwt", .says("%O"))),
      NscRow("describe jwt", with: "P.jwt", before: written, ("--json", .says(#""sub": "%O""#))),
      NscRow(
        "describe jwt", with: "P.jwt", before: written, ("--raw", .file("out.jwt", "ey")), ("--output-file out.jwt", .file("out.jwt", "ey"))
      ),
      NscRow("describe jwt", with: "P.jwt", before: written, ("--field nats.type", .says("operator"))),
      NscRow("describe jwt", with: "P.jwt", before: written, ("--long-ids", .accepted)),
      NscRow("list operators", ("--json", .says(#""public_key": "%O""#))),
      NscRow("list accounts", before: ["add operator Z"], ("--json", .says(#""public_key": "%A""#)), ("--operator O", .says("%B"))),
      NscRow(
        "list users", before: ["add operator Z"], ("--json", .says(#""public_key": "%u""#)), ("--operator O", .says("%u")),
        ("--account A", .says("%u"))),
      NscRow("validate", ("--account B", .says(#"Account "B""#)), ("", .keepsSilentOf(#"Account "A""#))),
      NscRow("validate", ("--all-accounts", .says(#"Account "SYS""#))),
      NscRow("validate", before: written, ("--file P.jwt", .says("P.jwt"))),
      NscRow("expirations", before: ["edit user u --expiry 2d"], ("-e 1d --skip", .keepsSilentOf("O/A/u"))),
      NscRow("expirations", before: ["edit user u --expiry 2d"], ("--json", .says(#""resource": "O/A/u""#))),
      NscRow(
        "expirations", before: ["edit user u --expiry 2d"], ("--skip", .says("O/A/u ")), ("--within 3d", .keepsSilentOf("O/B"))),
      NscRow(
        "expirations", before: ["edit user u --expiry 2d"], ("--skip", .keepsSilentOf("O/B")),
        ("--within 1d", .keepsSilentOf("O/A/u"))),
    ]

  /// `P.jwt`: the operator's token.
  private static let written = ["describe operator -R -o P.jwt"]
}
