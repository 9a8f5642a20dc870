import Reactor

/// A listener cannot be had.
public struct ListenError: Error, CustomStringConvertible {
  /// Who would have connected there.
  public enum Listener: Sendable { case clients, leafNodes, monitoring }

  public let listener: Listener
  public let cause: SocketError
  /// `host:port`, or the port alone, where the log names it.
  private let place: String

  public init(_ listener: Listener, _ place: String, _ cause: SocketError) {
    self.listener = listener
    self.place = place
    self.cause = cause
  }

  public var description: String { "\(cause)" }

  /// In nats-server's words: scripts look for them in logs.
  public var logged: String {
    switch listener {
    case .clients: "Error listening on port: \(place), \"\(cause)\""
    case .leafNodes: "Error listening on leafnode port: \(place) - \(cause)"
    case .monitoring: "Can't start monitoring: can't listen to the monitor port: \(cause)"
    }
  }
}
