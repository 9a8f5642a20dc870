/// What an archive holds of servers, accounts and streams, by the names that its tags give it: those of `nats audit gather`, and some of ours,
/// which other tools pass over.
public enum ArtifactType: String, Sendable, CaseIterable {
  case variables
  case expVariables = "exp_variables"
  case connections, routes, gateways, leafs, subs
  case jetStreamInfo = "jetstream_info"
  case accounts, health
  case accountConnections = "account_connections"
  case accountLeafs = "account_leafs"
  case accountSubs = "account_subs"
  case accountInfo = "account_info"
  case accountJetStreamInfo = "account_jetstream_info"
  case accountRaft = "account_raftz"
  case accountIPQueues = "account_ipqueues"
  case streamInfo = "stream_info"
  case profile
  /// Ours, of servers: heartbeats, statistics of accounts, Raft groups and queues.
  case heartbeats = "statsz"
  case accountStatistics = "accstatz"
  case raft = "raftz"
  case ipQueues = "ipqueuesz"
  /// Ours, of accounts: their details as `accountz` gives them, and their leafnode connections as `connz` does.
  case accountDetails = "account_details"
  case accountLeafConnections = "account_leaf_connections"

  /// What it is of.
  public enum Scope: Sendable { case server, account, stream, profile }

  public var scope: Scope {
    switch self {
    case .variables, .expVariables, .connections, .routes, .gateways, .leafs, .subs, .jetStreamInfo, .accounts, .health,
      .heartbeats, .accountStatistics, .raft, .ipQueues:
      .server
    case .accountConnections, .accountLeafs, .accountSubs, .accountInfo, .accountJetStreamInfo, .accountRaft, .accountIPQueues,
      .accountDetails, .accountLeafConnections:
      .account
    case .streamInfo: .stream
    case .profile: .profile
    }
  }

  /// The list that goes on from page to page; nil for what is gathered by one question.
  public var pagedList: String? {
    switch self {
    case .connections: "connections"
    case .subs: "subscriptions_list"
    case .jetStreamInfo: "account_details"
    default: nil
    }
  }
}
