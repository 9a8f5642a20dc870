import SystemModel
import Wire

/// What the gateway hears and notices, for pages that show or record it.
enum GatewayEvent {
  /// A message on one of the servers' event subjects, as it came.
  case system(subject: String, payload: [UInt8], at: Timestamp)
  case heartbeat(KnownServer, Heartbeat)
  /// A server appeared, or stands elsewhere than before.
  case roster(KnownServer, before: Standing?)
  /// The gateway's own connection came or went; the text says why.
  ///
  /// - lastHeard: When anything was last heard over the one before; what was said since was lost, though nobody had noticed.
  case connection(isConnected: Bool, String, lastHeard: Timestamp)

  /// The subjects of events about servers, apart from heartbeats and goodbyes.
  static let serverSubjects = [
    "$SYS.SERVER.*.CLIENT.AUTH.ERR", "$SYS.SERVER.*.OCSP.PEER.CONN.REJECT", "$SYS.SERVER.*.OCSP.PEER.LINK.INVALID",
  ]
  /// The subject of events about accounts. A name with a dot in it is several tokens, so that nothing narrower finds them all.
  static let accountSubjects = "$SYS.ACCOUNT.>"
  /// What is left to ask for where a user may not ask for all: the events of accounts without a dot.
  static let plainAccountSubjects = AccountSubject.endings.map { "$SYS.ACCOUNT.*." + $0 }
}

/// The subject of an event about an account, such as `$SYS.ACCOUNT.shop.eu.CONNECT`.
struct AccountSubject: Equatable {
  /// The account's id, which may hold anything, dots too.
  let account: String
  /// One of `endings`.
  let ending: String

  /// The longer ones first: they end like shorter ones.
  static let endings = ["LEAFNODE.CONNECT", "SERVER.CONNS", "CONNECT", "DISCONNECT"]
  private static let beginning = "$SYS.ACCOUNT."

  /// Nil for any other subject, other subjects of accounts among them (`CLAIMS.UPDATE`, what an account's own users are told).
  init?(_ subject: String) {
    guard subject.hasPrefix(AccountSubject.beginning),
      let ending = AccountSubject.endings.first(where: { subject.hasSuffix("." + $0) })
    else { return nil }
    let account = subject.dropFirst(AccountSubject.beginning.count).dropLast(ending.count + 1)
    guard !account.isEmpty else { return nil }
    self.account = String(account)
    self.ending = ending
  }

  private init(account: String, ending: String) {
    self.account = account
    self.ending = ending
  }

  /// An account may be called `x.LEAFNODE`: which event it is, and whose, only what it says tells.
  ///
  /// - Parameter account: The account that the event names.
  func naming(_ account: String?) -> AccountSubject {
    guard ending == "LEAFNODE.CONNECT", let account, account == self.account + ".LEAFNODE" else { return self }
    return AccountSubject(account: account, ending: "CONNECT")
  }
}
