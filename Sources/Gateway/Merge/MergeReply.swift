import HTTPServer
import SystemAPI
import Wire

/// One server's answer on its way into a merged document.
public struct MergeReply: Sendable {
  public let serverID: String
  public let serverName: String
  public let cluster: String
  /// The server's JetStream domain; empty for the only one.
  public let domain: String
  public let version: String
  /// Below 2^21, given at first sight and never reused; stands in the upper half of a row's `cid`.
  public let ordinal: Int
  /// The reply as it came, and where in it the document lies.
  public let bytes: [UInt8]
  public let data: Range<Int>

  public init(
    serverID: String, serverName: String, cluster: String, domain: String = "", version: String, ordinal: Int, bytes: [UInt8],
    data: Range<Int>
  ) {
    self.serverID = serverID
    self.serverName = serverName
    self.cluster = cluster
    self.domain = domain
    self.version = version
    self.ordinal = ordinal
    self.bytes = bytes
    self.data = data.clamped(to: 0..<bytes.count)
  }

  /// A reply that is the document from end to end.
  public init(
    serverID: String, serverName: String, cluster: String, domain: String = "", version: String, ordinal: Int, bytes: [UInt8]
  ) {
    self.init(
      serverID: serverID, serverName: serverName, cluster: cluster, domain: domain, version: version, ordinal: ordinal, bytes: bytes,
      data: 0..<bytes.count)
  }
}

/// A server whose answer could not take part, and why. The merged document is not complete then.
public struct MergeFailure: Sendable, Equatable, CustomStringConvertible {
  public enum Cause: Sendable, Equatable {
    /// The server's version does not know the order asked for, or means something else by it.
    case sortUnknown(version: String, sort: String, since: ServerVersion)
    /// What came is not the endpoint's document.
    case noDocument(endpoint: String)
  }

  public let serverID: String
  public let serverName: String
  public let cause: Cause

  /// What is wrong, to stand behind the server's name.
  public var description: String {
    switch cause {
    case .sortUnknown(let version, let sort, let since): "runs \(version); sort=\(sort) needs \(since)"
    case .noDocument(let endpoint): "sent no \(endpoint) document"
    }
  }
}

/// Many servers' documents as one.
public struct MergedDocument: Sendable {
  /// Laid out as the endpoint's own monitoring port does.
  public let body: [UInt8]
  /// 200, but for health.
  public let status: Int
  public let failures: [MergeFailure]
}

extension Refusal {
  static func tooManyRows(_ found: String, limit: Int) -> Refusal {
    Refusal(
      .tooManyRows,
      "\(found), and at most \(limit) rows are merged; the same path without /merged and with format=ndjson streams any number"
    )
  }
}

/// A connection id that is unique over all servers: the server's ordinal above, its own id in the lower 32 bits.
public struct MergedConnectionID: Sendable, Hashable {
  public let ordinal: Int
  public let cid: UInt64

  public init(ordinal: Int, cid: UInt64) {
    self.ordinal = ordinal
    self.cid = cid
  }

  public init(merged: UInt64) {
    ordinal = Int(merged >> 32)
    cid = merged & 0xFFFF_FFFF
  }

  public var merged: UInt64 { UInt64(truncatingIfNeeded: ordinal) << 32 &+ cid }
}

/// A connection as its server knows it: by the server's id or name, and its number there.
public struct NamedConnection: Sendable, Hashable {
  public let server: String
  public let cid: UInt64
}
