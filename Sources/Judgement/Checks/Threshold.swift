/// From where on something is worth a finding. One table: flags, parameters, documentation and checks are made from it.
public enum Threshold: Int, Sendable, CaseIterable {
  case nearLimit, atLimit, certificateDays, certificateCriticalDays, slowConsumers, refusedLogins, replicaLag, minutes
  case cpu, memoryFactor, assets, metaAssets, metaPending, manySubjects, replicaDifference, raftBehind, queueLength
  case roundTrip, pendingBytes, inflight, apiErrors, silence, consumerLag, manyDeletes, largeMemoryStream, largeStream
  case unacknowledged, redelivered, gatewayShare, accountShare, skew, fanout, userConnections, idleMinutes, tokenBytes
  case leafSubscriptions, churn, snapshotSeconds, fillingHours, consumerGrowth, backlog
  case trendMinutes, leakHours, idleHours, leakGrowth, leaderChanges, restarts, lagMinutes, apiRequests, duplicateMinutes

  public enum Unit: String, Sendable {
    case percent = "%"
    case count = ""
    case days, hours, minutes, seconds, milliseconds, bytes
    /// Per cent of what is usual: 150 is half as much again.
    case percentOfUsual = "% of the usual"
  }

  public struct Row: Sendable {
    /// As flags and parameters have it.
    public let name: String
    public let standard: Int
    public let range: ClosedRange<Int>
    public let unit: Unit
    public let help: String

    init(_ name: String, _ standard: Int, _ range: ClosedRange<Int>, _ unit: Unit, _ help: String) {
      self.name = name
      self.standard = standard
      self.range = range
      self.unit = unit
      self.help = help
    }
  }

  private static let any = 0...1_000_000_000_000

  public var row: Row { Threshold.rows[rawValue] }

