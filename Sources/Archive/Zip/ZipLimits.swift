/// The most that a ZIP file may hold to be read: whoever sends one decides about its numbers, not about our memory.
public struct ZipLimits: Sendable, Equatable {
  public var entries = 1_000_000
  /// Bytes of the directory, which is read as a whole.
  public var directoryBytes = 256 << 20
  /// Bytes of an entry's name.
  public var nameLength = 2_048
  /// Bytes of one entry, unpacked.
  public var entryBytes: UInt64 = 256 << 20
  /// Bytes of all entries together, unpacked.
  public var totalBytes: UInt64 = 32 << 30
  /// How many times as many bytes an entry may unfold to, beyond the first `looseBytes`. JSON of many rows that are alike packs 1:30;
  /// the most that deflate can do is 1:1032.
  public var ratio: UInt64 = 200
  /// Small entries may be packed as tightly as they like.
  public var looseBytes: UInt64 = 1 << 20

  public init() {}
}
