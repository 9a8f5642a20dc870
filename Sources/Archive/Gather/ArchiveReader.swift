import SystemAPI
import Wire

/// A reply that an archive holds, its pages joined.
public struct ArchivedReply: Sendable, Equatable {
  /// The id of the server that gave it; empty where it names none.
  public let serverID: String
  /// `{"server":{…},"data":{…}}`.
  public let bytes: [UInt8]
}

/// Reads an archive of `nats audit gather`, or one of ours: which entries there are of what, and their bytes.
public struct ArchiveReader: Sendable {
  public let manifest: ArchiveManifest
  /// What is odd and harms nothing, a sentence each; at most 100.
  public let warnings: [String]
  private let zip: ZipReader
  /// Bytes that one answer may be made of: an archive may say of as many entries as it likes that they are one server's.
  private let answerBytes: UInt64
  /// Places in the manifest by label and value, in order.
  private let index: [Key: [Int]]

  private struct Key: Hashable {
    let label: ArchiveTags.Label
    let value: String
  }

  /// - Parameter answerBytes: the most bytes that one answer is made of.
  /// - Throws: ``ArchiveError`` where the file is no archive; ``ZipError`` where its manifest cannot be read.
  public init(_ zip: ZipReader, answerBytes: UInt64 = 512 << 20) throws {
    guard let entry = zip.entry(named: ArchivePath.manifest) else { throw ArchiveError.noManifest }
    let manifest = try ArchiveManifest(json: zip.read(entry))
    for entry in manifest.entries where zip.entry(named: entry.path) == nil {
      throw ArchiveError.missingEntry(entry.path.debugDescription)
    }
    var index: [Key: [Int]] = [:]
    for (place, entry) in manifest.entries.enumerated() {
      for (label, value) in entry.tags.all { index[Key(label: label, value: value), default: []].append(place) }
    }
    self.manifest = manifest
    self.zip = zip
    self.answerBytes = answerBytes
    self.index = index
    warnings = ArchiveReader.warnings(zip, manifest)
  }

  private static func warnings(_ zip: ZipReader, _ manifest: ArchiveManifest) -> [String] {
    let listed = Set(manifest.entries.map(\.path))
    let unlisted = zip.entries.lazy.map(\.name).filter { $0 != ArchivePath.manifest && !listed.contains($0) }
    return manifest.unknownLabels.prefix(50).map { "the manifest has tags \($0.debugDescription), which are not known here" }
      + unlisted.prefix(50).map { "the manifest does not say what \($0.debugDescription) is" }
  }

  // MARK: What is there

  public var clusters: [String] { values(.cluster, ArchiveTags()) }
  public var accounts: [String] { values(.account, ArchiveTags()) }
  public func servers(inCluster cluster: String) -> [String] { values(.server, ArchiveTags(cluster: cluster)) }
  public func streams(ofAccount account: String) -> [String] { values(.stream, ArchiveTags(account: account)) }
  /// The servers that have a replica of a stream.
  public func servers(ofStream stream: String, account: String) -> [String] {
    values(.server, ArchiveTags(account: account, stream: stream))
  }

  /// The different values of a label among the entries that a question finds, sorted.
  public func values(_ label: ArchiveTags.Label, _ question: ArchiveTags) -> [String] {
    if question == ArchiveTags() { return Set(index.keys.filter { $0.label == label }.map(\.value)).sorted() }
    return Set(entries(question).compactMap { $0.tags[label] }).sorted()
  }

  /// The entries that have all tags of the question, by path: pages in their order.
  public func entries(_ question: ArchiveTags) -> [ArchiveManifest.Entry] {
    let lists = question.all.map { index[Key(label: $0.label, value: $0.value)] ?? [] }
    // The rarest of them leads; with no question all answer it.
    guard let rarest = lists.min(by: { $0.count < $1.count }) else { return manifest.entries }
    return rarest.map { manifest.entries[$0] }.filter { $0.tags.answer(question) }
  }

  // MARK: What it says

