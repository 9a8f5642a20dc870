import Archive
import Recorded
import Recording
import SystemAPI
import SystemModel
import Wire

/// What is in an archive that was made, and what is not.
public struct ArchiveReport: Sendable {
  let whole: Completeness
  /// Replies that cannot be in an archive, a sentence each; the first of them.
  public let leftOut: [String]
  public let leftOutCount: Int

  init(_ whole: Completeness, leftOut: [String], count: Int) {
    self.whole = whole
    self.leftOut = leftOut
    leftOutCount = count
  }

  /// Whether every server that was expected has answered; nil where nobody knows who is expected.
  public var isComplete: Bool? { whole.complete }
  /// Servers that answered, and those that were expected.
  public var responded: Int { whole.responded }
  public var expected: Int? { whole.expected }
  /// Who did not answer, each with the reason.
  public var missing: [String] { whole.missing.map { "\($0.label): \($0.cause.reason)" } }
}

/// Puts one epoch into an archive that `nats audit analyze` reads, and that opens as the same moment again. It reads the store: for workers.
struct ArchiveMaking: Sendable {
  let header: EpochHeader
  let beliefs: RecordedBeliefs
  let store: any RecordStore
  /// Those that are meant; nil for all.
  let servers: Set<ServerID>?
  /// What is known of who is missing.
  let roster: Completeness
  /// Whether JWTs, passwords and tokens are put in as they were recorded.
  let showsSecrets: Bool
  /// The gateway's own.
  let version: String

  /// How long a server is waited for when an epoch is read.
  private static let patience = Span.seconds(5)

  /// A server's place in the archive.
  private struct Place {
    let cluster: String
    let name: String
    let object: [UInt8]
  }

  /// - Parameter sink: Takes the bytes in order.
  /// - Throws: `RecordError` where the record cannot be read, and what the sink throws.
  func write(_ sink: @escaping (ArraySlice<UInt8>) throws -> Void) throws -> ArchiveReport {
    let archive = try ArchiveWriter(started: header.began, sink: sink)
    let places = try places()
    var description = MomentDescription(header, beliefs: scopedBeliefs.text)
    description.servers = places.mapValues(\.object)
    var answered: Set<ServerID> = []
    for name in FullDocument.Name.allCases {
      for document in try kept(name.rawValue) {
        guard let place = places[document.key.server] else { continue }
        // Heartbeats come unasked, and from who fell silent afterwards too.
        if name != .statsz { answered.insert(document.key.server) }
        if document.key.account.isEmpty { description.rtts[document.key.server, default: [:]][name.rawValue] = document.rtt }
        try put(document, name, place, archive)
      }
      for prefix in KeptDocument.inPlaces {
        for note in try kept(prefix + name.rawValue) where places[note.key.server] != nil {
          answered.insert(note.key.server)
          description.notes.append(
            .init(server: note.key.server, name: note.key.document, account: note.key.account, text: note.bytes))
        }
      }
    }
    description.header = scopedHeader(answered)
    let report = report(answered, archive)
    try archive.add(.special(name: ArchiveMetadata.special, ending: "json"), metadata.encoded)
    try archive.add(.special(name: ArchiveMetadata.log, ending: "log"), log(report))
    let moment = disclosed(description.encoded(version: version), commandLines: false)
    try archive.add(.special(name: MomentDescription.special, ending: "json"), moment)
    try archive.finish()
    return report
  }

  // MARK: Which servers

  private func isMeant(_ id: ServerID) -> Bool { servers?.contains(id) ?? true }

  private func kept(_ document: String) throws(RecordError) -> [RecordedDocument] {
    try store.documents(ofEpoch: header.number, named: document).filter { isMeant($0.key.server) }
  }

  private func places() throws(RecordError) -> [ServerID: Place] {
    var places: [ServerID: Place] = [:]
    for object in try kept(KeptDocument.server) {
      guard let server = object.bytes.withUnsafeBufferPointer({ ServerDescription(message: $0) }) else { continue }
      places[object.key.server] = Place(cluster: server.cluster, name: server.name, object: object.bytes)
    }
    return places
  }

  private func scopedHeader(_ answered: Set<ServerID>) -> EpochHeader {
    guard servers != nil else { return header }
    var own = header
    let expected = scopedBeliefs.system.servers.filter(\.standing.isExpected)
    own.responded = expected.count { $0.standing.isWaitedFor && answered.contains($0.description.id) }
    own.expected = header.expected.map { _ in expected.count }
    own.missing = expected.count - own.responded
    // They were of the whole system.
    own.findings = nil
    return own
  }

  /// What was believed of the servers that are meant, and nothing of others.
  private var scopedBeliefs: RecordedBeliefs {
    guard servers != nil else { return beliefs }
    var own = beliefs
    own.system.servers.removeAll { !isMeant($0.description.id) }
    own.system.sighted = []
    // They count servers that are not meant.
    for place in own.system.servers.indices { own.system.servers[place].countedServers = 0 }
    own.facts = beliefs.facts.filter { isMeant($0.key) }
    return own
  }

