/// What monitoring and events say about one connection, open or closed: a copy, so that it outlives the connection.
struct ConnectionRecord: Sendable {
  /// `Client` or `Leafnode`.
  enum Kind: String, Sendable {
    case client = "Client"
    case leaf = "Leafnode"
  }

  struct PeerCertificate: Sendable {
    var subject: String
    var spkiSHA256: String
    var certificateSHA256: String
  }

  struct SubscriptionDetail: Sendable {
    var account: String
    var subject: String
    var queue: String?
    var sid: String
    var delivered: UInt64
    /// Auto-unsubscribe limit; 0: none.
    var maximum: UInt64
    var cid: UInt64
  }

  var cid: UInt64
  var kind: Kind
  var host: String
  var port: UInt16
  /// Nanoseconds since 1970, as all times here.
  var start: UInt64
  var lastActivity: UInt64
  /// Set when closed.
  var stop: UInt64?
  var reason: CloseReason?
  /// Nanoseconds; 0: not measured yet.
  var rtt: UInt64
  var pendingBytes: Int
  var inMessages: UInt64
  var outMessages: UInt64
  var inBytes: UInt64
  var outBytes: UInt64
  var stalls: UInt64
  var name: String
  var language: String
  var version: String
  var tlsVersion: String?
  var tlsCipherSuite: String?
  var tlsFirst: Bool
  var peerCertificates: [PeerCertificate]
  /// User name, nkey or JWT subject; `[REDACTED]` for a token; empty when unknown.
  var authorizedUser: String
  var account: String
  var jwt: String
  var issuerKey: String
  var nameTag: String
  var tags: [String]
  /// In no particular order. Filled on demand for open connections.
  var subscriptions: [SubscriptionDetail]
  var subscriptionCount: Int
}
