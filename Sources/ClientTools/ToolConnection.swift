import Logging
public import NATSClient
import Reactor
public import Wire

/// Why a tool could not do what it was asked to, in one sentence.
public struct ToolFailure: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// A NATS connection for a tool that runs in a terminal: it either stands at once, or says why not.
///
/// Its state is touched on the client's shard only; the asynchronous methods hop there.
public final class ToolConnection: @unchecked Sendable {  // confined to `client.shard`
  public let client: NATSClient
  private var opening: CheckedContinuation<Void, any Error>?
  private var failures = 0
  /// What the server has refused, such as a subject that the user may not publish to.
  private var refusals: [ServerRefusal] = []
  private var onRefusal: ((ServerRefusal) -> Void)?

  private init(_ client: NATSClient) { self.client = client }

  /// Connects to the first server that lets us in.
  /// - Throws: `ToolFailure` when none does.
  public static func open(_ options: ClientOptions) async throws -> ToolConnection {
    let shard = Shard(label: "tool")
    let silent = Logger(label: "nats") { _ in SwiftLogNoOpLogHandler() }
    let connection = ToolConnection(NATSClient(options: options, shard: shard, log: silent))
    try await withCheckedThrowingContinuation { continuation in
      shard.run {
        connection.opening = continuation
        connection.client.onStateChange = { connection.changed($0) }
        connection.client.onRefusal = { connection.refused($0) }
        connection.client.start()
      }
    }
    return connection
  }

  private func changed(_ state: NATSClient.State) {
    switch state {
    case .connected:
      opening?.resume()
      opening = nil
    case .disconnected(let loss, _):
      failures += 1
      guard opening != nil, failures >= client.options.servers.count else { return }
      opening?.resume(throwing: ToolFailure("cannot connect to \(servers): \(loss)"))
      opening = nil
      client.stop()
    default: break
    }
  }

  private var servers: String { client.options.servers.map(\.description).joined(separator: ", ") }

  private func refused(_ refusal: ServerRefusal) {
    refusals.append(refusal)
    onRefusal?(refusal)
  }

  /// Runs `body` on the shard and waits for what it returns.
  public func onShard<R: Sendable>(_ body: @escaping @Sendable (NATSClient) throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
      client.shard.run { continuation.resume(with: Result { try body(self.client) }) }
    }
  }

  /// Calls `body` with each refusal of the server from now on; on the shard.
  public func reportRefusals(_ body: @escaping @Sendable (ServerRefusal) -> Void) async throws {
    try await onShard { _ in self.onRefusal = body }
  }

  /// Waits until the server has taken in what was sent.
  /// - Throws: `ToolFailure` when it does not say so in time, or when it has refused something.
  public func flush(timeout: Double = 10) async throws {
    let alive = await withCheckedContinuation { continuation in
      client.shard.run { self.client.checkAlive(timeout: timeout) { continuation.resume(returning: $0) } }
    }
    guard alive else { throw ToolFailure("the server did not confirm within \(timeout) s") }
    if let refusal = try await onShard({ _ in self.refusals.first }) { throw ToolFailure("the server refused: \(refusal)") }
  }

  /// Ends the connection, after what is still to be sent.
  public func close() async { try? await onShard { $0.stop() } }
}
