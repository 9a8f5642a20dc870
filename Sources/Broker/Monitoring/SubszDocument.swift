import Wire

/// What SUBSZ is asked for.
struct SubszRequest {
  var offset = 0
  var limit = 1024
  var lists = false
  var account = ""
  var test = ""

  static let shape = RequestShape(
    "SubszEventOptions", ["offset": .int, "limit": .int, "subscriptions": .bool, "account": .string, "test": .string])

  init() {}

  init(_ request: RequestPayload) {
    offset = max(0, request.int("offset"))
    let wanted = request.int("limit")
    limit = wanted <= 0 ? 1024 : wanted
    lists = request.bool("subscriptions")
    account = request.string("account")
    test = request.string("test")
  }
}

/// SUBSZ: subscriptions and what matching them costs.
extension Monitor {
  func writeSubsz(_ json: inout JSONWriter, _ request: SubszRequest) throws(EndpointError) {
    let test = Array(request.test.utf8)
    if !test.isEmpty, !Subject.isValid(test) || !Subject.isLiteral(test) {
      throw .refused("invalid test subject, must be valid publish subject: \(request.test)")
    }
    let accounts = request.account.isEmpty ? Array(broker.accounts.values) : broker.accounts[request.account].map { [$0] } ?? []
    var numbers = Sublist.Statistics()
    for account in accounts { numbers.add(account.sublist.statistics) }
    let found = request.lists ? list(accounts, test) : []
    json.object { json in
      head(&json)
      writeStatistics(&json, numbers)
      json.member("total", found.count)
      json.member("offset", request.offset)
      json.member("limit", request.limit)
      let page = found.dropFirst(request.offset).prefix(request.limit)
      if !page.isEmpty {
        json.member(
          "subscriptions_list",
          array: { json in
            for detail in page { writeSubscription(&json, detail, withAccount: true) }
          })
      }
    }
  }

  private func list(_ accounts: [Account], _ test: [UInt8]) -> [ConnectionRecord.SubscriptionDetail] {
    var found: [ConnectionRecord.SubscriptionDetail] = []
    for account in accounts.sorted(by: { $0.name < $1.name }) {
      account.sublist.forEach { subscription in
        guard subscription.client.kind != .leaf, test.isEmpty || Subject.matches(test, pattern: subscription.subject) else { return }
        found.append(
          ConnectionRecord.SubscriptionDetail(
            account: account.name, subject: subscription.subjectText, queue: subscription.queueText, sid: subscription.sidText,
            delivered: subscription.delivered, maximum: subscription.maximum, cid: subscription.client.cid))
      }
    }
    return found
  }

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
