import BrokerCore
import Wire

/// SUBSZ: subscriptions and what matching them costs.
final class SubszDocument: DocumentInSlices {
  private struct Row {
    let account: Account
    /// Taken at the start: the connection may be gone when the row is written.
    let cid: UInt64
    let subscription: Subscription
  }

  private let monitor: Monitor
  private var page: ArraySlice<Row> = []
  private var isWhole = false
  private var json = JSONWriter(capacity: 2048)

  var bytes: [UInt8] { json.bytes }

  /// - Throws: What is wrong with the request.
  init(_ monitor: Monitor, _ request: SubszRequest) throws(EndpointError) {
    self.monitor = monitor
    let test = Array(request.test.utf8)
    if !test.isEmpty, !Subject.isValid(test) || !Subject.isLiteral(test) {
      throw .refused("invalid test subject, must be valid publish subject: \(request.test)")
    }
    let all = monitor.server.accounts.byName
    let accounts = request.account.isEmpty ? Array(all.values) : all[request.account].map { [$0] } ?? []
    var numbers = Sublist.Statistics()
    for account in accounts { numbers.add(account.sublist.statistics) }
    let found = request.lists ? Self.list(accounts, test) : []
    json.beginObject()
    monitor.head(&json)
    monitor.writeStatistics(&json, numbers)
    json.member("total", found.count)
    json.member("offset", request.offset)
    json.member("limit", request.limit)
    page = found.dropFirst(request.offset).prefix(request.limit)
    if page.isEmpty {
      json.endObject()
      isWhole = true
    } else {
      json.key("subscriptions_list")
      json.beginArray()
    }
  }

  private static func list(_ accounts: [Account], _ test: [UInt8]) -> [Row] {
    var found: [Row] = []
    for account in accounts.sorted(by: { $0.name < $1.name }) {
      account.sublist.forEach { subscription in
        guard subscription.client.kind != .leaf, test.isEmpty || Subject.matches(test, pattern: subscription.subject) else { return }
        found.append(Row(account: account, cid: subscription.client.cid, subscription: subscription))
      }
    }
    return found
  }

  func advance() -> Bool {
    guard !isWhole else { return true }
    for row in page.prefix(Slice.rows) {
      monitor.writeSubscription(&json, row.subscription.detail(in: row.account.name, of: row.cid), withAccount: true)
    }
    page = page.dropFirst(Slice.rows)
    guard page.isEmpty else { return false }
    json.endArray()
    json.endObject()
    isWhole = true
    return true
  }
}

extension Monitor {
  func writeStatistics(_ json: inout JSONWriter, _ numbers: Sublist.Statistics) {
    json.member("num_subscriptions", numbers.subscriptions)
    json.member("num_cache", numbers.cached)
    json.member("num_inserts", numbers.inserts)
    json.member("num_removes", numbers.removes)
    json.member("num_matches", numbers.matches)
    json.member("cache_hit_rate", numbers.cacheHitRate)
    json.member("max_fanout", numbers.maxFanOut)
    json.member("avg_fanout", numbers.cached == 0 ? 0 : Double(numbers.totalFanOut) / Double(numbers.cached))
  }
}
