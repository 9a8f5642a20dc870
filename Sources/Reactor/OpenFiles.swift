import CPosix

/// The descriptors of this process: sockets, files, pipes.
public enum OpenFiles {
  /// The most that may be open at the same time.
  public static var limit: Int { Int(clamping: cposix_open_file_limit()) }

  /// How many are open now.
  public static var count: Int { Int(clamping: cposix_open_files()) }
}
