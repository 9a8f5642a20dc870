import Wire

/// What monitoring and events say about one connection, open or closed: a copy, so that it outlives the connection.
package struct ConnectionRecord: Sendable {
  /// `Client` or `Leafnode`.
  package enum Kind: String, Sendable {
    case client = "Client"
    case leaf = "Leafnode"
  }

  package struct PeerCertificate: Sendable {
    package var subject: String
    package var spkiSHA256: String
    package var certificateSHA256: String
  }

  package struct SubscriptionDetail: Sendable {
    package var account: String
    package var subject: String
    package var queue: String?
    package var sid: String
    package var delivered: UInt64
    /// Auto-unsubscribe limit; 0: none.
    package var maximum: UInt64
    package var cid: UInt64
  }

  package var cid: UInt64
  package var kind: Kind
  package var host: String
  package var port: UInt16
  /// Nanoseconds since 1970, as all times here.
  package var start: UInt64
  package var lastActivity: UInt64
  /// Set when closed.
  package var stop: UInt64?
  package var reason: CloseReason?
  /// Zero: not measured yet.
  package var rtt: Span
  package var pendingBytes: Int
  package var inMessages: UInt64
  package var outMessages: UInt64
  package var inBytes: UInt64
  package var outBytes: UInt64
  package var stalls: UInt64
  package var name: String
  package var language: String
  package var version: String
  package var tlsVersion: String?
  package var tlsCipherSuite: String?
  package var tlsFirst: Bool
  package var peerCertificates: [PeerCertificate]
  /// User name, nkey or JWT subject; `[REDACTED]` for a token; empty when unknown.
  package var authorizedUser: String
  package var account: String
  package var jwt: String
  package var issuerKey: String
  package var nameTag: String
  package var tags: [String]
  /// In no particular order. Filled on demand for open connections.
  package var subscriptions: [SubscriptionDetail]
  package var subscriptionCount: Int
}
