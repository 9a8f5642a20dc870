import Reactor

extension BrokerConfiguration {
  /// How often, in seconds, deadlines are looked at, so that what is due comes no later than a twentieth of the shortest of these times. Not
  /// more often than 200 times a second, because each look is at every connection.
  package var deadlineGrain: Double {
    let times = [
      timers.pingInterval, timers.writeDeadline, authorization.timeout, tls?.timeout, leafNodes?.authorization.timeout,
      leafNodes?.tls?.timeout,
    ]
    let shortest = times.compactMap { $0 }.filter { $0 > 0 }.min() ?? 1
    return min(max(shortest / 20, 0.005), Shard.sweepInterval)
  }
}
