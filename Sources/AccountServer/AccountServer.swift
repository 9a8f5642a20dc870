import Dispatch
import Fetch
import HTTPServer
import Identity
import Logging
import NATSClient
import Reactor
import Wire

/// Serves account tokens over HTTP and tells NATS servers when they change.
public final class AccountServer: @unchecked Sendable {
  // Sendable by confinement: the store is touched on `queue` only, everything else is set before `start` returns.

  let options: AccountServerOptions
  let log: Logger
  private let shards: ShardGroup
  private let queue = DispatchQueue(label: "natsight.account-server.store")
  let store: any ClaimStore
  let operatorToken: String?
  let operatorClaims: OperatorClaims?
  private var server: HTTPServer?
  private var notifier: Notifier?
  private var watch: ShardTimer?
  private(set) var listener: HTTPListener?

  /// Unix seconds.
  var now: Int64 { WallClock.now().seconds }

  /// Opens the store. Blocks.
  ///
  /// - Throws: When the store or the operator's token cannot be used.
  public init(_ options: AccountServerOptions, shards: ShardGroup, log: Logger) throws {
    self.options = options
    self.shards = shards
    self.log = log
    if !options.nscDirectory.isEmpty {
      guard options.primary.isEmpty else { throw AccountServerError("a replica cannot serve an nsc folder") }
      log.notice("creating a read-only store for the NSC folder at \(options.nscDirectory)")
      let nsc = try NSCStore(options.nscDirectory)
      store = nsc
      let token = try options.operatorFile.isEmpty ? nsc.operatorToken() : Self.readOperator(options.operatorFile)
      operatorToken = token
      operatorClaims = try Token.decode(token, as: OperatorClaims.self)
    } else {
      let token = try options.operatorFile.isEmpty ? nil : Self.readOperator(options.operatorFile)
      let claims = try token.map { try Token.decode($0, as: OperatorClaims.self) }
      let path = options.directory.isEmpty ? "." : options.directory
      log.notice("creating a store at \(path)")
      let directory = DirectoryStore(try TokenDirectory(path: path, isSharded: options.isSharded), isReadOnly: options.isReadOnly)
      if options.primary.isEmpty {
        store = directory
      } else {
        store = ReplicaStore(
          directory, primary: options.primary, timeout: options.replicationTimeout, operatorClaims: claims, now: { WallClock.now().seconds }
        )
      }
      operatorToken = token
      operatorClaims = claims
    }
    if let operatorClaims {
      log.notice("Operator: \(operatorClaims.standard.subject)")
      log.notice("Operator Name: \(operatorClaims.standard.name)")
    }
  }

  private static func readOperator(_ path: String) throws -> String { try Credentials(text: FileAccess.readText(path)).jwt }

  /// The port that is listened on; 0 before `start`.
  public var port: UInt16 { listener?.port ?? 0 }

  /// Begins to listen, to watch files and to connect to NATS.
  public func start() throws {
    startReplica()
    try startNotifier()
    var configuration = HTTPServerConfiguration { [weak self] request, responder in
      guard let self else { return }
      AccountEndpoints(server: self).answer(request, responder)
    }
    configuration.bodyLimit = { head in head.rawPath.hasPrefix("/jwt/v1/accounts/") ? Token.limit + 2 : 16_384 }
    configuration.allowedMethods = store.isReadOnly ? "GET, OPTIONS" : "GET, OPTIONS, POST"
    configuration.errorResponse = { .text($0.description + "\n", status: $0.status) }
    configuration.logger = log
    let server = HTTPServer(configuration, shards: shards)
    self.server = server
    var tls: TLSContext?
    if !options.certificateFile.isEmpty {
      var files = TLSOptions()
      files.certificateFile = options.certificateFile
      files.keyFile = options.keyFile
      tls = try TLSContext.server(files)
    }
    listener = try server.listen(host: options.host, port: options.port, tls: tls)
    log.notice("http listening on port \(port)")
    log.notice("nats-account-server is running")
    log.notice("configure the nats-server with:")
    log.notice(
      "  resolver: URL(\(tls == nil ? "http" : "https")://\(options.host.isEmpty ? "localhost" : options.host):\(port)/jwt/v1/accounts/)")
    if store.isReadOnly && options.primary.isEmpty {
      watch = shards.next().every(0.25) { [weak self] in self?.lookForChanges() }
    }
  }

