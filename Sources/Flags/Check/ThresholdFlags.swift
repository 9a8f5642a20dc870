import ArgumentParser
import Judgement

/// A flag for each threshold of the checks, as `--near-limit 70`. Names and help are those of ``Threshold``.
public struct ThresholdFlags: ParsableArguments, Sendable {
  @Option(.nearLimit) var nearLimit: Int?
  @Option(.atLimit) var atLimit: Int?
  @Option(.certificateDays) var certificateDays: Int?
  @Option(.certificateCriticalDays) var certificateCriticalDays: Int?
  @Option(.slowConsumers) var slowConsumers: Int?
  @Option(.refusedLogins) var refusedLogins: Int?
  @Option(.replicaLag) var replicaLag: Int?
  @Option(.minutes) var minutes: Int?
  @Option(.cpu) var cpu: Int?
  @Option(.memoryFactor) var memoryFactor: Int?
  @Option(.assets) var assets: Int?
  @Option(.metaAssets) var metaAssets: Int?
  @Option(.metaPending) var metaPending: Int?
  @Option(.manySubjects) var manySubjects: Int?
  @Option(.replicaDifference) var replicaDifference: Int?
  @Option(.raftBehind) var raftBehind: Int?
  @Option(.queueLength) var queueLength: Int?
  @Option(.roundTrip) var roundTrip: Int?
  @Option(.pendingBytes) var pendingBytes: Int?
  @Option(.inflight) var inflight: Int?
  @Option(.apiErrors) var apiErrors: Int?
  @Option(.silence) var silence: Int?
  @Option(.consumerLag) var consumerLag: Int?
  @Option(.manyDeletes) var manyDeletes: Int?
  @Option(.largeMemoryStream) var largeMemoryStream: Int?
  @Option(.largeStream) var largeStream: Int?
  @Option(.unacknowledged) var unacknowledged: Int?
  @Option(.redelivered) var redelivered: Int?
  @Option(.gatewayShare) var gatewayShare: Int?
  @Option(.accountShare) var accountShare: Int?
  @Option(.skew) var skew: Int?
  @Option(.fanout) var fanout: Int?
  @Option(.userConnections) var userConnections: Int?
  @Option(.idleMinutes) var idleMinutes: Int?
  @Option(.tokenBytes) var tokenBytes: Int?
  @Option(.leafSubscriptions) var leafSubscriptions: Int?
  @Option(.churn) var churn: Int?
  @Option(.snapshotSeconds) var snapshotSeconds: Int?
  @Option(.fillingHours) var fillingHours: Int?
  @Option(.consumerGrowth) var consumerGrowth: Int?
  @Option(.backlog) var backlog: Int?
  @Option(.trendMinutes) var trendMinutes: Int?
  @Option(.leakHours) var leakHours: Int?
  @Option(.idleHours) var idleHours: Int?
  @Option(.leakGrowth) var leakGrowth: Int?
  @Option(.leaderChanges) var leaderChanges: Int?
  @Option(.restarts) var restarts: Int?
  @Option(.lagMinutes) var lagMinutes: Int?
  @Option(.apiRequests) var apiRequests: Int?
  @Option(.duplicateMinutes) var duplicateMinutes: Int?

  public init() {}

  /// What each flag was told.
  var all: [(threshold: Threshold, value: Int?)] {
    [
      (.nearLimit, nearLimit), (.atLimit, atLimit), (.certificateDays, certificateDays),
      (.certificateCriticalDays, certificateCriticalDays), (.slowConsumers, slowConsumers), (.refusedLogins, refusedLogins),
      (.replicaLag, replicaLag), (.minutes, minutes), (.cpu, cpu), (.memoryFactor, memoryFactor), (.assets, assets),
      (.metaAssets, metaAssets), (.metaPending, metaPending), (.manySubjects, manySubjects), (.replicaDifference, replicaDifference),
      (.raftBehind, raftBehind), (.queueLength, queueLength), (.roundTrip, roundTrip), (.pendingBytes, pendingBytes),
      (.inflight, inflight), (.apiErrors, apiErrors), (.silence, silence), (.consumerLag, consumerLag), (.manyDeletes, manyDeletes),
      (.largeMemoryStream, largeMemoryStream), (.largeStream, largeStream), (.unacknowledged, unacknowledged),
      (.redelivered, redelivered), (.gatewayShare, gatewayShare), (.accountShare, accountShare), (.skew, skew), (.fanout, fanout),
      (.userConnections, userConnections), (.idleMinutes, idleMinutes), (.tokenBytes, tokenBytes),
      (.leafSubscriptions, leafSubscriptions), (.churn, churn), (.snapshotSeconds, snapshotSeconds), (.fillingHours, fillingHours),
      (.consumerGrowth, consumerGrowth), (.backlog, backlog), (.trendMinutes, trendMinutes), (.leakHours, leakHours),
      (.idleHours, idleHours), (.leakGrowth, leakGrowth), (.leaderChanges, leaderChanges), (.restarts, restarts),
      (.lagMinutes, lagMinutes), (.apiRequests, apiRequests), (.duplicateMinutes, duplicateMinutes),
    ]
  }

  /// Those that were given.
  public var given: [(threshold: Threshold, value: Int)] { all.compactMap { row in row.value.map { (row.threshold, $0) } } }

  public func validate() throws {
    for (threshold, value) in given where !threshold.row.range.contains(value) {
      let range = threshold.row.range
      throw ValidationError(
        "--\(threshold.flag) has to be a whole number from \(range.lowerBound) to \(range.upperBound); found \(value)")
    }
  }

  /// The thresholds in force.
  public var thresholds: Thresholds {
    var thresholds = Thresholds()
    for (threshold, value) in given { thresholds[threshold] = value }
    return thresholds
  }
}

extension Threshold {
  /// The flag without its dashes.
  var flag: String { String(row.name.map { $0 == "_" ? "-" : $0 }) }
}

extension Option where Value == Int? {
  init(_ threshold: Threshold) {
    let (row, unit) = (threshold.row, threshold.row.unit)
    let help = row.help.prefix(1).uppercased() + row.help.dropFirst()
    self.init(
      name: .customLong(threshold.flag),
      help: ArgumentHelp("\(help) (\(row.standard)).", valueName: unit == .count ? "number" : unit == .percentOfUsual ? "%" : unit.rawValue)
    )
  }
}
