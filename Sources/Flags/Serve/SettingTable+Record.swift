import Gateway

extension Setting {
  static let record: Setting = .init(
    "record", .value("place"), .afterRestart,
    """
    Record the system: every answer can then be asked about an earlier moment (at=). A folder; or nats://HOST:PORT[,…] or context:NAME, for a \
    JetStream stream in an ordinary account there.
    """,
    use: .gateway { $1.record = try $0.record.settings() })
  static let recordStream: Setting = .init(
    "record-stream", .value("name"), .afterRestart, "The stream of the record, which is made where it is not there.",
    use: .gateway { $1.record = try $0.record.settings() })
  static let recordReplicas: Setting = .init(
    "record-replicas", .value("number"), .afterRestart, "How many servers keep a copy of the stream, where it has to be made: 1 to 5.")
  static let recordCreds: Setting = .init(
    "record-creds", .value("file"), .afterRestart,
    "The credentials file of the stream's user, read again at every connect. A user may also stand in the URL, or come from a context.")
  static let recordNkey: Setting = .init(
    "record-nkey", .value("file"), .afterRestart, "The file with the nkey seed of the stream's user, read again at every connect.")
  static let recordSetAside: Setting = .init(
    "record-set-aside", .flag, .afterRestart,
    "Look through the folder's record at the start; where it is damaged, rename it and begin a new one. Nothing is overwritten.")
  static let recordEvery: Setting = .init(
    "record-every", .value("duration"), .atReload, "How far apart the recorded moments are, from 10s to 1h.")
  static let recordKeep: Setting = .init(
    "record-keep", .value("keep"), .atReload,
    "How long and how much is kept: a time, a size, or both with a comma; what comes first counts.")
  static let recordRows: Setting = .init(
    "record-rows", .list("endpoint=number"), .atReload, "The most rows that are recorded of a server's document, such as connz=10000.")
  static let recordEndpoints: Setting = .init(
    "record-endpoints", .list("names"), .atReload, "Record these endpoints alone, separated by commas.")
  static let recordSecrets: Setting = .init(
    "record-secrets", .flag, .atReload, "Record JWTs, passwords and tokens as they are, instead of without them.")
  static let archive: Setting = .init(
    "archive", .value("file"), .afterRestart,
    """
    Show the moment that is in this file, of /archive, natsight archive or nats audit gather, instead of a system: nothing is connected to.
    """)

  /// All that are about recording.
  static let recording = [
    archive, record, recordStream, recordReplicas, recordCreds, recordNkey, recordSetAside, recordEvery, recordKeep, recordRows,
    recordEndpoints,
    recordSecrets,
  ]
}
