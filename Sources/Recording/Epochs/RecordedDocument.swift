import Wire

/// One document of one server at one moment; or of the epoch itself, whose server is the empty id.
public struct RecordedDocument: Sendable, Equatable {
  /// What an epoch keeps of itself: no server has documents of these names.
  public enum OfEpoch: String, Sendable, CaseIterable {
    /// What was found to be wrong; there wherever it was judged, also where nothing was.
    case findings
    /// What happened since the epoch before; not there where nothing did.
    case transitions
    /// What the next epoch is compared with.
    case facts
    /// The system's events since the epoch before; not there where none came.
    case events
  }

  /// What names of sheets begin with: the figures of an epoch, one sheet for each kind of thing.
  public static let sheets = "series/"

  /// Whether documents of a name are what an epoch keeps of itself: they are under the empty id, and no server's are named so.
  public static func isOfEpoch(_ name: String) -> Bool { OfEpoch(rawValue: name) != nil || name.hasPrefix(sheets) }

  /// Which document it is.
  public struct Key: Sendable, Hashable {
    /// The server's id.
    public var server: String
    /// `varz`, `connz`, …
    public var document: String
    /// Of a document about one account; empty for all others.
    public var account: String

    public init(server: String, document: String, account: String = "") {
      self.server = server
      self.document = document
      self.account = account
    }
  }

  public var key: Key
  /// The whole reply: `{"server":…,"data":…}`, or with an `error` where the server refused.
  public var bytes: [UInt8]
  /// From the question to the reply.
  public var rtt: Span

  public init(_ key: Key, bytes: [UInt8], rtt: Span) {
    self.key = key
    self.bytes = bytes
    self.rtt = rtt
  }
}

/// One moment with all that was recorded of it.
public struct Epoch: Sendable {
  public var header: EpochHeader
  /// What was believed, as ``SystemRecord``'s text.
  public var beliefs: [UInt8]
  public var documents: [RecordedDocument]

  public init(_ header: EpochHeader, beliefs: [UInt8], documents: [RecordedDocument]) {
    self.header = header
    self.beliefs = beliefs
    self.documents = documents
  }
}
