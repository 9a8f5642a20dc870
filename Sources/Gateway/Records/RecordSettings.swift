import Recorded
import Recording
import Wire

/// What the operator decides about recording.
public struct RecordSettings: Sendable, Equatable {
  /// The folder of the record. Without it and without a stream nothing is asked for to be recorded, and what is heard anyway is kept in
  /// memory.
  public var folder: String?
  /// The JetStream stream of the record, where it is in one.
  public var stream: RecordStream?
  /// How far apart epochs are, in seconds.
  public var every = 60
  /// How old an epoch may become, in seconds.
  public var keepSeconds = 7 * 86_400
  /// What the record may take, in bytes.
  public var keepBytes = 2_000_000_000
  /// Rows of a document that are kept, where the endpoint is named: connections, accounts of JetStream.
  public var rows: [FullDocument.Name: Int] = [:]
  /// What servers are asked for.
  public var documents: [FullDocument.Name] = FullDocument.table.filter(\.isUsual).map(\.name)
  /// JWTs, passwords and tokens are kept as they are.
  public var keepsSecrets = false

  /// The largest document that is kept, in bytes: what stores take.
  var mostDocument = DocumentFrames.largest
  /// Bytes of all documents of an epoch. Those that go beyond either are left out, and told as too large.
  var mostBytes = 256 << 20

  /// The shortest interval, in seconds.
  public static let shortest = 10
  /// The longest one: numbers of epochs of other intervals stay apart by this.
  public static let longest = 3600
  /// How long what is heard anyway is kept without a folder.
  static let memory = Span.seconds(900)
  /// What that may take, in bytes: of very many servers fewer moments are kept.
  static let memoryBytes = 16 << 20

  public init() {}

  /// Servers are asked for what is recorded.
  var asks: Bool { folder != nil || stream != nil }

  /// How old an answer to somebody else may be that is taken up instead of asking again: a sixth of the interval, ten seconds at most. Zero
  /// where nobody is asked.
  var youngAge: Span { asks ? .wholeSeconds(Int64(min(10, every / 6))) : .zero }

  /// The number of the epoch of a moment.
  func number(at time: Timestamp) -> Int { Int(time.seconds) / max(1, every) }
}

/// A stream as it is told of.
public struct RecordStream: Sendable, Equatable {
  public var name: String
  /// Where it was looked for, without credentials.
  public var servers: String

  public init(name: String, servers: String) {
    self.name = name
    self.servers = servers
  }
}
