import HTTPServer
import Reactor

extension Gateway {
  /// Reads the whole system as it is now. Call it from anywhere; both closures are called on the gateway's shard.
  ///
  /// - Parameters:
  ///   - showsSecrets: Whether JWTs, passwords and tokens are put in.
  ///   - onProgress: Told how many questions have been answered, and how many there are so far.
  public func takeArchive(
    showsSecrets: Bool, onProgress: @escaping @Sendable (_ answered: Int, _ known: Int) -> Void,
    completion: @escaping @Sendable (Result<TakenArchive, Refusal>) -> Void
  ) {
    shard.run { [self] in
      takings.take(.system, onProgress: onProgress) { result in
        completion(result.map { TakenArchive($0, .system, showsSecrets: showsSecrets) })
      }
    }
  }
}
