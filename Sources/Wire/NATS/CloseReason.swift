/// Why a server ended a connection, in the words of logs, `/connz?state=closed` and disconnect events: nats-server's own list
/// (`ClosedState.String()`, server/monitor.go), all of it, also what this broker has no use for.
///
/// What follows from a reason is decided on these values. The words of a server that is newer than the list are none of them.
public enum CloseReason: String, Sendable, CaseIterable {
  case clientClosed = "Client Closed"
  case authenticationTimeout = "Authentication Timeout"
  case authenticationViolation = "Authentication Failure"
  case tlsHandshakeError = "TLS Handshake Failure"
  case slowConsumerPendingBytes = "Slow Consumer (Pending Bytes)"
  case slowConsumerWriteDeadline = "Slow Consumer (Write Deadline)"
  case writeError = "Write Error"
  case readError = "Read Error"
  case parseError = "Parse Error"
  case staleConnection = "Stale Connection"
  case protocolViolation = "Protocol Violation"
  case badClientProtocolVersion = "Bad Client Protocol Version"
  case wrongPort = "Incorrect Port"
  case maxConnectionsExceeded = "Maximum Connections Exceeded"
  case maxAccountConnectionsExceeded = "Maximum Account Connections Exceeded"
  case maxPayloadExceeded = "Maximum Message Payload Exceeded"
  case maxControlLineExceeded = "Maximum Control Line Exceeded"
  case maxSubscriptionsExceeded = "Maximum Subscriptions Exceeded"
  case duplicateRoute = "Duplicate Route"
  case routeRemoved = "Route Removed"
  case serverShutdown = "Server Shutdown"
  case authenticationExpired = "Authentication Expired"
  case wrongGateway = "Wrong Gateway"
  case missingAccount = "Missing Account"
  case credentialsRevoked = "Credentials Revoked"
  case internalClient = "Internal Client"
  case messageHeaderViolation = "Message Header Violation"
  case noRespondersRequiresHeaders = "No Responders Requires Headers"
  case clusterNameConflict = "Cluster Name Conflict"
  case duplicateRemoteLeafNode = "Duplicate Remote LeafNode Connection"
  case duplicateClientID = "Duplicate Client ID"
  case duplicateServerName = "Duplicate Server Name"
  case minimumVersionRequired = "Minimum Version Required"
  case clusterNamesIdentical = "Cluster Names Identical"
  case kicked = "Kicked"
  case proxyNotTrusted = "Proxy Not Trusted"
  case proxyRequired = "Proxy Required"
  case unknown = "Unknown State"

  /// The connection did not take what was sent to it as fast as it came.
  public var isSlowConsumer: Bool { self == .slowConsumerPendingBytes || self == .slowConsumerWriteDeadline }

  /// Somebody was not let in: the reasons of `$SYS.SERVER.<id>.CLIENT.AUTH.ERR`.
  public var isRefusedLogin: Bool { self == .authenticationViolation || self == .proxyNotTrusted || self == .proxyRequired }
}
