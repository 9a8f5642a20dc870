import SystemAPI
import Wire

/// Which connections are wanted, and in which order.
struct ConnectionQuestion: Sendable {
  /// What the rows are sorted by. Rates first: what goes through now.
  enum Order: String, CaseIterable, Sendable {
    case rateOutBytes = "rate_out_bytes"
    case rateInBytes = "rate_in_bytes"
    case rateOutMessages = "rate_out_msgs"
    case rateInMessages = "rate_in_msgs"
    case outBytes = "out_bytes"
    case inBytes = "in_bytes"
    case outMessages = "out_msgs"
    case inMessages = "in_msgs"
    case pending, subs, connections, rtt, uptime, idle, name, server, account, user, address, library, cid

    var isRate: Bool { rawValue.hasPrefix("rate_") }

    /// Words begin with A, figures with the largest.
    var isAscendingByItself: Bool {
      switch self {
      case .name, .server, .account, .user, .address, .library, .cid: true
      default: false
      }
    }
  }

  /// What rows are summed up by.
  enum Grouping: String, CaseIterable, Sendable {
    case name, stem, account, server, cluster, user, host, library
  }

  var order = Order.rateOutBytes
  var isAscending = false
  /// In lower case; empty for every connection.
  var match = ""
  var offset = 0
  var limit = 100
  var grouping: Grouping?

  /// The places of the rows that fit, sorted.
  func rows(of reading: ConnectionReading) -> [Int] {
    let needle = Array(match.utf8)
    let fitting = needle.isEmpty ? Array(reading.rows.indices) : reading.rows.indices.filter { fits(reading, $0, needle) }
    let keys = fitting.map { key(reading, $0) }
    return places(by: keys).map { fitting[$0] }
  }

  /// The places of these keys, sorted; among equals the first comes first.
  func places(by keys: [SortKey]) -> [Int] { SortKey.places(by: keys, isAscending: isAscending) }

  /// Whether what people would look for holds the words.
  private func fits(_ reading: ConnectionReading, _ place: Int, _ needle: [UInt8]) -> Bool {
    let row = reading.rows[place]
    let server = reading.servers[row.server]
    let texts = [
      row.name, row.mqttClient, row.address, row.user, row.account, row.accountName, server.name, server.id + "/" + String(row.cid),
      String(row.cid), row.library,
    ]
    return texts.contains { FoldedText.contains($0, needle) }
  }

  private func key(_ reading: ConnectionReading, _ place: Int) -> SortKey {
    let row = reading.rows[place]
    let rates = reading.rates[place]
    func duration(_ text: String) -> SortKey {
      .number((DurationText.parse(text) ?? DurationText.parseUptime(text)).flatMap { $0 == 0 ? nil : Double($0) })
    }
    switch order {
    case .rateOutBytes: return .number(rates?.outBytes)
    case .rateInBytes: return .number(rates?.inBytes)
    case .rateOutMessages: return .number(rates?.outMessages)
    case .rateInMessages: return .number(rates?.inMessages)
    case .outBytes: return .number(Double(row.counters.outBytes))
    case .inBytes: return .number(Double(row.counters.inBytes))
    case .outMessages: return .number(Double(row.counters.outMessages))
    case .inMessages: return .number(Double(row.counters.inMessages))
    case .pending: return .number(Double(row.pending))
    case .subs: return .number(Double(row.subscriptions))
    // One connection is as many as another.
    case .connections: return .number(1)
    case .rtt: return duration(row.rtt)
    case .uptime: return duration(row.uptime)
    case .idle: return duration(row.idle)
    case .name: return .text(row.shownName.lowercased())
    case .server: return .text(reading.servers[row.server].name)
    case .account: return .text(row.shownAccount)
    case .user: return .text(row.user)
    case .address: return .text(row.address)
    case .library: return .text(row.library)
    case .cid: return .number(Double(row.cid))
    }
  }
}