  public func stop(completion: @escaping @Sendable () -> Void) {
    watch?.cancel()
    notifier?.stop()
    guard let server else { return completion() }
    server.stop(within: 2, completion: completion)
  }

  private func startReplica() {
    guard let replica = store as? ReplicaStore else { return }
    log.notice("starting in replicated mode, with primary at \(UserInfo.removed(from: options.primary))")
    if options.natsURLs.isEmpty { log.warning("running in replicated mode without NATS notifications can result in delayed updates") }
    log.notice("grabbing initial JWT pack from primary \(UserInfo.removed(from: options.primary))")
    queue.sync {
      do { try replica.loadPack(max: options.maxReplicationPack) } catch { log.error("\(error)") }
    }
  }

  private func startNotifier() throws {
    guard !options.natsURLs.isEmpty else {
      log.notice("NATS is not configured, server will not fire notifications on update")
      return
    }
    log.notice("connecting to NATS for notifications")
    var client = ClientOptions()
    client.servers = try options.natsURLs.map { try ServerURL($0) }
    client.authentication = options.credentialsFile.isEmpty ? .none : .credentialsFile(options.credentialsFile)
    client.name = "nats-account-server"
    client.longestReconnectWait = 1
    client.echo = false
    // An nsc folder belongs to nsc: others may not write into it, so it only notifies.
    let shared = store is NSCStore ? nil : sharedStore
    let notifier = Notifier(client, shard: shards.next(), log: log, store: shared)
    self.notifier = notifier
    notifier.start()
  }

  private var sharedStore: Notifier.Store {
    Notifier.Store(
      token: { [weak self] id, answer in self?.onStore { answer((try? $0.load(id)).flatMap { $0 }) } },
      digest: { [weak self] answer in self?.onStore { answer(TokenDirectory.digest($0.all().map(\.token))) } },
      all: { [weak self] answer in self?.onStore { answer($0.all()) } },
      received: { [weak self] id, token in self?.received(id, token) })
  }

  /// Runs on the store's queue.
  func onStore(_ body: @escaping @Sendable (any ClaimStore) -> Void) { queue.async { [self] in body(store) } }

  /// A token that came over NATS: kept if it is good and newer than what is there.
  private func received(_ id: String, _ text: String) {
    let token = text.filter { !$0.isWhitespace }
    guard !options.isReadOnly, let claims = try? Token.decode(token, as: AccountClaims.self), claims.standard.subject == id else { return }
    if let operatorClaims, !operatorClaims.trusts(claims.standard.issuer) { return }
    onStore { [log] store in
      if store.holdsNewer(than: claims) || (try? store.load(id)) == token { return }
      do {
        try store.save(id, token)
        log.notice("updated JWT for account - \(id.prefix(12)) - \(claims.standard.id)")
      } catch { log.error("error saving JWT: \(error)") }
    }
  }

  private func lookForChanges() {
    onStore { [weak self] store in
      for id in store.changes() { if let token = (try? store.load(id)).flatMap({ $0 }) { self?.notify(id, token) } }
    }
  }

  /// Tells the NATS servers, where there are any.
  func notify(_ id: String, _ token: String) {
    guard let notifier else { return log.notice("skipping notification for \(id.prefix(12)), no NATS configured") }
    notifier.notify(id, token)
  }

  /// Has a self-signed account signed by the configured service; nil without an answer.
  func sign(_ token: String, _ answer: @escaping @Sendable ([UInt8]?) -> Void) {
    guard let notifier else { return answer(nil) }
    notifier.sign(options.signRequestSubject, token, timeout: options.signRequestTimeout, answer)
  }
}
