import CPosix

/// What this process was started with.
public enum ProcessArguments {
  /// The command's name and its arguments, as the kernel laid them down. `CommandLine` reads them from a file of `/proc`, and has none
  /// where a preloaded library comes between: a command that was asked for one thing would then do another.
  public static let all: [String] = {
    let count = cposix_argument_count()
    guard count > 0 else { return CommandLine.arguments }
    return (0..<count).map { cposix_argument($0).map { String(cString: $0) } ?? "" }
  }()
}
