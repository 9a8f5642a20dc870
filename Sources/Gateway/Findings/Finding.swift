import SystemModel
import Wire

/// Something that is wrong or nearly so, in words, with what shows it and where to look.
public struct Finding: Sendable, Equatable {
  public enum Severity: String, Sendable, CaseIterable {
    case critical, warning, info

    var rank: Int { Severity.allCases.firstIndex(of: self) ?? 0 }
  }

  /// A figure or a word that shows it.
  public enum Evidence: Sendable, Equatable {
    case number(Double)
    case text(String)
  }

  /// Stable, for scripts: `server_suspect`, `route_missing` …
  public var code: String
  public var severity: Severity
  /// What it is about: a server, a cluster, a stream.
  public var subject: String
  public var server = ""
  public var cluster = ""
  /// Names; empty where it is about none.
  public var account = ""
  public var stream = ""
  /// What of the subject it is about, where a code may say several things of one: a listener, a peer, a kind of storage. Never a figure.
  public var aspect = ""
  public var sentence: String
  public var evidence: [(name: String, value: Evidence)] = []
  public var since: Timestamp?
  /// A path of the gateway that shows it.
  public var link: String

  public init(_ code: String, _ severity: Severity, _ subject: String, _ sentence: String, link: String) {
    self.code = code
    self.severity = severity
    self.subject = subject
    self.sentence = sentence
    self.link = link
  }

  public static func == (left: Finding, right: Finding) -> Bool {
    left.code == right.code && left.subject == right.subject && left.sentence == right.sentence && left.severity == right.severity
  }

  /// What a finding is known by for as long as it lasts, however its severity, sentence and evidence change.
  struct Identity: Hashable, Sendable {
    let text: String
  }

  var identity: Identity { Identity(text: [code, cluster, subject, aspect].joined(separator: "\n")) }

  func write(to json: inout JSONWriter) {
    json.member("code", code)
    json.member("severity", severity.rawValue)
    json.member("subject", subject)
    json.member("server", unlessEmpty: server)
    json.member("cluster", unlessEmpty: cluster)
    json.member("account", unlessEmpty: account)
    json.member("stream", unlessEmpty: stream)
    json.member("sentence", sentence)
    json.key("evidence")
    writeEvidence(to: &json)
    if let since { json.member("since", since.rfc3339) }
    json.member("link", link)
  }

  func writeEvidence(to json: inout JSONWriter) {
    json.object { json in
      for (name, value) in evidence {
        json.key(name)
        switch value {
        case .number(let number): json.double(number)
        case .text(let text): json.string(text)
        }
      }
    }
  }
}

/// A server as the judge sees it.
struct JudgedServer: Sendable {
  var id: String
  var name: String
  var cluster: String
  var version: String
  var standing: Standing
  var lastSeen: Timestamp?
  /// What was heard of it within the time that is judged.
  var facts = ServerFacts()

  /// A link to an endpoint of it, by its id: a name may be anything, and another's too.
  func link(_ endpoint: String) -> String {
    PathScope.server(id.isEmpty ? name : id, cluster: nil).link("/" + endpoint, instead: "/servers")
  }

  /// Its id, or its name where it is only declared, for a query.
  var queryName: String { PathScope.encoded(id.isEmpty ? name : id) }
}

/// All that is known when judging.
struct JudgedSystem: Sendable {
  var now: Timestamp
  var thresholds = FindingThresholds()
  /// What the figures of the servers are about, in seconds.
  var window: Int { thresholds.minutes * 60 }
  /// A server that lives speaks at least this often (nats-server: a heartbeat every 10 s, 30 s before 2.10).
  static let heartbeat = Span.seconds(35)
  var isConnected = true
  var connectionReason = ""
  /// What keeps the gateway from recording.
  var recordTrouble: RecordTrouble?
  var servers: [JudgedServer] = []
  /// Servers that others know of and the gateway does not.
  var unknownServers = 0
  /// Servers of the whole system that left in order, within the time that is judged, and have not come back.
  var leavers: [JudgedServer] = []
  var varz: [MetricReply] = []
  var routez: [MetricReply] = []
  var gatewayz: [MetricReply] = []
  var jsz: [MetricReply] = []
  var healthz: [MetricReply] = []

  /// The server of a name that was announced to leave: what is missing with it is no surprise.
  func leaver(named name: String) -> JudgedServer? { leavers.first { $0.name == name } }

  /// Another of its name and cluster lives, or it is known to be another's earlier life: its going is no news.
  func hasHeir(_ server: JudgedServer) -> Bool {
    if case .gone(.replaced) = server.standing { return true }
    return servers.contains { $0.standing.isExpected && $0.name == server.name && $0.cluster == server.cluster && $0.id != server.id }
  }

  /// Keeps those that left in order and have not come back.
  mutating func takeLeavers(_ all: [JudgedServer], since: Timestamp) {
    let there = Set(all.filter(\.standing.isExpected).map { [$0.cluster, $0.name] })
    leavers = all.filter { server in
      switch server.standing {
      case .lameDuck: !there.contains([server.cluster, server.name])
      case .gone(.shutDown): (server.lastSeen ?? .zero) >= since && !there.contains([server.cluster, server.name])
      default: false
      }
    }
  }
}
