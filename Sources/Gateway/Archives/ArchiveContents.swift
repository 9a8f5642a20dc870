import Archive
import Recorded
import Recording
import SystemAPI
import SystemModel
import Wire

/// What is taken out of an archive, server by server.
struct ArchiveContents {
  /// A folder of servers: they are few whose names are alike.
  struct Place: Hashable {
    let cluster: String
    let server: String
  }

  let archive: ArchiveReader
  private let mostBytes: Int
  private var bytes = 0
  /// The `server` object of the first reply of each server.
  private(set) var objects: [ServerID: [UInt8]] = [:]
  private(set) var documents: [RecordedDocument] = []
  private var places: [RecordedDocument.Key: Int] = [:]
  private(set) var notes: [String] = []
  private static let mostNotes = 100

  /// - Parameter mostBytes: Bytes of all documents together.
  init(_ archive: ArchiveReader, mostBytes: Int) {
    self.archive = archive
    self.mostBytes = mostBytes
  }

  /// The servers' folders.
  var folders: [Place] {
    archive.clusters.flatMap { cluster in archive.servers(inCluster: cluster).map { Place(cluster: cluster, server: $0) } }
  }

  /// The document of a server; nil where it is not there.
  func document(_ name: FullDocument.Name, of server: ServerID, account: String = "") -> [UInt8]? {
    places[.init(server: server, document: name.rawValue, account: account)].map { documents[$0].bytes }
  }

  /// The accounts that there is such a document about.
  func accounts(_ type: ArtifactType, _ place: Place) -> [String] {
    archive.values(.account, ArchiveTags(cluster: place.cluster, server: place.server, type: type))
  }

  func replies(_ type: ArtifactType, _ place: Place, account: String? = nil) throws -> [ArchivedReply] {
    try archive.replies(ArchiveTags(account: account, cluster: place.cluster, server: place.server, type: type))
  }

  /// Takes a reply up as a document.
  ///
  /// - Parameter change: Makes the document of the reply's data; nil where it is the data.
  mutating func take(
    _ reply: ArchivedReply, as name: FullDocument.Name, account: String = "", rtt: Span = .zero, _ change: ((JSONView) -> [UInt8])? = nil
  ) throws(ArchiveOpeningError) {
    guard !reply.serverID.isEmpty else { return note("a reply of \(name.rawValue) names no server, and is passed over") }
    let parts = reply.bytes.withUnsafeBufferPointer { buffer in
      ReplyEnvelope(buffer).map { (server: $0.server, data: $0.data) }
    }
    guard let server = parts?.server, let data = parts?.data else { return }
    if objects[reply.serverID] == nil { objects[reply.serverID] = ArchiveContents.compact(reply.bytes[server]) }
    let view = JSONView(bytes: reply.bytes, range: data)
    guard view.kind == .object else { return note("a reply of \(name.rawValue) is no object, and is passed over") }
    let document = change.map { $0(view) } ?? ArchiveContents.compact(view.raw)
    try add(document, .init(server: reply.serverID, document: name.rawValue, account: account), rtt)
  }

  /// Takes a document up.
  mutating func add(_ document: [UInt8], _ key: RecordedDocument.Key, _ rtt: Span = .zero) throws(ArchiveOpeningError) {
    guard places[key] == nil else { return note("there are two replies of \(key.document) of one server, and the first is taken") }
    bytes += document.count
    guard bytes <= mostBytes else { throw ArchiveOpeningError("its documents have more than \(mostBytes >> 20) MB") }
    places[key] = documents.count
    documents.append(RecordedDocument(key, bytes: document, rtt: rtt))
  }

  private mutating func note(_ text: String) { if notes.count < ArchiveContents.mostNotes { notes.append(text) } }

  /// As servers send it: archives have it indented.
  static func compact(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    bytes.withUnsafeBytes { JSONIndenter.compact($0, into: &result) }
    return result
  }

  // MARK: Of our own

  /// The epoch that an archive of ours was made of.
  mutating func epoch(_ moment: MomentDescription) throws -> Epoch {
    guard RecordedBeliefs(moment.beliefs) != nil else {
      throw ArchiveOpeningError("its entry \"\(MomentDescription.special)\" does not say who was there")
    }
    for place in folders {
      for name in FullDocument.Name.allCases {
        let isOfAccounts = FullDocument.named(name).account != nil
        for account in isOfAccounts ? accounts(name.artifact, place) : [""] {
          for reply in try replies(name.artifact, place, account: isOfAccounts ? account : nil) {
            try take(reply, as: name, account: account, rtt: moment.rtts[reply.serverID]?[name.rawValue] ?? .zero)
          }
        }
      }
    }
    for note in moment.notes { try add(note.text, .init(server: note.server, document: note.name, account: note.account)) }
    for (id, object) in moment.servers.sorted(by: { $0.key < $1.key }) {
      try add(object, .init(server: id, document: KeptDocument.server))
    }
    return Epoch(moment.header, beliefs: moment.beliefs, documents: documents)
  }
}
