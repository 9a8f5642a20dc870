import SystemAPI
import Wire

/// What was kept of one server at one moment.
public struct RecordedDocuments: Sendable {
  /// Finds a document's bytes; the second is the account of ``FullDocument/Name/account``.
  public typealias Lookup = @Sendable (FullDocument.Name, String?) -> [UInt8]?

  /// The `server` object of its replies, as it stood there.
  public let server: [UInt8]
  let description: ServerDescription
  private let lookup: Lookup

  /// - Returns: nil when the object has no id or is no JSON.
  public init?(server: [UInt8], lookup: @escaping Lookup) {
    guard let description = server.withUnsafeBufferPointer({ ServerDescription(message: $0) }) else { return nil }
    self.server = server
    self.description = description
    self.lookup = lookup
  }

  var version: String { description.version }

  /// Whether the server is of one of these releases or newer ones of their lines.
  func isSince(_ releases: [ServerVersion]) -> Bool { Endpoint.isSupported(releases, by: version) }

  /// A document's bytes; nil where it was not kept.
  func find(_ name: FullDocument.Name, account: String? = nil) -> [UInt8]? { lookup(name, account) }

  /// A document's bytes.
  func document(_ name: FullDocument.Name) throws(Obstacle) -> [UInt8] {
    guard let found = lookup(name, nil) else { throw .notRecorded(.document(name)) }
    return found
  }
}
