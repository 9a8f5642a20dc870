import Wire

/// The moment at which an input happened, by both clocks.
public struct Instant: Sendable, Hashable {
  public var monotonic: MonotonicTime
  public var wall: Timestamp

  public init(monotonic: MonotonicTime, wall: Timestamp) {
    self.monotonic = monotonic
    self.wall = wall
  }
}

/// A server's id, as nats-server makes it: a public nkey that begins with N. New with each start of the server.
public typealias ServerID = String

/// A number given to a server at first sight and never given to another, 1 to 2^21 - 1.
public typealias Ordinal = Int

/// A row of the roster. The generation outdates references to a row that was freed.
public struct ServerRef: Hashable, Sendable {
  public let row: Int32
  public let generation: UInt32
}

/// One caller's wish for an answer; its owner numbers them.
public struct AskID: Hashable, Sendable {
  public let number: UInt64
  public init(number: UInt64) { self.number = number }
}

/// One question on its way to the servers. The serial number outdates references to a slot that was freed.
public struct QuestionID: Hashable, Sendable {
  let slot: Int32
  let serial: UInt64
}

/// One liveness probe on its way.
public struct ProbeID: Hashable, Sendable {
  let slot: Int32
  let serial: UInt64
}

/// One discovery: a PING to every server.
public struct DiscoveryID: Hashable, Sendable {
  let serial: UInt64
}

/// One look at the system from another server than the connected one.
public struct ScoutID: Hashable, Sendable {
  let serial: UInt64
}

/// One examination of the gateway's own connection.
public struct CheckID: Hashable, Sendable {
  let serial: UInt64
}
