/// Why a client has no connection to a server: what an attempt failed at, or what ended a connection that stood.
///
/// What follows from a loss is decided on these values; `description` is for people, and nothing reads it back.
public enum ConnectionLoss: Error, Sendable, Hashable, CustomStringConvertible {
  /// There is no server to connect to.
  case noServer
  /// No connection could be made; the sentence says to whom and why, as the socket layer has it.
  case unreachable(String)
  /// The peer said nothing at all, where a NATS server sends its INFO at once.
  case noGreeting
  /// The server did not complete the handshake in time.
  case handshake
  /// What is to prove who the client is could not be used.
  case credentials(CredentialTrouble)
  /// The server did not let the client in, or no longer lets it stay; the text is that of its `-ERR`.
  case authorization(String)
  /// The server ended the connection for another reason; the text is that of its `-ERR`.
  case refused(String)
  /// TLS could not be set up or failed.
  case tls(TLSTrouble)
  /// The peer does not speak the protocol.
  case protocolViolation(ProtocolTrouble)
  /// The connection is open, and the server at its other end says nothing any more.
  case unresponsive(Silence)
  /// The peer closed its end in order, without a word.
  case closedByPeer
  /// Reading or writing failed; the sentence is that of the socket layer.
  case broken(String)
  /// The client went by itself.
  case left(Departure)

  /// What is wrong with the credentials.
  public enum CredentialTrouble: Sendable, Hashable {
    /// A file or key cannot be read; the sentence says why.
    case unreadable(String)
    /// The server's nonce could not be signed.
    case unsigned(String)
  }

  /// What is wrong with TLS.
  public enum TLSTrouble: Sendable, Hashable {
    /// The client insists on TLS; the server of this URL has none.
    case notOffered(url: String)
    /// The client's own files or settings cannot be used.
    case unusable(String)
    /// The handshake or the connection failed; the sentence is that of the socket layer.
    case failed(String)
  }

  /// What the peer sent instead of the protocol.
  public enum ProtocolTrouble: Sendable, Hashable {
    /// An INFO that is no JSON object.
    case information
    /// Something else; the text says what was expected and what was found.
    case operation(String)
  }

  /// What went without an answer.
  public enum Silence: Sendable, Hashable {
    /// One PING, sent because nothing at all was heard.
    case check
    /// Keep-alive PINGs in a row, this many.
    case keepAlives(Int)
  }

  /// Why the client went.
  public enum Departure: Sendable, Hashable {
    /// The server announced that it goes into lame duck mode.
    case lameDuck
    /// From another server more of the system can be reached.
    case betterPlace
    /// The connection was closed on this side.
    case closedHere
  }

  /// Sorts the `-ERR` with which a server ends a connection.
  ///
  /// nats-server words its refusals of a user as "Authorization Violation", "Authentication Timeout", "User Authentication Expired",
  /// "User Authentication Revoked" and "Account Authentication Expired" (server/errors.go, server/client.go).
  public init(endedBy text: String) {
    let lower = text.lowercased()
    self = lower.contains("authorization") || lower.contains("authentication") ? .authorization(text) : .refused(text)
  }

  /// The server at the other end of an open connection was silent.
  public var isUnresponsive: Bool { if case .unresponsive = self { true } else { false } }

  /// One sentence without a full stop.
  public var description: String {
    switch self {
    case .noServer: "no server URL is given"
    case .unreachable(let sentence), .broken(let sentence): sentence
    case .noGreeting:
      "it sent no INFO, as NATS servers do at once on the port for clients (usually 4222); perhaps this is a monitoring port"
    case .handshake: "the server did not complete the handshake in time"
    case .credentials(.unreadable(let reason)): "the credentials could not be read: \(reason)"
    case .credentials(.unsigned(let reason)): "the server's nonce could not be signed: \(reason)"
    case .authorization(let text), .refused(let text): "the server said: \(text)"
    case .tls(.notOffered(let url)): "TLS is asked for, and \(url) does not offer it"
    case .tls(.unusable(let sentence)), .tls(.failed(let sentence)): sentence
    case .protocolViolation(.information): "the server's INFO could not be read"
    case .protocolViolation(.operation(let found)): "the server sent \(found)"
    case .unresponsive(.check): "the server did not answer a PING"
    case .unresponsive(.keepAlives(let count)): "the server did not answer \(count == 2 ? "two" : String(count)) PINGs"
    case .closedByPeer: "closed by the peer"
    case .left(.lameDuck): "the server is in lame duck mode"
    case .left(.betterPlace): "from another server more of the system can be reached"
    case .left(.closedHere): "closed here"
    }
  }
}