  /// In the order of the cases, which a test holds.
  static let rows: [Row] = [
    Row("near_limit", 80, 1...100, .percent, "share of a limit that is a warning"),
    Row("at_limit", 95, 1...100, .percent, "share of a limit that is critical"),
    Row("certificate_days", 30, 0...3650, .days, "time left of a certificate that is a warning"),
    Row("certificate_critical_days", 7, 0...3650, .days, "time left of a certificate that is critical"),
    Row("slow_consumers", 1, 1...1_000_000_000, .count, "slow consumers cut off by a server within the window"),
    Row("refused_logins", 10, 1...1_000_000_000, .count, "logins refused by a server within the window"),
    Row("replica_lag", 200, any, .count, "entries by which a replica that is not current is called behind"),
    Row("minutes", 15, 1...15, .minutes, "the window that is looked back"),
    Row("cpu", 90, 1...1000, .percent, "of one core, over all cores of a server"),
    Row("memory_factor", 150, 100...10_000, .percentOfUsual, "memory of a server against the mean of its cluster"),
    Row("assets", 1000, 1...1_000_000, .count, "replicated streams and consumers on one server"),
    Row("meta_assets", 5000, 1...10_000_000, .count, "replicas of streams and consumers in one meta group"),
    Row("meta_pending", 500, any, .count, "entries that the meta group has not worked in"),
    Row("many_subjects", 1_000_000, any, .count, "subjects of one stream"),
    Row("replica_difference", 10, 1...100, .percent, "of a stream's last sequence by which a replica is behind the furthest"),
    Row("raft_behind", 100, any, .count, "entries that a Raft group has committed and not applied"),
    Row("queue_length", 1000, any, .count, "entries in one queue of a Raft group"),
    Row("round_trip", 100, 1...60_000, .milliseconds, "round trip of a client, route, gateway or leaf node"),
    Row("pending_bytes", 1 << 20, any, .bytes, "bytes that wait to be read by a client, route or gateway"),
    Row("inflight", 1000, any, .count, "requests to the JetStream API under way on one server"),
    Row("api_errors", 10, 1...100, .percent, "of requests to the JetStream API that failed since the moment before"),
    Row("silence", 300, 1...86_400, .seconds, "since a mirror or a source was last heard"),
    Row("consumer_lag", 1000, any, .count, "entries by which a consumer's replica is behind"),
    Row("many_deletes", 100_000, any, .count, "deleted messages inside a stream"),
    Row("large_memory_stream", 100 << 20, any, .bytes, "size of a stream that is kept in memory"),
    Row("large_stream", 1 << 30, any, .bytes, "size of a stream on disk that is not compressed"),
    Row("unacknowledged", 80, 1...100, .percent, "of the messages that a consumer may leave unacknowledged"),
    Row("redelivered", 10, 1...100, .percent, "of a consumer's deliveries that are redelivered"),
    Row("gateway_share", 30, 1...100, .percent, "of an account's bytes that cross gateways"),
    Row("account_share", 70, 1...100, .percent, "of an account's connections on one server"),
    Row("skew", 200, 100...10_000, .percentOfUsual, "load of a server against the mean of its cluster"),
    Row("fanout", 10, 2...1_000_000, .count, "times the mean that the largest fan-out is"),
    Row("user_connections", 100, any, .count, "connections of one user"),
    Row("idle_minutes", 5, 1...1_000_000, .minutes, "since a connection that never sent or got a message began"),
    Row("token_bytes", 32 << 10, any, .bytes, "size of an account's JWT"),
    Row("leaf_subscriptions", 100_000, any, .count, "subscriptions of one leaf node"),
    Row("churn", 500, any, .count, "connections that a cluster gained or lost since the moment before"),
    Row("snapshot_seconds", 10, 1...3600, .seconds, "that the last snapshot of the meta group took"),
    Row("filling_hours", 24, 1...8760, .hours, "until a stream that grows as it did is full"),
    Row("consumer_growth", 100, 1...1_000_000, .count, "consumers that a stream gained since the moment before"),
    Row("backlog", 10_000, any, .count, "messages that wait for a consumer and become more"),
    Row("trend_minutes", 15, 1...1440, .minutes, "over which figures are compared that grow or fall"),
    Row("leak_hours", 6, 1...24, .hours, "over which what only rises is called a leak"),
    Row("idle_hours", 24, 1...24, .hours, "over which what does nothing is called idle"),
    Row("leak_growth", 20, 1...10_000, .percent, "by which memory, connections or subscriptions have to rise for that"),
    Row("leader_changes", 3, 1...1000, .count, "changes of a leader over which figures are compared"),
    Row("restarts", 3, 1...1000, .count, "starts of a server within the hours of leaks"),
    Row("lag_minutes", 60, 1...10_000, .minutes, "until a consumer's backlog that grows as it did is at its limit"),
    Row("api_requests", 1000, any, .count, "requests a minute to the JetStream API of one server"),
    Row("duplicate_minutes", 60, 1...1_000_000, .minutes, "for which a stream remembers the ids of messages"),
  ]
}

/// The thresholds in force.
public struct Thresholds: Sendable, Equatable {
  private var values = Threshold.rows.map(\.standard)

  public init() {}

  public subscript(_ threshold: Threshold) -> Int {
    get { values[threshold.rawValue] }
    set { values[threshold.rawValue] = newValue }
  }

  private static var names: String { Threshold.rows.map(\.name).joined(separator: ", ") }

  /// Sets one threshold; `-` and `_` are alike in names.
  ///
  /// - Returns: what would have been accepted, where the name or the value is not; nil where it was set.
  public mutating func set(_ name: String, _ value: String) -> String? {
    let name = String(name.map { $0 == "-" ? "_" : $0 })
    guard let threshold = Threshold.allCases.first(where: { $0.row.name == name }) else { return "one of \(Thresholds.names)" }
    let range = threshold.row.range
    guard let number = Int(value), range.contains(number) else { return "a whole number from \(range.lowerBound) to \(range.upperBound)" }
    self[threshold] = number
    return nil
  }

  /// Reads `near_limit=70,minutes=5` over what stands here.
  ///
  /// - Returns: a sentence about what cannot be read; nil where everything was.
  public mutating func read(_ text: String) -> String? {
    for part in text.split(separator: ",") {
      let sides = part.split(separator: "=", maxSplits: 1).map { String($0.filter { $0 != " " }) }
      guard sides.count == 2 else { return "\"\(part)\": expected NAME=VALUE, the name being one of \(Thresholds.names)" }
      if let accepted = set(sides[0], sides[1]) { return "\"\(part)\": expected \(accepted)" }
    }
    return nil
  }
}
