import Reactor
import SystemAPI
import Wire

/// Accounts by id, with the names that JWTs give them. Confined to the gateway's shard.
struct AccountDirectory {
  struct Account {
    var id: String
    var name: String
    var connections = 0
    var leafnodes = 0
    var subscriptions = 0
    var sent: (messages: UInt64, bytes: UInt64) = (0, 0)
    var received: (messages: UInt64, bytes: UInt64) = (0, 0)
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
        while let row = elements.next() { AccountDirectory.add(bytes, row, to: &found) }
      }
    }
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

  private static func add(_ bytes: UnsafeBufferPointer<UInt8>, _ row: Range<Int>, to accounts: inout [String: Account]) {
    guard let idValue = JSONBytes.member("acc", bytes, row), let id = JSONBytes.string(bytes, idValue) else { return }
    var account = accounts[id] ?? Account(id: id, name: id)
    let names: [StaticString] = ["name", "conns", "leafnodes", "num_subscriptions", "slow_consumers", "sent", "received"]
    let found = JSONBytes.members(names, bytes, row)
    func count(_ place: Int) -> Int { found[place].flatMap { JSONBytes.integer(bytes, $0) } ?? 0 }
    if let name = found[0] { account.name = JSONBytes.string(bytes, name) ?? id }
    account.connections &+= count(1)
    account.leafnodes &+= count(2)
    account.subscriptions &+= count(3)
    account.slowConsumers &+= count(4)
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

  /// The id behind an id or a name.
  func id(of text: String) -> String? {
    if accounts[text] != nil { return text }
    let bearers = accounts.values.filter { $0.name == text }
    return bearers.count == 1 ? bearers[0].id : nil
  }
}
