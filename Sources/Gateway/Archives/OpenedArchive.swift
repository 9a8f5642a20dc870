import Archive
import Recording
import SystemAPI
import SystemModel
import Wire

/// A file of `/archive`, of `natsight archive` or of `nats audit gather`, opened: the one moment that it holds.
public struct OpenedArchive: Sendable {
  public let epoch: Epoch
  /// What is odd about the file and harms nothing, a sentence each.
  public let notes: [String]

  /// The most bytes that its documents may have.
  private static let mostBytes = 2 << 30
  /// The most that a file may claim to unfold to, with what is not read.
  private static var limits: ZipLimits {
    var limits = ZipLimits()
    limits.totalBytes = 8 << 30
    return limits
  }

  /// Opens a file and reads all of it. Blocks.
  public init(path: String) throws(ArchiveOpeningError) {
    do {
      try self.init(ZipReader(ZipFile(path: path), limits: OpenedArchive.limits))
    } catch {
      throw ArchiveOpeningError("cannot open the archive \(path): \(error)")
    }
  }

  /// The same of bytes in memory.
  public init(bytes: [UInt8]) throws(ArchiveOpeningError) {
    do {
      try self.init(ZipReader(ZipBytes(bytes), limits: OpenedArchive.limits))
    } catch {
      throw ArchiveOpeningError("\(error)")
    }
  }

  private init(_ zip: ZipReader) throws {
    let archive = try ArchiveReader(zip)
    var contents = ArchiveContents(archive, mostBytes: OpenedArchive.mostBytes)
    if archive.entries(ArchiveTags(special: MomentDescription.special)).isEmpty {
      epoch = try GatheredEpoch(archive, &contents).epoch
    } else {
      epoch = try contents.epoch(MomentDescription(archive.only(ArchiveTags(special: MomentDescription.special))))
    }
    guard !epoch.documents.isEmpty else { throw ArchiveOpeningError("no server's reply is in it") }
    notes = archive.warnings + contents.notes
  }
}
