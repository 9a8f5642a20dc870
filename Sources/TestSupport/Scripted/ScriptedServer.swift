/// One server that is only played: what it is, and how it behaves.
public struct ScriptedServer: Sendable {
  /// What becomes of a request that reaches the server.
  public enum Behaviour: Sendable, Equatable {
    case answers
    /// Nothing ever comes back, as from a frozen process.
    case silent
    /// Answers after so many seconds.
    case slow(Double)
    /// The answer is kept until `ScriptedServers.release()`.
    case held
    /// The same answer comes twice, as from a server that is reachable over two ways.
    case twice
    /// The endpoint refuses.
    case refuses(code: Int, description: String)
    /// The reply is not JSON.
    case garbage
    /// The `data` of the reply, whatever the documents say.
    case data(String)
    /// The whole reply, with header lines such as `Content-Encoding: gzip`.
    case raw([UInt8], headers: String? = nil)
  }

  public let id: String
  public var name: String
  public var cluster: String
  public var version: String
  public var tags: [String]
  /// The JetStream domain; empty for none.
  public var domain: String
  public var hasJetStream: Bool
  /// What its heartbeats say about how many servers there are; nil for as many as there are.
  public var activeServers: Int?
  /// By how many seconds its clock is ahead of the others'.
  public var clockAhead = 0.0
  /// It sends no heartbeats and is heard only when it answers.
  public var isQuiet: Bool
  public var behaviour: Behaviour
  /// What it does where an endpoint (`VARZ`, `STATSZ`, `ACCOUNT.CONNZ`) has a behaviour of its own.
  public var behaviours: [String: Behaviour]

  public init(
    name: String, cluster: String = "S", version: String = "2.14.5", id: String? = nil, tags: [String] = [], domain: String = "",
    hasJetStream: Bool = false, activeServers: Int? = nil, isQuiet: Bool = false, behaviour: Behaviour = .answers,
    behaviours: [String: Behaviour] = [:]
  ) {
    self.name = name
    self.cluster = cluster
    self.version = version
    self.tags = tags
    self.domain = domain
    self.hasJetStream = hasJetStream
    self.activeServers = activeServers
    self.isQuiet = isQuiet
    self.behaviour = behaviour
    self.behaviours = behaviours
    self.id = id ?? ScriptedServer.makeIdentifier()
  }

  /// 56 characters that look like a server's public key; peers do not check more.
  public static func makeIdentifier() -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    return "N" + String((0..<55).map { _ in alphabet[Int.random(in: 0..<alphabet.count)] })
  }

  /// The same for tests whose answers are compared as a whole: always the same one for a name.
  public static func identifier(of name: String) -> String {
    // Base32 has no 0, 1, 8 and 9; digits become letters, so that names that differ in them do in their ids.
    let letters = String(
      decoding: name.uppercased().utf8.compactMap { byte in
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + UInt8(ascii: "Q")
        default: nil
        }
      }, as: UTF8.self)
    return "N" + letters.prefix(55) + String(repeating: "A", count: max(0, 55 - letters.count))
  }

  /// Whether it says nothing of its own accord.
  var beats: Bool { !isQuiet && behaviour != .silent && behaviours["STATSZ"] != .silent }

  /// What it does with a request to an endpoint. A liveness probe is answered at once by all but the silent, and by what
  /// `behaviours` say of `STATSZ`.
  func behaviour(for endpoint: String) -> Behaviour {
    if let own = behaviours[endpoint] { return own }
    guard endpoint == "STATSZ" else { return behaviour }
    return behaviour == .silent || behaviour == .twice ? behaviour : .answers
  }

  /// The `server` object of the NATS system services.
  public func object(sequence: Int, activeTime: String = "2026-11-20T21:35:44.496656145Z") -> String {
    let tagList = tags.isEmpty ? "" : #""tags":[\#(tags.map { "\"\($0)\"" }.joined(separator: ","))],"#
    let domainMember = domain.isEmpty ? "" : #""domain":"\#(domain)","#
    return #"{"name":"\#(name)","host":"0.0.0.0","id":"\#(id)","cluster":"\#(cluster)",\#(domainMember)"ver":"\#(version)",\#(tagList)"#
      + #""jetstream":\#(hasJetStream),"flags":0,"seq":\#(sequence),"time":"\#(activeTime)"}"#
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
  /// It is a PING to every server, which asks who is there.
  var isDiscovery = false
}

/// A question as it reached the fleet.
public struct ScriptedQuestion: Sendable, Equatable {
  public let subject: String
  /// As in `ScriptedRequest`.
  public let endpoint: String
  public let payload: String
  /// The header block with its version line; nil for none.
  public let headers: String?
}