  /// The bytes of an entry, as they were put in.
  ///
  /// - Throws: ``ZipError`` where they are damaged.
  public func bytes(_ entry: ArchiveManifest.Entry) throws -> [UInt8] {
    guard let place = zip.entry(named: entry.path) else { throw ArchiveError.missingEntry(entry.path.debugDescription) }
    return try zip.read(place)
  }

  /// The bytes of the one entry that a question finds.
  ///
  /// - Throws: ``ArchiveError`` where it finds none, or several.
  public func only(_ question: ArchiveTags) throws -> [UInt8] {
    let found = entries(question)
    guard found.count == 1 else { throw ArchiveError.notOne(ArchiveReader.text(question), found: found.count) }
    return try bytes(found[0])
  }

  /// Who made the archive, and when.
  public func metadata() throws -> ArchiveMetadata { try ArchiveMetadata(only(ArchiveTags(special: ArchiveMetadata.special))) }

  /// Each page that a question finds, by itself.
  ///
  /// - Throws: ``ArchiveError`` where one is no JSON; ``ZipError`` where one is damaged.
  public func pages(_ question: ArchiveTags) throws -> [[UInt8]] {
    try bounded(question).map { entry in
      let bytes = try bytes(entry)
      do { try JSONScanner.validate(bytes) } catch { throw ArchiveError.noJSON(entry.path.debugDescription) }
      return bytes
    }
  }

  /// The replies that a question finds, by path, each with its pages joined. Two servers of one name lie in one folder as pages of each other:
  /// they are told apart by their ids.
  ///
  /// - Throws: ``ArchiveError`` where an entry is no reply; ``ZipError`` where one is damaged.
  public func replies(_ question: ArchiveTags) throws -> [ArchivedReply] {
    // Pages of one folder and one server, in the order in which the first of each is met.
    var groups: [(key: [String], type: String?, pages: [[UInt8]])] = []
    var places: [[String]: Int] = [:]
    for entry in try bounded(question) {
      let reply = try reply(entry)
      let (id, bytes) = (reply.serverID, reply.bytes)
      let folder = entry.path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(entry.path[..<$0]) } ?? ""
      let key = [folder, id]
      if let place = places[key] {
        groups[place].pages.append(bytes)
      } else {
        places[key] = groups.count
        groups.append((key, entry.tags.artifactType, [bytes]))
      }
    }
    return groups.flatMap { group -> [ArchivedReply] in
      guard let list = group.type.flatMap({ ArtifactType(rawValue: $0) })?.pagedList else {
        return group.pages.map { ArchivedReply(serverID: group.key[1], bytes: $0) }
      }
      return [ArchivedReply(serverID: group.key[1], bytes: ArchivePages.joined(list, group.pages))]
    }
  }

  /// An entry that is a reply.
  func reply(_ entry: ArchiveManifest.Entry) throws -> ArchivedReply {
    let bytes = try bytes(entry)
    guard let id = ArchiveReader.serverID(bytes) else { throw ArchiveError.noJSON(entry.path.debugDescription) }
    return ArchivedReply(serverID: id, bytes: bytes)
  }

  /// The entries that a question finds, where they are no more than one answer may be made of.
  func bounded(_ question: ArchiveTags) throws -> [ArchiveManifest.Entry] {
    let found = entries(question)
    let size = found.reduce(UInt64(0)) { $0 + (zip.entry(named: $1.path)?.size ?? 0) }
    guard size <= answerBytes else { throw ArchiveError.tooLarge(ArchiveReader.text(question), found: size, limit: answerBytes) }
    return found
  }

  /// The id of the server that gave a reply, empty where it names none; nil where the bytes are no reply.
  private static func serverID(_ bytes: [UInt8]) -> String? {
    bytes.withUnsafeBufferPointer { buffer in
      guard let envelope = ReplyEnvelope(buffer), let server = envelope.server, envelope.data != nil else { return nil }
      return ServerDescription(buffer, server)?.id ?? ""
    }
  }

  private static func text(_ question: ArchiveTags) -> String {
    question.all.map { "\($0.label.rawValue) \($0.value.debugDescription)" }.joined(separator: " and ")
  }
}
