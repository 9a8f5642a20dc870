import Logging
import Reactor
import Wire

/// What every part of the server needs: who it is, its queue, its log, its numbers, and the configuration in force. Confined to the shard.
package final class Services {
  package let shard: Shard
  package let log: Logger
  /// Public nkey of this run.
  package let serverID: String
  package var counters = ServerCounters()
  package var configuration: BrokerConfiguration

  init(_ configuration: BrokerConfiguration, shard: Shard, log: Logger, serverID: String) {
    self.configuration = configuration
    self.shard = shard
    self.log = log
    self.serverID = serverID
  }

  package var serverName: String { configuration.serverName.isEmpty ? serverID : configuration.serverName }

  /// Seconds that a client has to authenticate.
  package var authenticationTimeout: Double {
    configuration.authorization.timeout ?? configuration.tls.map { $0.timeout + 1 } ?? 2
  }

  /// Runs on the shard after some seconds.
  package func later(_ seconds: Double, _ body: @escaping () -> Void) {
    let bound = ShardBound<Void>(shard) { _ in body() }
    _ = shard.after(seconds) { bound.call(()) }
  }
}

/// Nanoseconds since 1970.
package func wallClockNow() -> UInt64 { UInt64(max(0, WallClock.now().unixNanoseconds)) }
