import ArgumentParser
import Identity
import NATSClient
import Reactor

/// How to reach a NATS system and who to be there: today's flags, the older tools' single-dash ones, a context of the `nats` command, and its
/// environment variables. A flag goes before the context, the context before the environment.
struct ClientFlags: ParsableArguments {
  @Option(
    name: [.customShort("s"), .customLong("server"), .customLong("server", withSingleDash: true)],
    help: ArgumentHelp("Servers of the system, separated by commas; one is used, the others are for when it fails.", valueName: "url"))
  var server: String?
  @Option(help: ArgumentHelp("A context of the nats command.", valueName: "name"))
  var context: String?
  @Option(
    name: [.customLong("creds"), .customLong("creds", withSingleDash: true)],
    help: ArgumentHelp("A credentials file (JWT and seed), read again at every connect.", valueName: "file"))
  var creds: String?
  @Option(
    name: [.customLong("nkey"), .customLong("nkey", withSingleDash: true)],
    help: ArgumentHelp("A file with an nkey seed, read again at every connect.", valueName: "file"))
  var nkey: String?
  @Option(help: "User name; without a password it is a token, as for the nats command.")
  var user: String?
  @Option(help: "Password; in NATS_PASSWORD it does not show in lists of processes.")
  var password: String?
  @Option(help: "Token.")
  var token: String?
  @Option(help: ArgumentHelp("A file with the token, read again at every connect.", valueName: "file"))
  var tokenFile: String?
  @Option(
    name: [.customLong("tls-ca"), .customLong("tlscacert"), .customLong("tlscacert", withSingleDash: true)],
    help: ArgumentHelp("Certificates of the authorities to trust.", valueName: "file"))
  var tlsCA: String?
  @Option(
    name: [.customLong("tls-cert"), .customLong("tlscert"), .customLong("tlscert", withSingleDash: true)],
    help: ArgumentHelp("Our own certificate.", valueName: "file"))
  var tlsCert: String?
  @Option(
    name: [.customLong("tls-key"), .customLong("tlskey"), .customLong("tlskey", withSingleDash: true)],
    help: ArgumentHelp("The key of that certificate.", valueName: "file"))
  var tlsKey: String?
  @Flag(help: "TLS before the server's first word, as servers with handshake_first want it.")
  var tlsFirst = false

  /// Whether anything says which system to connect to.
  var namesASystem: Bool { server != nil || chosenContext != nil || NATSContext.variable("NATS_URL") != nil }

  private var chosenContext: String? { context ?? NATSContext.variable("NATS_CONTEXT") }

  /// The system in words, for a start line; without credentials.
  var serverText: String {
    if let server { return server.split(separator: ",").map { ServeBanner.withoutCredentials(String($0)) }.joined(separator: ", ") }
    if let chosenContext { return "the context \(chosenContext)" }
    return ServeBanner.withoutCredentials(NATSContext.variable("NATS_URL") ?? "")
  }

  /// - Parameter defaultServer: where to go when nothing says where.
  /// - Throws: a sentence about the context, the URL or the combination that makes no sense.
  func options(name: String, defaultServer: String = "nats://127.0.0.1:4222") throws -> ClientOptions {
    let variable = NATSContext.variable
    var stored: NATSContext?
    if let chosen = chosenContext { stored = try NATSContext(named: chosen) }
    func pick(_ flag: String?, _ member: KeyPath<NATSContext, String?>, _ name: String) -> String? {
      (flag ?? stored?[keyPath: member] ?? variable(name)).map(NATSContext.expanded)
    }
    var options = ClientOptions()
    options.name = name
    let storedURL = stored.flatMap { $0.url.isEmpty ? nil : $0.url }
    options.servers = try ServerURL.list(server ?? storedURL ?? variable("NATS_URL") ?? defaultServer)
    guard !options.servers.isEmpty else { throw ValidationError("--server names no server") }

    let hasOwn = [creds, nkey, user, token, tokenFile].contains { $0 != nil }
    if let file = hasOwn ? creds : pick(nil, \.creds, "NATS_CREDS") {
      options.authentication = .credentialsFile(NATSContext.expanded(file))
    } else if let file = hasOwn ? nkey : pick(nil, \.nkey, "NATS_NKEY") {
      options.authentication = .nkeyFile(NATSContext.expanded(file))
    } else if !hasOwn, let jwt = stored?.jwt {
      options.authentication = .jwt(jwt, seed: stored?.seed)
    } else if let user = hasOwn ? user : pick(nil, \.user, "NATS_USER") {
      // As in the nats command, a user without a password is a token.
      let password = pick(password, \.password, "NATS_PASSWORD")
      options.authentication = password.map { .userPassword(user: user, password: $0) } ?? .token(user)
    } else if let tokenFile {
      options.authentication = .tokenFile(NATSContext.expanded(tokenFile))
    } else if let token = hasOwn ? token : pick(nil, \.token, "NATS_TOKEN") {
      options.authentication = .token(token)
    } else if let url = options.servers.first, let user = url.user {
      options.authentication = url.password.map { .userPassword(user: user, password: $0) } ?? .token(user)
    }

    let authority = pick(tlsCA, \.authority, "NATS_CA")
    let certificate = pick(tlsCert, \.certificate, "NATS_CERT")
    let key = pick(tlsKey, \.key, "NATS_KEY")
    if authority != nil || certificate != nil || key != nil {
      guard (certificate == nil) == (key == nil) else { throw ValidationError("--tls-cert and --tls-key go together") }
      var tls = TLSOptions()
      tls.authorityFile = authority
      tls.certificateFile = certificate
      tls.keyFile = key
      options.tls = tls
    }
    options.tlsFirst = tlsFirst || stored?.tlsFirst == true
    if let prefix = stored?.inboxPrefix ?? variable("NATS_INBOX_PREFIX") { options.inboxPrefix = prefix }
    return options
  }
}
