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

  /// What a start would refuse of options that are valid by themselves, such as mappings, cycles of imports and operators' tokens. Nothing is
  /// opened and nobody asked. Blocks: files are read.
  ///
  /// - Throws: What keeps the server from starting.
  public static func check(_ options: BrokerOptions, log: Logger) throws(BrokerConfigurationError) {
    var configuration = options.broker
    if options.operatorMode.isConfigured {
      try OperatorTrust(
        options.operatorMode, systemAccount: configuration.systemAccount, version: configuration.version, asksResolver: false
      ).apply(to: &configuration)
    }
    _ = try Broker(configuration: configuration, shard: Shard(label: "natsight.check"), log: log)
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
