import Flags

/// What `serve` is told by its command line and its configuration file.
public struct ServeOrder: Sendable {
  public let flags: ServeFlags
  /// The same by setting, to tell what a reload does not take up.
  public let settings: ServeSettings

  /// - Parameter arguments: What `flags` was read from, with the configuration file's settings in it.
  public init(_ flags: ServeFlags, arguments: [String]) {
    self.flags = flags
    settings = ServeSettings(arguments)
  }
}
