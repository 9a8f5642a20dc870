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
    pending += row.pending
    subscriptions += row.subscriptions
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
    _ row: LiveConnection, _ server: ConnectionReading.Server, _ grouping: ConnectionQuestion.Grouping
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
  /// Groups by the figure that rows are sorted by, the largest first; where that is no figure, as they come.
  func sorted(_ groups: [ConnectionGroup]) -> [ConnectionGroup] {
    let figure: ((ConnectionGroup) -> Double)? =
      switch order {
      case .rateOutBytes: { $0.rates.outBytes }
      case .rateInBytes: { $0.rates.inBytes }
      case .rateOutMessages: { $0.rates.outMessages }
      case .rateInMessages: { $0.rates.inMessages }
      case .pending: { Double($0.pending) }
      case .subs: { Double($0.subscriptions) }
      default: nil
      }
    guard let figure else { return groups }
    return groups.enumerated().sorted { left, right in
      let (one, other) = (figure(left.element), figure(right.element))
      return one == other ? left.offset < right.offset : (one < other) == isAscending
    }.map(\.element)
  }
}
