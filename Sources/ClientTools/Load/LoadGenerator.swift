/// Loads a NATS server and measures it. Each run opens its own connections and closes them at its end.
public enum LoadGenerator {
  /// Publishes, and ends when the server has confirmed the last message.
  public static func publish(_ options: LoadOptions) async throws -> LoadReport {
    try await PublishRun(options, counting: false).result()
  }

  /// Publishes to subscribers of its own, and ends with the last delivery.
  public static func publishAndSubscribe(_ options: LoadOptions) async throws -> LoadReport {
    try await PublishRun(options, counting: true).result()
  }

  /// Asks and waits for each reply.
  /// - Parameter answering: a connection of this process answers; otherwise somebody else must.
  public static func request(_ options: LoadOptions, answering: Bool = true) async throws -> LoadReport {
    try await RequestRun(options, answering: answering).result()
  }

  /// Opens idle connections, and holds them for ``LoadOptions/hold`` seconds.
  /// - Parameter onHeld: called when all are open, on a queue of its own.
  public static func connect(_ options: LoadOptions, onHeld: @escaping @Sendable (LoadReport) -> Void = { _ in }) async throws -> LoadReport
  {
    try await ConnectRun(options, onHeld: onHeld).result()
  }
}
