/// The reference of all options, generated from the tables that read them.
public enum OptionReference {
  private struct Row {
    let names: [String]
    let type: String
    let fallback: String
    let meaning: String
    let reload: OptionReload

    init<Target>(_ option: Option<Target>) {
      names = option.names
      type = option.type
      fallback = option.fallback
      meaning = option.meaning
      reload = option.reload
    }
  }

  private static func rows<Target>(_ table: OptionTable<Target>) -> [Row] { table.options.map(Row.init) }

  private static let sections: [(title: String, rows: [Row])] = [
    ("Top level", rows(BrokerOptions.table)),
    ("`authorization`", rows(AuthorizationOptions.table)),
    ("`auth_callout` in `authorization`", rows(AuthCalloutOptions.table)),
    ("Entries of `users`", rows(AuthorizationOptions.userTable)),
    ("`permissions`", rows(PermissionsOptions.table)),
    ("Entries of `accounts`", rows(AccountOptions.table)),
    ("`limits` of an account", rows(AccountOptions.limitTable)),
    ("Entries of `exports`", rows(BorderOptions.exportTable)),
    ("Entries of `imports`", rows(BorderOptions.importTable)),
    ("`tls`", rows(TLSOptionsReader.table)),
    ("`leafnodes`", rows(LeafOptions.table)),
    ("Entries of `remotes` in `leafnodes`", rows(LeafRemoteOptions.table)),
    ("`resolver`", rows(ResolverOptions.table)),
  ]

  /// Markdown: one table for each block.
  public static func markdown() -> String {
    var text = "# Options of `natsight broker`\n\nThe language is the one of nats-server's configuration files.\n"
    for section in sections {
      text += "\n## \(section.title)\n\n| option | type | default | meaning | reload |\n|---|---|---|---|---|\n"
      for row in section.rows {
        let aliases = row.names.dropFirst().isEmpty ? "" : " (" + row.names.dropFirst().map { "`\($0)`" }.joined(separator: ", ") + ")"
        text += "| `\(row.names[0])`\(aliases) | \(row.type) | \(row.fallback) | \(row.meaning) | \(reload(row.reload)) |\n"
      }
    }
    return text + differences
  }

  /// What an option means otherwise than on nats-server, and what is left as it is on purpose.
  private static let differences = """

    ## Otherwise than on nats-server

    - `write_deadline`: a write is given up when its reader has taken nothing for so long; a deadline that is shorter than any write takes, such
      as `1ns`, closes nobody who reads.
    - `ping_interval` and other times: connections are looked at 20 times a second, so that what is due comes up to 50 ms late; where
      `ping_interval`, `write_deadline` or a `timeout` of a login or a handshake is below a second, up to a twentieth of the shortest, but never
      less than 5 ms.
    - Whoever is sent an `-ERR` that ends the connection is read on for up to 50 ms, and what it says is dropped: a reset could overtake the line.
    - Limits that a reload changes hold for leaf nodes that are in too; nats-server has them keep the old `max_payload`. Users of `authorization` in
      `leafnodes` may change: leaf nodes that came in as one who is gone, or is another now, are closed. nats-server refuses such a reload.
    - `auth_callout`: INFO has a nonce although no user has an nkey, so that a service can have what clients sign verified. What the user's token
      says of connection types, networks, `payload` and `subs` holds. A reload may change the block: clients whom a service has let in are asked about again.
    - Negative numbers that nats-server takes and lets nobody live with are refused: of `ping_interval` and `leafnodes {reconnect}` (PINGs or attempts
      without a pause), `write_deadline` (every write fails), `max_control_line`, `max_pending` and `max_payload` below -1 (everything is too long),
      `max_subscriptions` below -1 (nobody may subscribe), `max_closed_clients` (nats-server ends). So is a `prefix` of a service import, which
      has no effect, and a stream import with `prefix` and `to`.
    - A reload closes those who have more subscriptions than their account's new limit; nats-server also closes those who have just as many.
    - `allow_trace` of a stream import that is off hides leaf nodes behind it as well, and servers there do not follow the message.
    - `client_advertise` and `advertise`: a port is one of up to 65535, and `-t` refuses what nats-server refuses at its start.
    - `cipher_suites` is about TLS 1.3 too: where none of its suites is named, TLS 1.3 is not spoken. Weak suites that
      `allow_insecure_cipher_suites` lets in are those that OpenSSL has: none with RC4 or 3DES.
    - The monitoring port answers whatever the method is, as nats-server's does; where `natsight serve` has an access file, it answers GET, HEAD
      and OPTIONS, and refuses any other method with 405. `/stacksz` is a 404 that says why: there are no goroutines.
    - Signals: HUP reloads, USR1 opens the log file anew, USR2 begins lame duck mode, INT and TERM end the server. QUIT and ABRT end it at once, by the
      signal; there are no goroutines to print before that, and `SWIFT_BACKTRACE=enable=yes` prints the threads' frames.
    - `server_metadata` always has `implementation: natsight` beside the names that are configured.
    - `natsight serve --state-dir` keeps the server's key over restarts, and with it its id (`server.nk`, which nobody else may read); it stops
      without `$SYS.SERVER.*.SHUTDOWN` then, which is final for an id.

    """

  private static func reload(_ reload: OptionReload) -> String {
    switch reload {
    case .yes: "yes"
    case .no: ""
    case .partly(let text): text
    }
  }
}
