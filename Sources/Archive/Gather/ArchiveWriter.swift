import SystemAPI
import Wire

/// Writes an archive that `nats audit analyze` reads. What cannot be in one is told and left out; all else goes on. Equal calls give equal
/// bytes. For one thread at a time.
public final class ArchiveWriter {
  /// Why an artifact is not in the archive.
  public enum Reason: Sendable, Equatable, CustomStringConvertible {
    /// A name cannot be a part of a path.
    case name(shown: String, EntryPath.Fault)
    case longName(bytes: Int)
    /// There is one already, of what is not paged.
    case duplicate
    case tooManyPages
    /// The reply holds an error instead of data; what it says.
    case error(String)
    /// The reply is no JSON, or has not a server and data.
    case noReply
    /// What is said of a stream is not that stream's detail.
    case noStream
    /// The type is not of what it is said to be of.
    case wrongType

    public var description: String {
      switch self {
      case .name(let name, let fault): "\(name) \(fault), and cannot be a part of a path"
      case .longName(let bytes): "its path would have \(bytes) bytes"
      case .duplicate: "there is one already"
      case .tooManyPages: "there are \(ArchivePath.mostPages) pages already"
      case .error(let text): "the reply is an error: \(text)"
      case .noReply: "the reply is not JSON with a server and its data"
      case .noStream: "expected the stream's detail as JSON"
      case .wrongType: "this type is not of a server, or not of an account"
      }
    }
  }

  public struct LeftOut: Sendable, Equatable, CustomStringConvertible {
    public let artifact: Artifact
    public let reason: Reason

    public var description: String {
      let what = artifact.tags.all.map { "\($0.label.rawValue)=\($0.value.debugDescription)" }.joined(separator: " ")
      return "\(what) is left out: \(reason)"
    }
  }

  /// The first of what is not in the archive; ``leftOutCount`` counts all.
  public private(set) var leftOut: [LeftOut] = []
  public private(set) var leftOutCount = 0
  private static let mostLeftOut = 1_000

  private let zip: ZipWriter
  private var entries: [ArchiveManifest.Entry] = []
  private var pages: [String: Int] = [:]
  private var paths: Set<String> = [ArchivePath.manifest]
  private let limits: ZipLimits

  /// - Parameters:
  ///   - started: the time of all entries.
  ///   - sink: takes the bytes in order.
  /// - Throws: only where there is no memory.
  public init(started: Timestamp, limits: ZipLimits = ZipLimits(), sink: @escaping (ArraySlice<UInt8>) throws -> Void) throws {
    self.limits = limits
    zip = try ZipWriter(modified: started, limits: limits, sink: sink)
  }

  /// Puts in one artifact: of a server and an account a whole reply, of a stream its detail alone, else bytes as they are. A further one of the
  /// same kind is its next page.
  ///
  /// - Returns: why it was left out; nil where it was not.
  /// - Throws: what the sink throws, and ``ZipWriter/Refusal`` where there are too many entries or nothing can follow.
  @discardableResult
  public func add(_ artifact: Artifact, _ bytes: [UInt8]) throws -> LeftOut? {
    do throws(Refused) {
      let path = try path(of: artifact)
      let content = try content(of: artifact, bytes)
      return try put(artifact, at: path, content)
    } catch {
      return try refuse(artifact, error)
    }
  }

  /// Writes the manifest and the directory: the end of the archive.
  public func finish() throws {
    try zip.add(ArchivePath.manifest, ArchiveManifest(entries).encoded)
    try zip.finish()
  }

  private enum Refused: Error {
    case reason(Reason)
    /// Nothing more can be written.
    case failed(any Error)
  }

  private func refuse(_ artifact: Artifact, _ refused: Refused) throws -> LeftOut {
    switch refused {
    case .failed(let error): throw error
    case .reason(let reason):
      let item = LeftOut(artifact: artifact, reason: reason)
      leftOutCount += 1
      if leftOut.count < Self.mostLeftOut { leftOut.append(item) }
      return item
    }
  }

  private func put(_ artifact: Artifact, at path: String, _ content: [UInt8]) throws(Refused) -> LeftOut? {
    do { try zip.add(path, content) } catch { throw .failed(error) }
    paths.insert(path)
    if artifact.isPaged { pages[artifact.parts.joined(separator: "/"), default: 0] += 1 }
    entries.append(ArchiveManifest.Entry(path: path, tags: artifact.tags))
    return nil
  }

  private func path(of artifact: Artifact) throws(Refused) -> String {
    for name in artifact.names + artifact.parts {
      if let fault = EntryPath.fault(inPart: name.utf8) { throw .reason(.name(shown: EntryPath.shown(name.utf8), fault)) }
    }
    var path = artifact.parts.joined(separator: "/")
    if artifact.isPaged {
      let page = pages[path, default: 0] + 1
      guard page <= ArchivePath.mostPages else { throw .reason(.tooManyPages) }
      path += "/" + ArchivePath.page(page)
    }
    guard path.utf8.count <= limits.nameLength else { throw .reason(.longName(bytes: path.utf8.count)) }
    guard !paths.contains(path) else { throw .reason(.duplicate) }
    return path
  }

  private func content(of artifact: Artifact, _ bytes: [UInt8]) throws(Refused) -> [UInt8] {
    switch artifact {
    case .server(let type, _, _):
      guard type.scope == .server else { throw .reason(.wrongType) }
      return try reply(bytes)
    case .account(let type, _, _, _):
      guard type.scope == .account else { throw .reason(.wrongType) }
      return try reply(bytes)
    case .stream(_, let stream, _, _):
      guard let view = try? JSONView(validating: bytes), view["name"]?.string == stream, view["state"] != nil else {
        throw .reason(.noStream)
      }
      // These are encoded anew where others are handed on, and end as such do.
      return JSONIndenter.indented(bytes) + [UInt8(ascii: "\n")]
    case .profile, .special: return bytes
    }
  }

  private func reply(_ bytes: [UInt8]) throws(Refused) -> [UInt8] {
    let reason = bytes.withUnsafeBufferPointer { buffer -> Reason? in
      guard let envelope = ReplyEnvelope(buffer) else { return .noReply }
      if let error = envelope.error, !JSONBytes.isNull(buffer, error) {
        return .error(ReplyError(buffer, error).map { "\($0.code) \($0.description)" } ?? "of no form that is known")
      }
      guard let server = envelope.server, buffer[server.lowerBound] == UInt8(ascii: "{"), envelope.data != nil else { return .noReply }
      return nil
    }
    if let reason { throw .reason(reason) }
    return JSONIndenter.indented(bytes)
  }
}
