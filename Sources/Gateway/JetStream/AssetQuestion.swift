import SystemAPI
import Wire

/// Which streams or consumers are wanted, and in which order.
struct AssetQuestion<Order: RawRepresentable<String> & CaseIterable & Sendable>: Sendable {
  var order: Order
  var isAscending = false
  /// In lower case; empty for all.
  var match = ""
  /// Whole names or ids; empty for all.
  var account = ""
  var stream = ""
  var consumer = ""
  var offset = 0
  var limit = 200

  /// The places of what fits, sorted.
  ///
  /// - Parameter texts: What a search looks through.
  func places<Row>(of rows: [Row], texts: (Row) -> [String], where fits: (Row) -> Bool, key: (Row) -> SortKey) -> [Int] {
    let needle = Array(match.utf8)
    let fitting = rows.indices.filter { place in
      fits(rows[place]) && (needle.isEmpty || texts(rows[place]).contains { FoldedText.contains($0, needle) })
    }
    return SortKey.places(by: fitting.map { key(rows[$0]) }, isAscending: isAscending).map { fitting[$0] }
  }

  func page(_ all: [Int]) -> ArraySlice<Int> { all.dropFirst(offset).prefix(limit) }
}

enum StreamOrder: String, CaseIterable, Sendable {
  case name, account, leader, messages, bytes, rate, consumers, lag, last

  var isAscendingByItself: Bool { [.name, .account, .leader].contains(self) }

  func key(_ stream: LiveStream) -> SortKey {
    func state(_ name: StaticString) -> SortKey { .number(stream.view["state"]?[name]?.double) }
    return switch self {
    case .name: .text(stream.key.name.lowercased())
    case .account: .text(stream.accountName.lowercased())
    case .leader: .text(stream.isClustered ? stream.leader : stream.serverName)
    case .messages: state("messages")
    case .bytes: state("bytes")
    case .rate: .number(stream.stored)
    case .consumers: state("consumer_count")
    case .lag: .number(stream.replicas.lag.map(Double.init))
    case .last: .number(stream.view["state"]?.time("last_ts"))
    }
  }
}

enum ConsumerOrder: String, CaseIterable, Sendable {
  case standing, name, stream, account, leader, pending, ack, redelivered, waiting, delivered

  var isAscendingByItself: Bool { [.name, .stream, .account, .leader].contains(self) }

  func key(_ consumer: LiveConsumer) -> SortKey {
    switch self {
    // What stands worst, and of those that stand alike, whoever has more waiting.
    case .standing:
      .number(
        consumer.goneSince != nil
          ? .infinity : Double(ConsumerStanding(consumer).state.rank) + Double(consumer.pending) / Double(2 * Tally.most))
    case .name: .text(consumer.key.name.lowercased())
    case .stream: .text(consumer.key.stream.name.lowercased())
    case .account: .text(consumer.accountName.lowercased())
    case .leader: .text(consumer.isClustered ? consumer.leader : consumer.serverName)
    case .pending: .number(Double(consumer.pending))
    case .ack: .number(Double(consumer.unacknowledged))
    case .redelivered: .number(Double(consumer.redelivered))
    case .waiting: .number(Double(consumer.waiting))
    case .delivered: .number(consumer.delivered)
    }
  }
}
