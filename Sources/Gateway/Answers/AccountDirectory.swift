import Reactor
import SystemAPI
import Wire

/// Accounts by id, with the names that JWTs give them. Confined to the gateway's shard.
struct AccountDirectory {
  struct Account {
    var id: String
    var name: String
    /// A server that lists it.
    var listedBy = ""
    var connections = 0
    var leafnodes = 0
    var subscriptions = 0
    var sent: (messages: UInt64, bytes: UInt64) = (0, 0)
    var received: (messages: UInt64, bytes: UInt64) = (0, 0)
    /// Somebody told of its traffic.
    var hasTraffic = false
    var slowConsumers = 0
    /// Since the reading before; nil where there is none, or the counters began anew.
    var rates: Rates?
  }

  /// Growth a second.
  struct Rates {
    var sentMessages: Double
    var sentBytes: Double
    var receivedMessages: Double
    var receivedBytes: Double

    init?(_ now: Account, _ before: Account, seconds: Double) {
      func rate(_ now: UInt64, _ before: UInt64) -> Double? {
        now >= before ? (Double(now - before) / seconds * 100).rounded() / 100 : nil
      }
      guard let sentMessages = rate(now.sent.messages, before.sent.messages), let sentBytes = rate(now.sent.bytes, before.sent.bytes),
        let receivedMessages = rate(now.received.messages, before.received.messages),
        let receivedBytes = rate(now.received.bytes, before.received.bytes)
      else { return nil }
      self.sentMessages = sentMessages
      self.sentBytes = sentBytes
      self.receivedMessages = receivedMessages
      self.receivedBytes = receivedBytes
    }
  }

  /// Readings nearer to each other than this say little of a rate: the one before stays in force.
  private static let shortestSpan = Span.seconds(1)

  private(set) var accounts: [String: Account] = [:]
  /// Names that JWTs give, by id, for servers that tell them only where an account is asked for by itself.
  private var names: [String: String] = [:]
  private static let mostNames = 20_000
  /// Accounts that are known at once; those beyond are not listed.
  private static let mostAccounts = 250_000
  /// Nil: nobody has been asked yet.
  private(set) var readAt: MonotonicTime?
  /// The reading that rates are counted from.
  private var base: (accounts: [String: Account], servers: Set<String>, at: MonotonicTime)?

  /// Takes up the rows of every server's `account_statz`.
  mutating func update(_ outcome: Outcome) {
    var found: [String: Account] = [:]
    for reply in outcome.replies {
      guard let data = reply.data else { continue }
      reply.payload.withUnsafeBufferPointer { bytes in
        guard let rows = JSONBytes.member("account_statz", bytes, data) else { return }
        var elements = JSONElements(bytes, rows)
        while let row = elements.next() { AccountDirectory.add(bytes, row, of: reply.server.id, to: &found) }
      }
    }
    for id in found.keys { if let name = names[id], !name.isEmpty { found[id]?.name = name } }
    rate(&found, of: Set(outcome.replies.map(\.server.id)), at: outcome.finishedAt)
    accounts = found
    readAt = outcome.finishedAt
  }

  /// However many read the accounts, and however often, a rate is over a second at least. What a server has counted before it
  /// was missing once is no growth: only the same servers can be compared.
  private mutating func rate(_ found: inout [String: Account], of servers: Set<String>, at now: MonotonicTime) {
    guard let base, base.servers == servers else {
      base = (found, servers, now)
      return
    }
    guard now >= base.at + AccountDirectory.shortestSpan else {
      for id in found.keys { found[id]?.rates = accounts[id]?.rates }
      return
    }
    let seconds = (now - base.at).seconds
    for (id, account) in found { found[id]?.rates = base.accounts[id].flatMap { Rates(account, $0, seconds: seconds) } }
    self.base = (found, servers, now)
  }

  /// Nobody answered: what is known stays, and is not asked for again at once.
  mutating func readFailed(at now: MonotonicTime) { readAt = now }

  /// Accounts of operator mode whose names were not told and not asked for yet, in order.
  func nameless(atMost most: Int) -> [Account] {
    let found = accounts.values.filter { $0.name == $0.id && names[$0.id] == nil && AccountDirectory.isKey($0.id) }
    return Array(found.sorted { $0.id < $1.id }.prefix(most))
  }

  /// Takes up an account's name; empty where its server knows none.
  mutating func learn(_ name: String, of id: String) {
    if names.count >= AccountDirectory.mostNames { names.removeAll() }
    names[id] = name
    if !name.isEmpty { accounts[id]?.name = name }
  }

  /// The name in the answer to a question about one account; empty where there is none.
  static func name(in reply: Reply) -> String {
    guard let data = reply.data else { return "" }
    return reply.payload.withUnsafeBufferPointer { bytes in
      JSONBytes.member("account_detail", bytes, data).flatMap { JSONBytes.member("name_tag", bytes, $0) }
        .flatMap { JSONBytes.string(bytes, $0) } ?? ""
    }
  }

  /// A public key of an account, as JWTs have it.
  private static func isKey(_ id: String) -> Bool {
    id.utf8.count == 56 && id.hasPrefix("A")
      && id.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || (UInt8(ascii: "2")...UInt8(ascii: "7")).contains($0) }
  }

  private static func add(
    _ bytes: UnsafeBufferPointer<UInt8>, _ row: Range<Int>, of server: String, to accounts: inout [String: Account]
  ) {
    guard let idValue = JSONBytes.member("acc", bytes, row), let id = JSONBytes.string(bytes, idValue) else { return }
    guard accounts[id] != nil || accounts.count < mostAccounts else { return }
    var account = accounts[id] ?? Account(id: id, name: id, listedBy: server)
    let names: [StaticString] = ["name", "conns", "leafnodes", "num_subscriptions", "slow_consumers", "sent", "received"]
    let found = JSONBytes.members(names, bytes, row)
    func count(_ place: Int) -> Int { found[place].flatMap { JSONBytes.integer(bytes, $0) } ?? 0 }
    if let name = found[0] { account.name = JSONBytes.string(bytes, name) ?? id }
    account.connections &+= count(1)
    account.leafnodes &+= count(2)
    account.subscriptions &+= count(3)
    account.slowConsumers &+= count(4)
    if found[5] != nil || found[6] != nil { account.hasTraffic = true }
    if let sent = found[5] { account.sent = sum(account.sent, bytes, sent) }
    if let received = found[6] { account.received = sum(account.received, bytes, received) }
    accounts[id] = account
  }

  private static func sum(
    _ so: (messages: UInt64, bytes: UInt64), _ bytes: UnsafeBufferPointer<UInt8>, _ value: Range<Int>
  ) -> (messages: UInt64, bytes: UInt64) {
    let messages = JSONBytes.member("msgs", bytes, value).flatMap { JSONBytes.unsigned(bytes, $0) } ?? 0
    let size = JSONBytes.member("bytes", bytes, value).flatMap { JSONBytes.unsigned(bytes, $0) } ?? 0
    return (so.messages &+ messages, so.bytes &+ size)
  }

  /// The name of an account, where no other bears it.
  func name(of id: String) -> String? {
    guard let name = accounts[id]?.name, name != id, self.id(of: name) == id else { return nil }
    return name
  }

  /// The id behind an id or a name.
  func id(of text: String) -> String? {
    if accounts[text] != nil { return text }
    let bearers = accounts.values.filter { $0.name == text }
    return bearers.count == 1 ? bearers[0].id : nil
  }
}
