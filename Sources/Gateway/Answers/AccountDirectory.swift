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
    /// Counters when they were read before, and how long ago that was.
    var rates: (sent: Double, received: Double)?
  }

  private(set) var accounts: [String: Account] = [:]
  private(set) var readAt: Nanoseconds = 0

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
    let seconds = readAt == 0 ? 0 : Double(outcome.finishedAt - readAt) / 1e9
    if seconds > 0.5 {
      for (id, account) in found {
        guard let before = accounts[id], account.sent.messages >= before.sent.messages,
          account.received.messages >= before.received.messages
        else { continue }
        found[id]?.rates = (
          Double(account.sent.messages - before.sent.messages) / seconds,
          Double(account.received.messages - before.received.messages) / seconds
        )
      }
    }
    accounts = found
    readAt = outcome.finishedAt
  }

  /// Nobody answered: what is known stays, and is not asked for again at once.
  mutating func readFailed(at now: Nanoseconds) { readAt = now }

  private static func add(_ bytes: UnsafeBufferPointer<UInt8>, _ row: Range<Int>, to found: inout [String: Account]) {
    guard let idValue = JSONBytes.member("acc", bytes, row), let id = JSONBytes.string(bytes, idValue) else { return }
    var account = found[id] ?? Account(id: id, name: id)
    var members = JSONMembers(bytes, row)
    while let (key, value) = members.next() {
      switch String(decoding: UnsafeBufferPointer(rebasing: bytes[key]), as: UTF8.self) {
      case "name": account.name = JSONBytes.string(bytes, value) ?? id
      case "conns": account.connections += JSONBytes.integer(bytes, value) ?? 0
      case "leafnodes": account.leafnodes += JSONBytes.integer(bytes, value) ?? 0
      case "num_subscriptions": account.subscriptions += JSONBytes.integer(bytes, value) ?? 0
      case "slow_consumers": account.slowConsumers += JSONBytes.integer(bytes, value) ?? 0
      case "sent": account.sent = sum(account.sent, bytes, value)
      case "received": account.received = sum(account.received, bytes, value)
      default: break
      }
    }
    found[id] = account
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
