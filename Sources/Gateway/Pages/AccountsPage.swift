import HTTPServer
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

extension Gateway {
  /// `/accounts`
  func accountsPage(_ page: PageRequest, _ responder: Exit) {
    let until = page.request.deadline ?? shard.now + .seconds(configuration.timeout)
    answerer.readAccounts(until: until) { [unowned self] outcome in
      let headers = outcome.completeness.headers()
      if let refusal = unanswered(outcome) {
        var reply = refusal.response
        reply.headers += headers
        return Gateway.send(reply, responder)
      }
      var json = JSONWriter(indent: 2)
      json.object { json in
        json.member("now", outcome.now.rfc3339)
        outcome.completeness.write(to: &json, needs: "")
        json.arrayMember("accounts") { json in
          for account in answerer.directory.accounts.values.sorted(by: { $0.id < $1.id }) {
            json.object { AccountsPage.write(account, to: &$0) }
          }
        }
      }
      Gateway.send(.json(json.bytes + [0x0A], headers: headers), responder)
    }
  }

  /// Why a page that asked every server has nothing to show.
  private func unanswered(_ outcome: Outcome) -> Refusal? {
    switch outcome.obstacle {
    case .notConnected(let loss)?: ObstacleShape.notConnected(loss)
    case .notAsked(let why)?: Refusal(.notAsked, why.sentence)
    case .notInSystemAccount?, .noResponders?: notInSystemAccount
    case .some, nil: outcome.replies.isEmpty ? Refusal(.timeout, "nobody answered") : nil
    }
  }
}

enum AccountsPage {
  static func write(_ account: AccountDirectory.Account, to json: inout JSONWriter) {
    json.member("id", account.id)
    json.member("name", account.name)
    json.member("connections", account.connections)
    json.member("leafnodes", account.leafnodes)
    json.member("subscriptions", account.subscriptions)
    json.member("sent_msgs", account.sent.messages)
    json.member("sent_bytes", account.sent.bytes)
    json.member("received_msgs", account.received.messages)
    json.member("received_bytes", account.received.bytes)
    json.member("slow_consumers", account.slowConsumers)
    if let rates = account.rates {
      json.objectMember("rates") { json in
        json.member("sent_msgs", (rates.sent * 100).rounded() / 100)
        json.member("received_msgs", (rates.received * 100).rounded() / 100)
      }
    }
  }
}
