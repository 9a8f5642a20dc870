import Gateway

extension Setting {
  static let record: Setting = .init(
    "record", .value("folder"), .afterRestart,
    "Record the system into this folder: every answer can then be asked about an earlier moment (at=).",
    use: .gateway { $1.record = try $0.record.settings() })
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

  /// All that are about recording.
  static let recording = [record, recordEvery, recordKeep, recordRows, recordEndpoints, recordSecrets]
}
