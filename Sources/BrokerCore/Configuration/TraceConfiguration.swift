/// What the log shows of the protocol of clients and leaf nodes. It is off by default.
public struct TraceConfiguration: Sendable, Equatable {
  public var isOn = false
  /// The server's own messages too.
  public var includesServer = false
  /// Of a message only its header block.
  public var headersOnly = false
  /// Bytes of a message that are shown; 0: all.
  public var maximumLength = 0
  public init() {}
}
