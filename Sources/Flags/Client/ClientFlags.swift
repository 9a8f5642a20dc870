import ArgumentParser
import Identity
import NATSClient
import Reactor

/// How to reach a NATS system and who to be there: today's flags, the older tools' single-dash ones, the variables of the `nats` command, and
/// its contexts. A flag goes before a variable, a variable before the context, as there.
public struct ClientFlags: ParsableArguments, Sendable {
  @Option(.server) var server: String?
  @Option(.context) var context: String?
  @Option(.creds) var creds: String?
  @Option(.nkey) var nkey: String?
  @Option(.user) var user: String?
  @Option(.password) var password: String?
  @Option(.token) var token: String?
  @Option(.tokenFile) var tokenFile: String?
  @Option(.tlsCA) var tlsCA: String?
  @Option(.tlsCert) var tlsCert: String?
  @Option(.tlsKey) var tlsKey: String?
  @Flag(.tlsFirst) var tlsFirst = false

  public init() {}

  /// Whether a flag or a variable says which system to connect to. The context that `nats context select` chose does not: it says so
  /// for tools that have nothing else to do, and `serve` has a broker of its own.
  public var namesASystem: Bool { server != nil || namedContext != nil || NATSContext.variable("NATS_URL") != nil }

  /// The context that a flag or NATS_CONTEXT names.
  private var namedContext: String? { context ?? NATSContext.variable("NATS_CONTEXT") }

  /// The flag that says who to be, where one does; variables of the `nats` command do not count.
  public var identityFlag: String? {
    let told = [
      ("creds", creds), ("nkey", nkey), ("user", user), ("password", password), ("token", token), ("token-file", tokenFile),
    ]
    return told.first { $0.1 != nil }?.0
  }

  /// The system in words, for a start line; without credentials.
  public var serverText: String {
    if let text = server ?? NATSContext.variable("NATS_URL") {
      return (try? ServerURL.list(text))?.map(\.description).joined(separator: ", ") ?? ""
    }
    return namedContext.map { "the context \($0)" } ?? ""
  }

  /// What the flags, the variables and the context say, together. Reads the context, the credentials and the TLS files once, so that what
  /// cannot be used is known before anything is connected.
  ///
  /// - Parameters:
  ///   - name: what servers show in their lists of connections.
  ///   - defaultServer: where to go when nothing says where.
  ///   - usesSelectedContext: whether the context of `nats context select` counts where none is named.
  ///   - variable: the environment.
  /// - Throws: a sentence about the context, the URL, the file or the combination that makes no sense.
  public func options(
    name: String, defaultServer: String = "nats://127.0.0.1:4222", usesSelectedContext: Bool = true,
    variable: (String) -> String? = NATSContext.variable
  ) throws -> ClientOptions {
    let chosen =
      context ?? variable("NATS_CONTEXT") ?? (usesSelectedContext ? NATSContext.selected(environment: variable) : nil)
    let stored = try chosen.map { try NATSContext(named: $0, environment: variable) }
    guard variable("NATS_SOCKS_PROXY") == nil else {
      throw CommandFailure("NATS_SOCKS_PROXY asks for a SOCKS proxy, which is not supported: unset it to connect directly")
    }
    var options = ClientOptions()
    options.name = name
    let storedURL = stored.flatMap { $0.url.isEmpty ? nil : $0.url }
    options.servers = try ServerURL.list(server ?? variable("NATS_URL") ?? storedURL ?? defaultServer)
    guard !options.servers.isEmpty else { throw ValidationError("--server names no server") }
    options.authentication = authentication(stored, variable)
    options.authorizationHint =
      "other credentials are named by --creds, --user and --password, --token, --nkey, --context or the server's URL"
    options.tls = try tls(stored, variable)
    options.tlsFirst = tlsFirst || stored?.tlsFirst == true
    if let prefix = variable("NATS_INBOX_PREFIX") ?? stored?.inboxPrefix { options.inboxPrefix = prefix }
    do {
      try options.checkFiles()
    } catch {
      throw CommandFailure("\(error)")
    }
    return options
  }

  /// Who to be: the first of flags, variables and context that says anything about it.
  private func authentication(_ stored: NATSContext?, _ variable: (String) -> String?) -> ClientAuthentication {
    // A password may come from another place than its user: a variable does not show in lists of processes.
    let secret = password ?? variable("NATS_PASSWORD") ?? stored?.password
    let told = ClientIdentity(creds: creds, nkey: nkey, user: user, password: secret, token: token, tokenFile: tokenFile)
    let surrounding = ClientIdentity(
      creds: variable("NATS_CREDS"), nkey: variable("NATS_NKEY"), jwt: variable("NATS_JWT"), seed: variable("NATS_SEED"),
      user: variable("NATS_USER"), password: secret, token: variable("NATS_TOKEN"))
    var kept = stored.map(ClientIdentity.init)
    kept?.password = secret
    return told.authentication ?? surrounding.authentication ?? kept?.authentication ?? .none
  }

  /// What the flags and variables say about TLS, for a connection to other servers of the same operator.
  public func tls(variable: (String) -> String? = NATSContext.variable) throws -> TLSOptions? { try tls(nil, variable) }

  private func tls(_ stored: NATSContext?, _ variable: (String) -> String?) throws -> TLSOptions? {
    func pick(_ flag: String?, _ name: String, _ member: KeyPath<NATSContext, String?>) -> String? {
      (flag ?? variable(name)).map { NATSContext.expanded($0) } ?? stored?[keyPath: member]
    }
    var tls = TLSOptions()
    tls.authorityFile = pick(tlsCA, "NATS_CA", \.authority)
    tls.certificateFile = pick(tlsCert, "NATS_CERT", \.certificate)
    tls.keyFile = pick(tlsKey, "NATS_KEY", \.key)
    guard tls != TLSOptions() else { return nil }
    guard (tls.certificateFile == nil) == (tls.keyFile == nil) else { throw ValidationError("--tls-cert and --tls-key go together") }
    return tls
  }
}
