/// One server that is only played: what it is, and how it behaves.
public struct ScriptedServer: Sendable {
  /// What becomes of a request that reaches the server.
  public enum Behaviour: Sendable, Equatable {
    case answers
    /// Nothing ever comes back, as from a frozen process.
    case silent
    /// Answers after so many seconds.
    case slow(Double)
    /// The same answer comes twice, as from a server that is reachable over two ways.
    case twice
    /// The endpoint refuses.
    case refuses(code: Int, description: String)
    /// The reply is not JSON.
    case garbage
  }

  public let id: String
  public var name: String
  public var cluster: String
  public var version: String
  public var tags: [String]
  public var behaviour: Behaviour

  public init(
    name: String, cluster: String = "S", version: String = "2.14.5", id: String? = nil, tags: [String] = [], behaviour: Behaviour = .answers
  ) {
    self.name = name
    self.cluster = cluster
    self.version = version
    self.tags = tags
    self.behaviour = behaviour
    self.id = id ?? ScriptedServer.makeIdentifier()
  }

  /// 56 characters that look like a server's public key; peers do not check more.
  public static func makeIdentifier() -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    return "N" + String((0..<55).map { _ in alphabet[Int.random(in: 0..<alphabet.count)] })
  }

  /// The `server` object of the NATS system services.
  public func object(sequence: Int, activeTime: String = "2026-11-20T21:35:44.496656145Z") -> String {
    let tagList = tags.isEmpty ? "" : #""tags":[\#(tags.map { "\"\($0)\"" }.joined(separator: ","))],"#
    return #"{"name":"\#(name)","host":"0.0.0.0","id":"\#(id)","cluster":"\#(cluster)","ver":"\#(version)",\#(tagList)"#
      + #""jetstream":false,"flags":0,"seq":\#(sequence),"time":"\#(activeTime)"}"#
  }
}

/// A request as a scripted server sees it.
public struct ScriptedRequest: Sendable {
  public let server: ScriptedServer
  /// In upper case: `VARZ`, `STATSZ`; for an account request `ACCOUNT.CONNZ`.
  public let endpoint: String
  /// The options as they came; empty for none.
  public let payload: [UInt8]
  /// The account of an account request.
  public let account: String?
}
