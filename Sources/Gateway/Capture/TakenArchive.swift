/// The system as it was read, ready to be written into a file.
public struct TakenArchive: Sendable {
  private let making: ArchiveMaking

  init(_ moment: RecordedMoment, _ scope: PathScope, showsSecrets: Bool) {
    making = moment.archive.making(scope, showsSecrets: showsSecrets)
  }

  /// Writes the file. Blocks: not for a shard.
  ///
  /// - Parameter sink: Takes the bytes in order.
  /// - Throws: What the sink throws.
  public func write(_ sink: @escaping (ArraySlice<UInt8>) throws -> Void) throws -> ArchiveReport { try making.write(sink) }
}
