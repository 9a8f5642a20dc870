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
    return text
  }

  private static func reload(_ reload: OptionReload) -> String {
    switch reload {
    case .yes: "yes"
    case .no: ""
    case .partly(let text): text
    }
  }
}
