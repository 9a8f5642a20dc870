import Judgement
import Wire

/// Something that is wrong or nearly so, in words, with what shows it and where to look.
public struct Finding: Sendable, Equatable {
  public typealias Severity = Judgement.Severity
  public typealias Evidence = Judgement.Evidence

  /// Stable, for scripts: `server_suspect`, `route_missing` …
  public var code: String
  public var severity: Severity
  /// What it is about: a server, a cluster, a stream.
  public var subject: String
  public var server = ""
  /// Its id, where another server of its cluster bears the same name; else empty.
  public var serverID = ""
  public var cluster = ""
  /// Names; empty where it is about none.
  public var account = ""
  public var stream = ""
  /// What of the subject it is about, where a code may say several things of one: a listener, a peer, a kind of storage. Never a figure.
  public var aspect = ""
  public var sentence: String
  public var evidence: [(name: String, value: Evidence)] = []
  /// Names of servers at whose side the cause may lie: its own, the other end's, a peer's. Perhaps names of other things too.
  var involved: [String] = []
  /// Who of the clients is behind it; empty where nobody knows.
  var client = ""
  /// Names of servers of its cluster that hold what it is about, where none of them tells of it.
  var holders: [String] = []
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

  var identity: Identity {
    Identity(text: ([code, cluster, subject, aspect] + (serverID.isEmpty ? [] : [serverID])).joined(separator: "\n"))
  }

  /// What its server is known by among those of other findings.
  var serverKey: String { serverID.isEmpty ? server : serverID }

  /// - Parameters:
  ///   - opened: When it was found first; nil where that is not known.
  ///   - cause: What it is one of several findings of; nil where it stands alone.
  ///   - mute: Why nobody wants to hear of it; nil where it is heard.
  func write(to json: inout JSONWriter, opened: Timestamp? = nil, cause: String? = nil, _ mute: Mute? = nil) {
    json.member("code", code)
    json.member("severity", severity.rawValue)
    json.member("subject", subject)
    json.member("server", unlessEmpty: server)
    json.member("server_id", unlessEmpty: serverID)
    json.member("cluster", unlessEmpty: cluster)
    json.member("account", unlessEmpty: account)
    json.member("stream", unlessEmpty: stream)
    json.member("sentence", sentence)
    json.key("evidence")
    writeEvidence(to: &json)
    if let since = since ?? opened { json.member("since", since.rfc3339) }
    if let opened { json.member("opened", opened.rfc3339) }
    if let cause { json.member("cause", cause) }
    if let mute {
      json.objectMember("muted") { json in
        json.member("reason", mute.reason)
        if let until = mute.until { json.member("until", until.rfc3339) }
      }
    }
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
