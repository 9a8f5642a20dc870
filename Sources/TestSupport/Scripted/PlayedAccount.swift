import Synchronization

/// An account of its own on one real server that all tests share: what is played in it is all that is heard there.
///
/// The real server's own services are reached from the system account only, so that a gateway that asks under `prefix` sees
/// nothing but the played servers; the answers depend on nothing but the script.
public struct PlayedAccount: Sendable {
  /// What `$SYS.REQ` is called there.
  public static let prefix = "PLAYED.REQ"
  private static let count = 200
  private static let shared = Mutex<(server: RealServer?, next: Int)>((nil, 0))

  public let user: String
  public let port: UInt16
  /// For the gateway.
  public var url: String { "nats://\(user):\(user)@127.0.0.1:\(port)" }

  /// An account that nobody has used yet.
  /// - Parameter alone: on a server of its own, which may be frozen or killed without harm to others.
  public init(on alone: RealServer? = nil) throws {
    let (server, number) = try PlayedAccount.shared.withLock { state in
      if alone != nil { return (alone, 0) }
      if state.server == nil { state.server = try RealServer(PlayedAccount.configuration, name: "stage") }
      state.next += 1
      guard state.next < PlayedAccount.count else { throw TestFailure("more than \(PlayedAccount.count) accounts are played in") }
      return (state.server, state.next)
    }
    guard let server else { throw TestFailure("there is no server to play behind") }
    user = "p\(number)"
    port = server.port
  }

  /// Accounts `P0` to `P199`, each with a user of that name in lower case who is the password too.
  public static let configuration: String = {
    let accounts = (0..<count).map { "  P\($0) { users: [ {user: p\($0), password: p\($0)} ] }\n" }.joined()
    return "max_payload: 8MB\naccounts {\n\(accounts)}\n"
  }()

  /// Servers that play here.
  public func fleet(_ servers: [ScriptedServer], documents: @escaping ScriptedServers.Documents = ScriptedDocuments.small) throws
    -> ScriptedServers
  {
    try ScriptedServers(
      port: port, user: user, password: user, prefix: PlayedAccount.prefix, realServers: 0, servers: servers, documents: documents)
  }
}
