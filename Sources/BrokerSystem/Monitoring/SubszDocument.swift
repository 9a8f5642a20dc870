import BrokerCore
import SystemAPI
import Wire

/// SUBSZ: subscriptions and what matching them costs.
final class SubszDocument: DocumentInSlices {
  private enum Phase { case counting, listing, writing, whole }

  private struct Row {
    let account: Account
    /// Taken when it was found: the connection may be gone when the row is written.
    let cid: UInt64
    let subscription: Subscription
  }

  private let monitor: Monitor
  private let request: SubszRequest
  private let test: [UInt8]
  private let accounts: [Account]
  private var next = 0
  private var phase = Phase.counting
  private var numbers = Sublist.Statistics()
  private var walk: Sublist.Walk?
  /// All that were found before the page, and the page.
  private var found = 0
  private var page: [Row] = []
  private var written = 0
  var json: JSONWriter

  /// - Throws: What is wrong with the request.
  init(_ monitor: Monitor, _ request: SubszRequest, in json: JSONWriter) throws(EndpointError) {
    self.monitor = monitor
    self.request = request
    self.json = json
    test = Array(request.test.utf8)
    if !test.isEmpty, !Subject.isValid(test) || !Subject.isLiteral(test) {
      throw .refused("invalid test subject, must be valid publish subject: \(request.test)")
    }
    let all = monitor.server.accounts.byName
    let wanted = request.account.isEmpty ? Array(all.values) : all[request.account].map { [$0] } ?? []
    accounts = wanted.sorted { $0.name < $1.name }
  }

  func advance() -> Bool {
    var slice = Slice()
    while !slice.isOver {
      switch phase {
      case .counting: count(&slice)
      case .listing: list(&slice)
      case .writing: write(&slice)
      case .whole: return true
      }
    }
    return phase == .whole
  }

  // MARK: Finding

  private func count(_ slice: inout Slice) {
    while next < accounts.count, !slice.isOver {
      let statistics = accounts[next].sublist.statistics
      slice.spend(1 + Int(clamping: statistics.cached) / 8)
      numbers.add(statistics)
      next += 1
    }
    guard next == accounts.count else { return }
    next = 0
    phase = .listing
  }

  private func list(_ slice: inout Slice) {
    while request.lists, next < accounts.count, !slice.isOver {
      let account = accounts[next]
      var walk = walk ?? account.sublist.walk()
      self.walk = nil
      var looked = 0
      let goesOn = walk.next { subscription in
        looked += 1
        take(subscription, of: account)
      }
      slice.spend(2 + looked)
      if goesOn { self.walk = walk } else { next += 1 }
    }
    if !request.lists || next == accounts.count { begin() }
  }

  private func take(_ subscription: Subscription, of account: Account) {
    guard subscription.client.kind != .leaf, test.isEmpty || Subject.matches(test, pattern: subscription.subject) else { return }
    if found >= request.offset, page.count < request.limit {
      page.append(Row(account: account, cid: subscription.client.cid, subscription: subscription))
    }
    found += 1
  }

  // MARK: Writing

  private func begin() {
    json.beginObject()
    monitor.head(&json)
    monitor.writeStatistics(&json, numbers)
    json.member("total", found)
    json.member("offset", request.offset)
    json.member("limit", request.limit)
    if page.isEmpty {
      json.endObject()
      phase = .whole
    } else {
      json.key("subscriptions_list")
      json.beginArray()
      phase = .writing
    }
  }

  private func write(_ slice: inout Slice) {
    while written < page.count, !slice.isOver {
      let row = page[written]
      slice.spend(Slice.row / 2)
      monitor.writeSubscription(&json, row.subscription.detail(in: row.account.name, of: row.cid), withAccount: true)
      written += 1
    }
    guard written == page.count else { return }
    json.endArray()
    json.endObject()
    phase = .whole
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
