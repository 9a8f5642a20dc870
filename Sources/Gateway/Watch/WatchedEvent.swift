import Reactor
import SystemAPI
import Wire

/// The kinds of events that readers can choose by name.
public enum WatchedEventKind: String, Sendable, CaseIterable {
  case connect, disconnect
  case authError = "auth_error"
  case connections
  case leafnodeConnect = "leafnode_connect"
  case ocspReject = "ocsp_reject"
  case shutdown
  case lameDuck = "lame_duck"
  case statsz
  /// A server appeared, or its state changed, as the gateway sees it.
  case server
  /// Events may be missing here.
  case gap
  /// Many events of one kind in a short time, summed up.
  case storm
  case other

  /// The kind of an event subject.
  init(subject: String) {
    if let subject = AccountSubject(subject) {
      self.init(subject)
    } else {
      let tokens = subject.split(separator: ".", omittingEmptySubsequences: false)
      switch tokens.last {
      case "ERR" where tokens.dropLast().last == "AUTH": self = .authError
      case "SHUTDOWN": self = .shutdown
      case "LAMEDUCK": self = .lameDuck
      case "STATSZ": self = .statsz
      default: self = tokens.contains("OCSP") ? .ocspReject : .other
      }
    }
  }

  init(_ subject: AccountSubject) {
    switch subject.ending {
    case "LEAFNODE.CONNECT": self = .leafnodeConnect
    case "SERVER.CONNS": self = .connections
    case "CONNECT": self = .connect
    default: self = .disconnect
    }
  }
}

/// One event as it is kept and shown: what it is about, and its text for readers, rendered once for all of them.
public struct WatchedEvent: Sendable {
  public let kind: WatchedEventKind
  public let sequence: UInt64
  public let received: Timestamp
  public let serverID: String
  public let serverName: String
  public let cluster: String
  /// Id of the account, and its name where it is known to have another.
  public let account: String
  public let accountName: String
  public let client: String
  /// The event as a server-sent event, `id` and blank line included.
  public let frame: [UInt8]
  /// The same with its secrets, for readers who may see them; nil where it holds none.
  let secretFrame: [UInt8]?
}

/// What an event's payload says, before it is given its place in the ring.
struct EventFacts {
  var kind: WatchedEventKind
  var subject = ""
  var received = WallClock.now()
  var serverID = ""
  var serverName = ""
  var cluster = ""
  var account = ""
  var accountName = ""
  var client = ""
  /// The client's address; empty where it is not told.
  var clientHost = ""
  /// Tells the event from all others, where its server numbers them; empty for none.
  var identity = ""
  /// Members of the `event` object, as JSON, without secrets; empty for none.
  var body: [UInt8] = []
  /// The same as it came, where that holds secrets.
  var secretBody: [UInt8]?

  init(kind: WatchedEventKind) { self.kind = kind }

  /// Reads a message on one of the servers' event subjects. Payloads that are not JSON are kept as text.
  init(subject: String, payload: [UInt8], received: Timestamp) {
    kind = WatchedEventKind(subject: subject)
    self.subject = subject
    self.received = received
    guard let view = try? JSONView(validating: payload), view.kind == .object else {
      var json = JSONWriter()
      json.object { $0.member("text", String(decoding: payload.prefix(4096), as: UTF8.self)) }
      body = json.bytes
      return
    }
    // SHUTDOWN and LAMEDUCK are the bare server object.
    let server = view["server"] ?? view
    serverID = server["id"]?.string?.bounded() ?? ""
    serverName = server["name"]?.string?.bounded() ?? ""
    cluster = server["cluster"]?.string?.bounded() ?? ""
    identity = EventFacts.identity(view, server)
    let client = view["client"]
    clientHost = (client?["host"]?.string ?? "").bounded()
    account = (client?["acc"]?.string ?? view["acc"]?.string ?? "").bounded()
    if let named = AccountSubject(subject)?.naming(account) {
      kind = WatchedEventKind(named)
      if account.isEmpty { account = named.account.bounded() }
    }
    // Not by `name_tag`: up to nats-server 2.10 it is the user's name.
    accountName = account
    self.client = (client?["name"]?.string ?? client?["client_id"]?.string ?? "").bounded()
    if let redacted = EventRedaction.redacted(view) {
      body = redacted
      secretBody = Array(view.raw)
    } else {
      body = Array(view.raw)
    }
  }

  /// Accounts that servers name of a client that has not logged in.
  private static let accountsOfNobody: Set<String> = ["$G", "N/A"]

  /// Whoever was refused was in no account.
  mutating func leaveAccountOfNobody() {
    if EventFacts.accountsOfNobody.contains(account) { (account, accountName) = ("", "") }
  }

  /// An event has an id of its own; what has none is told by its server's count of messages.
  private static func identity(_ view: JSONView, _ server: JSONView) -> String {
    if view["server"] != nil, let own = view["id"]?.string, !own.isEmpty { return own }
    guard let id = server["id"]?.string, let number = server["seq"]?.uint64 else { return "" }
    return "\(id).\(number)"
  }

  /// The event with its place: `id: <epoch>.<sequence>`.
  func event(_ sequence: UInt64, epoch: String) -> WatchedEvent {
    WatchedEvent(
      kind: kind, sequence: sequence, received: received, serverID: serverID, serverName: serverName, cluster: cluster, account: account,
      accountName: accountName, client: client, frame: frame(body, sequence, epoch),
      secretFrame: secretBody.map { frame($0, sequence, epoch) })
  }

  private func frame(_ body: [UInt8], _ sequence: UInt64, _ epoch: String) -> [UInt8] {
    var json = JSONWriter(capacity: body.count + 320)
    json.object { json in
      json.member("type", kind.rawValue)
      json.member("subject", unlessEmpty: subject)
      json.member("received", received.rfc3339)
      if !serverID.isEmpty || !serverName.isEmpty {
        json.key("server")
        json.object { json in
          json.member("name", serverName)
          json.member("id", unlessEmpty: serverID)
          json.member("cluster", unlessEmpty: cluster)
        }
      }
      json.member("account", unlessEmpty: accountName.isEmpty ? account : accountName)
      if accountName != account { json.member("account_id", unlessEmpty: account) }
      json.member("client", unlessEmpty: client)
      if !body.isEmpty {
        json.key("event")
        json.raw(body)
      }
    }
    var frame = Array("id: \(epoch).\(sequence)\nevent: \(kind.rawValue)\ndata: ".utf8)
    // A line feed within the text would end the field early. JSON needs none.
    for byte in json.bytes { frame.append(byte == 0x0A || byte == 0x0D ? 0x20 : byte) }
    frame.append(0x0A)
    frame.append(0x0A)
    return frame
  }
}