  // MARK: What is put in

  private func put(_ document: RecordedDocument, _ name: FullDocument.Name, _ place: Place, _ archive: ArchiveWriter) throws {
    let data = disclosed(document.bytes, commandLines: name == .expvarz)
    let reply = ArchiveMaking.reply(place.object, data)
    guard !document.key.account.isEmpty else {
      try archive.add(.server(name.artifact, cluster: place.cluster, server: place.name), reply)
      if name == .jsz { try putStreams(data, place, archive) }
      return
    }
    let account = document.key.account
    try archive.add(.account(name.artifact, account: account, cluster: place.cluster, server: place.name), reply)
    let details = data.withUnsafeBufferPointer { JSONBytes.member("account_detail", $0, 0..<$0.count) }
    guard name == .account, let details else { return }
    // As others ask for it.
    let info = ArchiveMaking.reply(place.object, Array(data[details]))
    try archive.add(.account(.accountInfo, account: account, cluster: place.cluster, server: place.name), info)
  }

  /// Each replica of a stream, by itself.
  private func putStreams(_ jsz: [UInt8], _ place: Place, _ archive: ArchiveWriter) throws {
    let view = JSONView(bytes: jsz, range: 0..<jsz.count)
    for account in view["account_details"]?.elements ?? [] {
      guard let id = account["id"]?.string else { continue }
      for stream in account["stream_detail"]?.elements ?? [] {
        guard let name = stream["name"]?.string else { continue }
        let cluster = stream["cluster"]?["name"]?.string ?? place.cluster
        try archive.add(.stream(account: id, stream: name, cluster: cluster, server: place.name), Array(stream.raw))
      }
    }
  }

  private func disclosed(_ bytes: [UInt8], commandLines: Bool) -> [UInt8] {
    showsSecrets ? bytes : SecretFilter(commandLines: commandLines).redacted(bytes) ?? bytes
  }

  private static func reply(_ server: [UInt8], _ data: [UInt8]) -> [UInt8] {
    var bytes = Array("{\"server\":".utf8)
    bytes.reserveCapacity(server.count + data.count + 32)
    bytes += server
    bytes += ",\"data\":".utf8
    bytes += data
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  // MARK: What is said of it

  private var metadata: ArchiveMetadata {
    var metadata = ArchiveMetadata()
    metadata.captured = header.at.rfc3339
    metadata.serverName = beliefs.server
    metadata.serverVersion = beliefs.system.servers.first { $0.description.name == beliefs.server }?.description.version ?? ""
    metadata.url = beliefs.url
    metadata.userName = "?"
    metadata.version = "natsight \(version)"
    return metadata
  }

  /// Who is in it, and who is not: besides those of whom the others tell alone, whoever was expected and is silent, or answered nothing.
  private func report(_ answered: Set<ServerID>, _ archive: ArchiveWriter) -> ArchiveReport {
    let silent = scopedBeliefs.system.servers.filter {
      $0.standing.isExpected && !($0.standing.isWaitedFor && answered.contains($0.description.id))
    }
    var whole = roster
    if !silent.isEmpty {
      whole.complete = roster.complete.map { _ in false }
      whole.responded = max(0, roster.responded - silent.count)
      // Those of whom only the number is known stand last.
      whole.missing.insert(contentsOf: silent.map(missing), at: whole.missing.firstIndex { $0.count > 1 } ?? whole.missing.count)
    }
    return ArchiveReport(whole, leftOut: archive.leftOut.prefix(100).map(\.description), count: archive.leftOutCount)
  }

  private func missing(_ server: SystemRecord.Server) -> MissingServer {
    let silence = max(.zero, header.at - server.heard)
    let cause: MissingCause =
      switch server.standing {
      case .suspect(.silent): .silent(silence)
      case .suspect(.noRoute): .noRoute(silence)
      case .awaited: .awaited(after: server.departed)
      default: .timeout(waited: ArchiveMaking.patience)
      }
    let isKnown = server.standing != .awaited
    return MissingServer(
      id: server.description.id, name: server.description.name, cluster: server.description.cluster, lastSeen: isKnown ? server.heard : nil,
      cause: cause)
  }

  /// For people: who answered and who did not, and what could not be put in.
  private func log(_ report: ArchiveReport) -> [UInt8] {
    var lines = ["\(header.at.rfc3339) epoch \(header.number), read from \(header.began.rfc3339) on, by natsight \(version)"]
    lines.append("\(report.responded) of \(report.expected.map(String.init) ?? "an unknown number of") servers answered")
    lines += report.missing.map { "missing: \($0)" }
    if !showsSecrets { lines.append("JWTs, passwords and tokens are left out") }
    lines += report.leftOut
    if report.leftOutCount > report.leftOut.count { lines.append("\(report.leftOutCount - report.leftOut.count) more are left out") }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }
}
