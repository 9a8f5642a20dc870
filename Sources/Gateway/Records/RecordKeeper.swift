import Reactor
import Recording
import Synchronization
import Wire

/// The gateway's record, as its shard uses it: every call goes to a worker and comes back to the shard.
final class RecordKeeper: Sendable {
  /// Who reads the record. Queues of its own: answers of now are made by others, and never wait for a disk.
  static let workers = WorkerQueue(width: 4, limit: 256)
  /// Who judges epochs and makes them whole: whoever records waits for nobody who reads.
  static let recordingWorkers = WorkerQueue(width: 2, limit: 64)

  let store: any RecordStore
  /// What is kept is an archive that was opened.
  let isArchive: Bool
  /// The settings in force, which a reload may change.
  let settings: Mutex<RecordSettings>
  /// Servers are asked for documents; else only what is heard anyway is kept.
  var asks: Bool { settings.withLock { $0.folder != nil } }
  private let shard: Shard

  init(store: any RecordStore, settings: RecordSettings, isArchive: Bool = false, shard: Shard) {
    self.store = store
    self.isArchive = isArchive
    self.settings = Mutex(settings)
    self.shard = shard
  }

  /// Reads on a worker, and gives what came of it on the shard.
  func read<Result: Sendable>(
    _ body: @escaping @Sendable (any RecordStore) throws(RecordError) -> Result,
    _ completion: @escaping (Swift.Result<Result, RecordError>) -> Void
  ) {
    shard.assertCurrent()
    let completion = ShardBound(shard, completion)
    let isTaken = RecordKeeper.workers.run { [store, shard] in
      let result: Swift.Result<Result, RecordError>
      do throws(RecordError) { result = .success(try body(store)) } catch { result = .failure(error) }
      shard.run { completion.call(result) }
    }
    if !isTaken { completion.call(.failure(.failed(path: "", reason: "too much is being read at once"))) }
  }
}
