/// Every bound of the HTTP server in one place. Bytes are counts of bytes, times are seconds.
public struct HTTPLimits: Sendable, Equatable {
  /// Longest request target; beyond it 414.
  public var targetBytes = 8_192
  /// Longest request head, from the method to the empty line; beyond it 431.
  public var headBytes = 16_384
  /// Most header fields; beyond it 431.
  public var headerCount = 100
  /// Longest request body where the handler asks for no other limit; beyond it 413. It is read and handed over.
  public var bodyBytes = 16_384
  /// Longest line of a chunked body: a chunk's size with its extensions, or the trailers together.
  public var chunkLineBytes = 1_024

  /// From a request's first byte to the end of its head; beyond it 408.
  public var headTime = 10.0
  /// How long a connection may rest between requests.
  public var idleTime = 75.0
  /// Slowest rate of a request body and of taking a response, in bytes a second, judged over `rateTime`.
  public var minimumRate = 512
  /// The time over which `minimumRate` is judged.
  public var rateTime = 10.0
  /// How long a response may wait for a peer that takes nothing at all.
  public var writeStallTime = 20.0

  /// Most connections of the server, where the process may have descriptors for so many and some to spare. Beyond it the one that has
  /// rested longest gives way; where none rests, further ones get 503.
  public var connections = 50_000
  /// Most connections of one address, by the same rule among its own; nil for half of what the server takes.
  public var connectionsPerAddress: Int?
  /// Requests of one connection that are answered before other connections get their turn.
  public var pipelinedPerTurn = 16
  /// Bytes kept of requests that wait behind the one being answered; then the connection is not read from.
  public var pipelinedBytes = 65_536
  /// A response body is handed to the connection in pieces of this size, so that slow readers share its memory.
  public var bodyPieceBytes = 262_144

  public init() {}
}
