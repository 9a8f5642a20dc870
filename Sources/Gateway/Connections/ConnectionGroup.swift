import Wire

/// Connections that have something in common, summed up.
struct ConnectionGroup: Sendable, Equatable {
  let name: String
  private(set) var connections = 0
  /// Those whose rates are in the sum.
  private(set) var rated = 0
  private(set) var rates = ConnectionRates()
  private(set) var pending = 0
  private(set) var subscriptions = 0

  init(_ name: String) { self.name = name }

  mutating func add(_ row: LiveConnection, _ rates: ConnectionRates?) {
    connections += 1
    pending = Tally.sum(pending, row.pending)
    subscriptions = Tally.sum(subscriptions, row.subscriptions)
    guard let rates else { return }
    rated += 1
    self.rates += rates
  }

  func write(to json: inout JSONWriter) {
    json.member("connections", connections)
    json.member("pending_bytes", pending)
    json.member("subscriptions", subscriptions)
    // Where no rate is known the sum is not zero: it is not known.
    json.member("rated", rated)
    if rated > 0 { json.objectMember("rates") { rates.rounded.write(to: &$0) } }
  }

  /// The groups of these rows, in the order of their first row: that of the rows themselves, unless a figure of the groups says otherwise.
  static func groups(_ reading: ConnectionReading, _ rows: [Int], by grouping: ConnectionQuestion.Grouping) -> [ConnectionGroup] {
    var places: [String: Int] = [:]
    var groups: [ConnectionGroup] = []
    for place in rows {
      let row = reading.rows[place]
      let name = label(row, reading.servers[row.server], grouping)
      let at = places[name] ?? groups.count
      if at == groups.count {
        places[name] = at
        groups.append(ConnectionGroup(name))
      }
      groups[at].add(row, reading.rates[place])
    }
    return groups
  }

  private static func label(
    _ row: LiveConnection, _ server: ReadingServer, _ grouping: ConnectionQuestion.Grouping
  ) -> String {
    switch grouping {
    case .name: row.shownName
    case .stem: NameStem.of(row.shownName)
    case .account: row.shownAccount
    case .server: server.name
    case .cluster: server.cluster
    case .user: row.user
    case .host: row.ip
    case .library: row.library
    }
  }
}

extension ConnectionQuestion {
  /// Groups by their own names or figures; where the order is by something else of the rows, as they come. Groups of which no rate is known
  /// come last.
  func sorted(_ groups: [ConnectionGroup]) -> [ConnectionGroup] {
    let keys = groups.compactMap(key)
    return keys.count == groups.count ? places(by: keys).map { groups[$0] } : groups
  }

  private func key(_ group: ConnectionGroup) -> SortKey? {
    func rate(_ figure: Double) -> SortKey { .number(group.rated > 0 ? figure : nil) }
    switch order {
    case .rateOutBytes: return rate(group.rates.outBytes)
    case .rateInBytes: return rate(group.rates.inBytes)
    case .rateOutMessages: return rate(group.rates.outMessages)
    case .rateInMessages: return rate(group.rates.inMessages)
    case .pending: return .number(Double(group.pending))
    case .subs: return .number(Double(group.subscriptions))
    case .connections: return .number(Double(group.connections))
    case .name: return .text(group.name.lowercased())
    case .outBytes, .inBytes, .outMessages, .inMessages, .rtt, .uptime, .idle, .server, .account, .user, .address, .library, .cid:
      return nil
    }
  }
}
