import SystemAPI
import Wire

/// What was kept of one server at one moment.
public struct RecordedDocuments: Sendable {
  /// Finds what was kept of a document; the second is the account, where there is a document for each account.
  public typealias Lookup = @Sendable (FullDocument.Name, String?) -> [UInt8]?

  /// The `server` object of its replies, as it stood there.
  public let server: [UInt8]
  let description: ServerDescription
  private let lookup: Lookup
  /// What is kept are whole replies.
  private let isEnveloped: Bool
  private let holdings: Holdings

  /// - Parameters:
  ///   - holdings: With which options the documents were asked for.
  ///   - lookup: Gives documents as they stand in replies: `data`, or of heartbeats `statsz`.
  /// - Returns: nil when the object has no id or is no JSON.
  public init?(server: [UInt8], holdings: Holdings = .full, lookup: @escaping Lookup) {
    self.init(server: server, isEnveloped: false, holdings, lookup)
  }

  /// - Parameters:
  ///   - holdings: With which options the documents were asked for.
  ///   - replies: Gives whole replies, of which the first that there is tells who the server was.
  /// - Returns: nil where there is no reply, or none of a server.
  public init?(holdings: Holdings = .full, replies: @escaping Lookup) {
    for name in FullDocument.Name.allCases {
      guard let reply = replies(name, nil) else { continue }
      let server = reply.withUnsafeBufferPointer { bytes in
        JSONBytes.member("server", bytes, 0..<bytes.count).map { Array(bytes[$0]) }
      }
      guard let server else { continue }
      self.init(server: server, isEnveloped: true, holdings, replies)
      return
    }
    return nil
  }

  private init?(server: [UInt8], isEnveloped: Bool, _ holdings: Holdings, _ lookup: @escaping Lookup) {
    guard let description = server.withUnsafeBufferPointer({ ServerDescription(message: $0) }) else { return nil }
    self.server = server
    self.description = description
    self.isEnveloped = isEnveloped
    self.holdings = holdings
    self.lookup = lookup
  }

  var version: String { description.version }

  /// Whether the server is of one of these releases or newer ones of their lines.
  func isSince(_ releases: [ServerVersion]) -> Bool { Endpoint.isSupported(releases, by: version) }

  /// Whether a document was asked for with more than makes it full.
  func holds(_ name: FullDocument.Name, _ option: String) -> Bool { holdings.with[name]?.contains(option) ?? false }

  /// - Throws: Where the document was asked for without this option.
  func need(_ name: FullDocument.Name, _ option: String, for parameter: String, _ value: String = "true") throws(Obstacle) {
    guard holdings.without[name]?.contains(option) ?? false else { return }
    throw .notRecorded(.parameter(name, name: parameter, value: value))
  }

  /// A document's bytes; nil where it was not kept.
  ///
  /// - Throws: The server's refusal, where that is what was kept.
  func find(_ name: FullDocument.Name, account: String? = nil) throws(Obstacle) -> [UInt8]? {
    guard let found = lookup(name, account) else { return nil }
    guard isEnveloped else { return found }
    let (error, document) = found.withUnsafeBufferPointer { bytes in
      let parts = JSONBytes.members(["error", "data", "statsz"], bytes, 0..<bytes.count)
      let document = FullDocument.named(name).endpoint.envelope == .statsz ? parts[2] : parts[1]
      return (parts[0].flatMap { ReplyError(bytes, $0) }, document.map { Array(bytes[$0]) })
    }
    if let error { throw .error(error) }
    guard let document else { throw .notRecorded(.unreadable(name)) }
    return document
  }

  /// A document's bytes.
  func document(_ name: FullDocument.Name) throws(Obstacle) -> [UInt8] {
    guard let found = try find(name) else { throw .notRecorded(.document(name)) }
    return found
  }
}
