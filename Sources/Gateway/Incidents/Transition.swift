import Judgement
import Wire

/// Something that happened between two recorded moments.
struct Transition: Sendable, Equatable {
  /// What it is called, in answers and in what is kept.
  enum Kind: String, Sendable, CaseIterable {
    case serverCame = "server_came"
    case serverLeft = "server_left"
    case serverRestarted = "server_restarted"
    case versionChanged = "version_changed"
    case configurationChanged = "configuration_changed"
    case configurationReloaded = "configuration_reloaded"
    case metaLeaderChanged = "meta_leader_changed"
    case streamLeaderChanged = "stream_leader_changed"
    case consumerLeaderChanged = "consumer_leader_changed"
    case routeLost = "route_lost"
    case routeFound = "route_found"
    case gatewayLost = "gateway_lost"
    case gatewayFound = "gateway_found"
    case leafnodeLost = "leafnode_lost"
    case leafnodeFound = "leafnode_found"
    case massDisconnect = "mass_disconnect"
    case loginStorm = "login_storm"
    case eventStorm = "event_storm"

    /// How much it is worth a look, on the scale of findings: what is wrong now is for them to say, so nothing is critical here.
    var severity: Finding.Severity {
      switch self {
      case .serverLeft, .serverRestarted, .routeLost, .gatewayLost, .leafnodeLost, .massDisconnect, .loginStorm, .eventStorm: .warning
      case .serverCame, .versionChanged, .configurationChanged, .configurationReloaded, .metaLeaderChanged, .streamLeaderChanged,
        .consumerLeaderChanged, .routeFound, .gatewayFound, .leafnodeFound:
        .info
      }
    }

    /// What it tells, for the documentation.
    var help: String {
      switch self {
      case .serverCame: "a server is there that was not"
      case .serverLeft: "a server is not there any more: it said so, or it answers no more"
      case .serverRestarted: "a server was started anew"
      case .versionChanged: "a server runs another version"
      case .configurationChanged: "a server's configuration says something else (servers from 2.11 on tell it)"
      case .configurationReloaded: "a server read its configuration again"
      case .metaLeaderChanged: "another server leads the JetStream meta group, or none"
      case .streamLeaderChanged: "another server leads a stream, or none"
      case .consumerLeaderChanged: "another server leads a consumer, or none"
      case .routeLost, .gatewayLost, .leafnodeLost: "a link was there and is not, though its servers are"
      case .routeFound, .gatewayFound, .leafnodeFound: "a link is there that was not, though its servers were"
      case .massDisconnect: "half of a server's connections or more, ten at least, ended"
      case .loginStorm: "a server refused as many logins as make a finding"
      case .eventStorm: "events of one kind in one account came faster than they are kept one by one"
      }
    }
  }

  var kind: Kind
  /// When it happened, or the end of the time within which it did.
  var at: Timestamp
  /// The beginning of that time; nil where `at` is the very moment.
  var after: Timestamp?
  /// What it is about, for people.
  var subject: String
  var sentence: String
  /// Names; empty where it is about none.
  var server = ""
  var cluster = ""
  var account = ""
  var stream = ""
  var consumer = ""
  /// What was before and what is now, where that is a word: a leader, a version.
  var from = ""
  var to = ""
  /// How many: connections, logins, events.
  var count: Int?

  init(_ kind: Kind, at: Timestamp, after: Timestamp? = nil, subject: String, _ sentence: String) {
    self.kind = kind
    self.at = at
    self.after = after
    self.subject = subject
    self.sentence = sentence
  }

  func write(to json: inout JSONWriter) {
    json.member("code", kind.rawValue)
    json.member("severity", kind.severity.rawValue)
    json.member("at", at.rfc3339)
    json.key("after")
    if let after { json.string(after.rfc3339) } else { json.null() }
    json.member("subject", subject)
    json.member("server", unlessEmpty: server)
    json.member("cluster", unlessEmpty: cluster)
    json.member("account", unlessEmpty: account)
    json.member("stream", unlessEmpty: stream)
    json.member("consumer", unlessEmpty: consumer)
    if !from.isEmpty || !to.isEmpty {
      json.member("from", from)
      json.member("to", to)
    }
    if let count { json.member("count", count) }
    json.member("sentence", sentence)
  }

  /// Reads what ``write(to:)`` wrote; nil for what is none, or of a kind that a later version knows.
  init?(_ item: JSONValue) {
    guard let kind = item["code"]?.string.flatMap(Kind.init), let at = item.time("at") else { return nil }
    self.init(kind, at: at, after: item.time("after"), subject: item["subject"]?.string ?? "", item["sentence"]?.string ?? "")
    func text(_ name: String) -> String { item[name]?.string ?? "" }
    server = text("server")
    cluster = text("cluster")
    account = text("account")
    stream = text("stream")
    consumer = text("consumer")
    from = text("from")
    to = text("to")
    count = item["count"]?.int
  }

  /// What an epoch keeps of them; nil where nothing happened.
  static func text(_ transitions: [Transition]) -> [UInt8]? {
    guard !transitions.isEmpty else { return nil }
    var json = JSONWriter()
    json.array { json in for transition in transitions { json.object { transition.write(to: &$0) } } }
    return json.bytes
  }

  /// Reads what an epoch keeps.
  static func list(_ text: [UInt8]) -> [Transition] {
    ((try? JSONValue(parsing: text))?.elements ?? []).compactMap(Transition.init)
  }
}
