import Wire

/// Which rows of a detail page are wanted.
struct MetricSelection: Sendable {
  /// A pattern over names: `*` stands for any run of characters, everything else for itself. Empty for all.
  var match = ""
  /// Most rows, the largest first.
  var top = 100

  /// Whether one of the names fits.
  func fits(_ names: String...) -> Bool {
    match.isEmpty || names.contains { MetricSelection.glob(match.utf8[...], $0.utf8[...]) }
  }

  private static func glob(_ pattern: Substring.UTF8View, _ text: Substring.UTF8View) -> Bool {
    var pattern = pattern
    var text = text
    // Where the last star was, and the text it has to give one more byte of on the next failure.
    var star: (pattern: Substring.UTF8View, text: Substring.UTF8View)?
    while true {
      if pattern.first == UInt8(ascii: "*") {
        pattern.removeFirst()
        star = (pattern, text)
      } else if let want = pattern.first, want == text.first {
        pattern.removeFirst()
        text.removeFirst()
      } else if pattern.isEmpty, text.isEmpty {
        return true
      } else if var back = star, !back.text.isEmpty {
        back.text.removeFirst()
        star = back
        (pattern, text) = back
      } else {
        return false
      }
    }
  }
}

extension MetricCollector {
  /// The accounts of `accstatz`: the busiest `top`, each on each server.
  ///
  /// - Returns: accounts left out.
  mutating func accounts(_ replies: [MetricReply], _ selection: MetricSelection) -> Int {
    var traffic: [String: UInt64] = [:]
    var rows: [(reply: MetricReply, id: String, row: JSONView)] = []
    for reply in replies {
      for row in reply.document["account_statz"]?.elements ?? [] {
        guard let id = row["acc"]?.string else { continue }
        let name = row["name"]?.string ?? id
        guard selection.fits(id, name) else { continue }
        let bytes = (row["sent"]?["bytes"]?.uint64 ?? 0) &+ (row["received"]?["bytes"]?.uint64 ?? 0)
        traffic[id, default: 0] &+= bytes
        rows.append((reply, id, row))
      }
    }
    let order = traffic.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(selection.top)
    let kept = Set(order.map(\.key))
    let names = AccountNames(replies)
    var described: Set<String> = []
    for (reply, id, row) in rows where kept.contains(id) {
      let label = names.label(id)
      account(reply, label, row)
      if described.insert(id).inserted { page.add(Table.accountInfo, [label, id], 1) }
    }
    return traffic.count - kept.count
  }

  private mutating func account(_ reply: MetricReply, _ label: String, _ row: JSONView) {
    let labels = reply.labels + [label]
    func sample(_ family: MetricFamily, _ value: MetricValue?, _ page: inout MetricPage) {
      if let value { page.add(family, labels, value) }
    }
    sample(Table.accountConnections, row.metric("conns"), &page)
    sample(Table.accountLeafnodes, row.metric("leafnodes"), &page)
    sample(Table.accountSubscriptions, row.metric("num_subscriptions"), &page)
    sample(Table.accountReceivedMessages, row.metric("received", "msgs"), &page)
    sample(Table.accountReceivedBytes, row.metric("received", "bytes"), &page)
    sample(Table.accountSentMessages, row.metric("sent", "msgs"), &page)
    sample(Table.accountSentBytes, row.metric("sent", "bytes"), &page)
    sample(Table.accountSlowConsumers, row.metric("slow_consumers"), &page)
  }

  /// The JetStream use of accounts from `jsz?accounts=1`: the same figure on every server of a cluster, taken once.
  mutating func accountStorage(_ replies: [MetricReply], _ names: AccountNames, _ selection: MetricSelection) {
    var seen: Set<[String]> = []
    for reply in replies {
      for account in reply.document["account_details"]?.elements ?? [] {
        guard let name = account["name"]?.string, selection.fits(name, account["id"]?.string ?? name) else { continue }
        let labels = [reply.cluster, account["id"]?.string.map(names.label) ?? name]
        guard seen.insert(labels).inserted else { continue }
        if let value = account.metric("memory") { page.add(Table.accountJSMemory, labels, value) }
        if let value = account.metric("storage") { page.add(Table.accountJSStorage, labels, value) }
        if let value = limit(account["reserved_memory"]) { page.add(Table.accountJSMaxMemory, labels, value) }
        if let value = limit(account["reserved_storage"]) { page.add(Table.accountJSMaxStorage, labels, value) }
      }
    }
  }

  /// A reservation of -1 that was read as unsigned means that there is no limit.
  private func limit(_ view: JSONView?) -> MetricValue? {
    guard let value = view?.uint64, value > 0, value < UInt64(Int64.max) else { return nil }
    return .unsigned(value)
  }

  /// The rows of `connz`: those that servers put first, the busiest of all servers.
  ///
  /// - Returns: connections left out.
  mutating func connections(_ replies: [MetricReply], _ names: AccountNames, _ selection: MetricSelection) -> Int {
    var rows: [(reply: MetricReply, row: JSONView, weight: UInt64)] = []
    var total = 0
    for reply in replies {
      let listed = reply.document["connections"]?.elements ?? []
      total += max(listed.count, reply.document["total"]?.int ?? 0)
      for row in listed {
        let account = row["account"]?.string ?? "$G"
        guard selection.fits(row["name"]?.string ?? "", account, names.label(account), row["mqtt_client"]?.string ?? "") else { continue }
        rows.append((reply, row, (row["in_bytes"]?.uint64 ?? 0) &+ (row["out_bytes"]?.uint64 ?? 0)))
      }
    }
    rows.sort { ($1.weight, $0.reply.name, $0.row["cid"]?.uint64 ?? 0) < ($0.weight, $1.reply.name, $1.row["cid"]?.uint64 ?? 0) }
    for (reply, row, _) in rows.prefix(selection.top) { connection(reply, row, names) }
    return max(0, total - min(rows.count, selection.top))
  }

  private mutating func connection(_ reply: MetricReply, _ row: JSONView, _ names: AccountNames) {
    // Not by `name_tag`: up to nats-server 2.10 it is the user's name.
    let account = names.label(row["account"]?.string ?? "$G")
    let labels = reply.labels + [account, String(row["cid"]?.uint64 ?? 0), row["name"]?.string ?? row["mqtt_client"]?.string ?? ""]
    let start = row.time("start")
    func sample(_ family: MetricFamily, _ value: MetricValue?, _ page: inout MetricPage) {
      if let value { page.add(family, labels, value, created: start) }
    }
    sample(Table.connectionPending, row.metric("pending_bytes"), &page)
    sample(Table.connectionSubscriptions, row.metric("subscriptions"), &page)
    sample(Table.connectionReceivedMessages, row.metric("in_msgs"), &page)
    sample(Table.connectionReceivedBytes, row.metric("in_bytes"), &page)
    sample(Table.connectionSentMessages, row.metric("out_msgs"), &page)
    sample(Table.connectionSentBytes, row.metric("out_bytes"), &page)
    sample(Table.connectionRTT, row.duration("rtt").flatMap { $0 > 0 ? .double($0) : nil }, &page)
    sample(Table.connectionStart, start.map { .double($0) }, &page)
  }
}
