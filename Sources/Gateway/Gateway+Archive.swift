import HTTPServer
import Reactor
import SystemAPI

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

  /// A moment of what is recorded. Call it from anywhere, also before ``start()``: nobody is asked. The closure is called on the gateway's shard.
  ///
  /// - Parameter showsSecrets: Whether JWTs, passwords and tokens are put in, where they were recorded.
  public func keptArchive(
    at moment: EarlierMoment, showsSecrets: Bool, completion: @escaping @Sendable (Result<TakenArchive, Refusal>) -> Void
  ) {
    shard.run { [self] in
      moments.open(moment) { opened in
        completion(
          opened.flatMap { moment in
            moment.archive.nothingToPutIn.map { .failure($0) } ?? .success(TakenArchive(moment, .system, showsSecrets: showsSecrets))
          })
      }
    }
  }
}
