/// All checks.
public enum CheckTable {
  /// In the order of the documentation.
  public static let all: [Check] = [
    Check.ofRoster, Check.ofHeard, Check.ofClocks, Check.ofServers, Check.ofHealth, Check.ofClusters, Check.ofJoinedLinks, Check.ofLinks,
    Check.ofConnections, Check.ofAccounts, Check.ofAccountTraffic,
    Check.ofMetaGroups, Check.ofJetStream, Check.ofRaftGroups, Check.ofStreams, Check.ofStreamLimits, Check.ofMonitoredStreams,
    Check.ofConsumers, Check.ofMonitoredConsumers, Check.ofPlacement,
    Check.ofServersOverTime, Check.ofAccountsOverTime, Check.ofStreamsOverTime, Check.ofConsumersOverTime,
  ].flatMap { $0 }

  public static func check(_ code: String) -> Check? { all.first { $0.code == code } }
}
