import Flags
import Gateway
import Logging
import Recording
import StreamRecording

/// Opens the record where the flags say it is.
enum RecordPlace {
  /// - Throws: `RecordError`, `CommandFailure` and what else is wrong with what was ordered, one sentence each.
  static func open(_ flags: ServeFlags, _ settings: RecordSettings, log: Logger) throws -> any RecordStore {
    if let folder = settings.folder {
      let store = try SQLiteRecordStore(folder: folder, setsAside: flags.record.recordSetAside)
      if let file = store.fileSetAside { log.warning("the record was damaged, and a new one is begun", metadata: ["set_aside": "\(file)"]) }
      return store
    }
    guard let place = try flags.record.streamPlace(tls: { try flags.client.tls() }) else { return MemoryRecordStore() }
    return try JetStreamRecordStore(place, log: log)
  }
}
