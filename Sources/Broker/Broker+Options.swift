import BrokerCore
import BrokerOptions
import BrokerSystem
import Logging
import Reactor

extension Broker {
  /// A broker from options, in operator mode where they ask for it; not yet started. Blocks: operators' tokens and certificates are read,
  /// and a URL resolver is asked whether it is there.
  ///
  /// - Throws: What keeps the server from starting.
  public convenience init(_ options: BrokerOptions, shard: Shard, log: Logger) throws(BrokerConfigurationError) {
    var configuration = options.broker
    var trust: OperatorTrust?
    if options.operatorMode.isConfigured {
      let made = try OperatorTrust(options.operatorMode, systemAccount: configuration.systemAccount, version: configuration.version)
      made.apply(to: &configuration)
      trust = made
    }
    try self.init(configuration: configuration, shard: shard, log: log)
    reported = options.reported
    if let trust { try useOperators(trust) }
  }

  /// Puts changed options in force while the server runs. On the shard only.
  ///
  /// - Throws: What is wrong with them; the old ones are in force then.
  public func reload(_ options: BrokerOptions) throws(BrokerConfigurationError) {
    var configuration = options.broker
    operatorTrust?.apply(to: &configuration)
    try reload(configuration, reported: options.reported)
    reloadOperators(options.operatorMode)
  }
}
