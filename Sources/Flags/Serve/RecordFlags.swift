import ArgumentParser
import Gateway
import Identity
import NATSClient
import Reactor
import Recorded
import StreamRecording
import Wire

/// What is recorded, so that answers about earlier moments can be given.
public struct RecordFlags: ParsableArguments, Sendable {
  @Option(.archive) public var archive: String?
  @Option(.record) var record: String?
  @Option(.recordStream) var recordStream: String?
  @Option(.recordReplicas) var recordReplicas: Int?
  @Option(.recordCreds) var recordCreds: String?
  @Option(.recordNkey) var recordNkey: String?
  @Flag(.recordSetAside) public var recordSetAside = false
  @Option(.recordEvery) var recordEvery = SecondsFlag(seconds: 60, text: "1m")
  @Option(.recordKeep) var recordKeep = KeepFlag.standard
  @Option(.recordRows) var recordRows: [String] = []
  @Option(.recordEndpoints) var recordEndpoints: [String] = []
  @Flag(.recordSecrets) var recordSecrets = false

  public init() {}

  /// What the flags say.
  ///
  /// - Throws: `ValidationError`, one sentence.
  public func settings() throws -> RecordSettings {
    var settings = RecordSettings()
    switch try record.map(RecordTarget.init) {
    case nil: break
    case .folder(let path): settings.folder = path
    case .servers(let urls): settings.stream = RecordStream(name: streamName, servers: urls.map(\.description).joined(separator: ", "))
    case .context(let name): settings.stream = RecordStream(name: streamName, servers: "the context \(name)")
    }
    settings.every = Int(recordEvery.seconds)
    settings.keepSeconds = recordKeep.seconds
    settings.keepBytes = recordKeep.bytes
    settings.keepsSecrets = recordSecrets
    if !recordEndpoints.isEmpty { settings.documents = try recordEndpoints.separated.map(RecordFlags.document) }
    for text in recordRows.separated {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let most = Int(parts[1]), most > 0 else {
        throw ValidationError("--record-rows takes ENDPOINT=NUMBER with a number above zero, such as connz=10000; found \(text)")
      }
      let name = try RecordFlags.document(parts[0])
      guard FullDocument.named(name).paging != nil else {
        let paged = FullDocument.table.filter { $0.paging != nil }.map(\.name.rawValue).joined(separator: ", ")
        throw ValidationError("--record-rows is for endpoints with pages (\(paged)); found \(parts[0])")
      }
      settings.rows[name] = most
    }
    return settings
  }

  private var streamName: String { recordStream ?? StreamPlace.standardName }

  /// The stream to record into, and how it is reached; nil where the record is elsewhere. Reads the context and the files, so that what
  /// cannot be used is known before anything is connected.
  ///
  /// - Parameter tls: What the command line says about TLS; a context has its own.
  /// - Throws: A sentence about the context or the file that cannot be used.
  public func streamPlace(tls: () throws -> TLSOptions?) throws -> StreamPlace? {
    guard let target = try record.map(RecordTarget.init), var place = try target.place(tls: tls) else { return nil }
    if let recordCreds { place.client.authentication = .credentialsFile(NATSContext.expanded(recordCreds)) }
    if let recordNkey { place.client.authentication = .nkeyFile(NATSContext.expanded(recordNkey)) }
    place.client.authorizationHint = "other credentials for the record are named by --record-creds, --record-nkey, a context or its URL"
    do { try place.client.checkFiles() } catch { throw CommandFailure("--record: \(error)") }
    let settings = try settings()
    place.stream = streamName
    place.replicas = recordReplicas ?? 1
    place.keepSeconds = settings.keepSeconds
    place.keepBytes = settings.keepBytes
    place.every = settings.every
    return place
  }

  private func validateStream() throws {
    let target = try record.map(RecordTarget.init)
    let isStream = if case .folder? = target { false } else { target != nil }
    let given = [
      (Setting.recordStream, recordStream != nil), (.recordReplicas, recordReplicas != nil), (.recordCreds, recordCreds != nil),
      (.recordNkey, recordNkey != nil),
    ].filter(\.1).map(\.0.name)
    if let first = given.first, !isStream {
      throw ValidationError("--\(first) is for a record in JetStream: --record nats://HOST:PORT or --record context:NAME")
    }
    if recordSetAside, isStream { throw ValidationError("--record-set-aside is for a record in a folder: --record FOLDER") }
    if recordCreds != nil, recordNkey != nil { throw ValidationError("--record-creds and --record-nkey both say who the user is") }
    guard StreamPlace.isName(streamName) else {
      throw ValidationError(
        "--record-stream has to be letters, digits, - and _, \(StreamPlace.longestName) at most; found \(streamName)")
    }
    if let recordReplicas, !(1...5).contains(recordReplicas) {
      throw ValidationError("--record-replicas has to be 1 to 5; found \(recordReplicas)")
    }
  }

  private static func document(_ name: String) throws -> FullDocument.Name {
    guard let known = FullDocument.Name(rawValue: name) else {
      let all = FullDocument.table.map(\.name.rawValue).joined(separator: ", ")
      throw ValidationError("no endpoint that can be recorded is named \(name); known: \(all)")
    }
    return known
  }

  public func validate() throws {
    let (shortest, longest) = (RecordSettings.shortest, RecordSettings.longest)
    guard (Double(shortest)...Double(longest)).contains(recordEvery.seconds), recordEvery.seconds.rounded() == recordEvery.seconds else {
      throw ValidationError("--record-every has to be whole seconds from \(shortest)s to \(longest / 3600)h; found \(recordEvery.text)")
    }
    try validateStream()
    _ = try settings()
  }
}

/// How long and how much is kept: `7d`, `2GB` or `7d,2GB`; what comes first counts.
public struct KeepFlag: ExpressibleByArgument, Sendable {
  let seconds: Int
  let bytes: Int
  let text: String

  static let standard = KeepFlag(seconds: 7 * 86_400, bytes: 2_000_000_000, text: "7d,2GB")

  private init(seconds: Int, bytes: Int, text: String) {
    self.seconds = seconds
    self.bytes = bytes
    self.text = text
  }

  public init?(argument: String) {
    var seconds: Int?
    var bytes: Int?
    for part in argument.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
      if bytes == nil, let size = KeepFlag.size(part) {
        bytes = size
      } else if seconds == nil, let span = DurationText.parseUptime(part), span >= Span.perSecond {
        seconds = Int(span / Span.perSecond)
      } else {
        return nil
      }
    }
    guard seconds != nil || bytes != nil else { return nil }
    self.init(seconds: seconds ?? .max / 2, bytes: bytes ?? .max, text: argument)
  }

  /// `500MB`, `2GB`, `1TB`: powers of ten. Nil for anything else, and below one megabyte.
  private static func size(_ text: String) -> Int? {
    for (unit, factor) in [("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000)] where text.uppercased().hasSuffix(unit) {
      guard let number = Double(text.dropLast(2)), number > 0, number * Double(factor) >= 1e6, number < 1e6 else { return nil }
      return Int(number * Double(factor))
    }
    return nil
  }

  public var defaultValueDescription: String { text }
}
