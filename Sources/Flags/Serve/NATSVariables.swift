import Identity

/// What the environment of the `nats` command and its contexts say about settings of `serve`, where nothing of `serve`'s own does.
struct NATSVariable: Sendable {
  let setting: Setting
  /// The variable of the `nats` command.
  let name: String
  /// What a context says about it.
  let ofContext: @Sendable (NATSContext) -> String?
  /// Whether it says who to be: of these, only the strongest place that says anything counts.
  let isIdentity: Bool

  private init(_ setting: Setting, _ name: String, isIdentity: Bool = false, _ ofContext: @escaping @Sendable (NATSContext) -> String?) {
    self.setting = setting
    self.name = name
    self.ofContext = ofContext
    self.isIdentity = isIdentity
  }

  static let all: [NATSVariable] = [
    .init(.server, "NATS_URL") { $0.url.isEmpty ? nil : $0.url },
    .init(.creds, "NATS_CREDS", isIdentity: true) { $0.creds },
    .init(.nkey, "NATS_NKEY", isIdentity: true) { $0.nkey },
    .init(.user, "NATS_USER", isIdentity: true) { $0.user },
    .init(.password, "NATS_PASSWORD") { $0.password },
    .init(.token, "NATS_TOKEN", isIdentity: true) { $0.token },
    .init(.tlsCA, "NATS_CA") { $0.authority },
    .init(.tlsCert, "NATS_CERT") { $0.certificate },
    .init(.tlsKey, "NATS_KEY") { $0.key },
  ]

  /// The settings that say who to be on the command line and in the file.
  static let identities: Set<String> = Set(
    ([Setting.creds, .nkey, .user, .token, .tokenFile] as [Setting]).map(\.name))
}
