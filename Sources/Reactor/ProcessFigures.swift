import CPosix

/// What this process costs. Reading it opens files: off a shard.
public struct ProcessFigures: Sendable, Equatable {
  /// Seconds of processor time since the start.
  public var cpu: Double
  /// Seconds since 1970; 0 where it is not known.
  public var start: Double
  /// Bytes.
  public var residentMemory: UInt64
  /// Bytes.
  public var virtualMemory: UInt64
  public var openFiles: UInt64
  public var mostOpenFiles: UInt64

  /// As they are now.
  public static func now() -> ProcessFigures {
    let numbers = cposix_process_numbers()
    return ProcessFigures(
      cpu: numbers.cpu, start: numbers.start, residentMemory: numbers.resident, virtualMemory: numbers.virtual_memory,
      openFiles: cposix_open_files(), mostOpenFiles: cposix_open_file_limit())
  }
}
