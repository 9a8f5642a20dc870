import Identity
import Logging
import Reactor
import Wire

/// What every part of the server needs: who it is, its queue, its log, its numbers, and the configuration in force. Confined to the shard.
package final class Services {
  package let shard: Shard
  package let log: Logger
  /// What the server signs with.
  package let key: KeyPair
  /// Its public half.
  package let serverID: String
  /// What is sealed for the server.
  package private(set) lazy var curveKey = KeyPair.generate(.curve)
  package var counters = ServerCounters()
  package var configuration: BrokerConfiguration

  init(_ configuration: BrokerConfiguration, shard: Shard, log: Logger) {
    self.configuration = configuration
    self.shard = shard
    self.log = log
    key = configuration.serverKey ?? KeyPair.generate(.server)
    serverID = key.publicKey
  }

  package var serverName: String { configuration.serverName.isEmpty ? serverID : configuration.serverName }

  /// Seconds that a client has to authenticate.
  package var authenticationTimeout: Double {
    configuration.authorization.timeout ?? configuration.tls.map { $0.timeout + 1 } ?? 2
  }

  /// When what many may cause at once was logged last.
  private var logged: [String: MonotonicTime] = [:]

  /// Whether a second has gone by since `text` was last asked about: the log of a crowd at the door stays readable. It begins anew then.
  func mayLog(_ text: String) -> Bool {
    let now = shard.now
    if let last = logged[text], now - last < .seconds(1) { return false }
    if logged.count >= 64 { logged = logged.filter { now - $0.value < .seconds(1) } }
    if logged.count < 64 { logged[text] = now }
    return true
  }

  /// Runs on the shard after some seconds.
  package func later(_ seconds: Double, _ body: @escaping () -> Void) {
    let bound = ShardBound<Void>(shard) { _ in body() }
    _ = shard.after(seconds) { bound.call(()) }
  }
}

/// Nanoseconds since 1970.
package func wallClockNow() -> UInt64 { UInt64(max(0, WallClock.now().unixNanoseconds)) }
