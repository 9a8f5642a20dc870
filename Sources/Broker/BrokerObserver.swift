/// What the system side of the broker is told about connections, in the order in which it happens.
/// All calls come on the broker's shard; implementations must not block.
protocol BrokerObserver: AnyObject {
  /// A client or leaf node was authenticated into its account.
  func connected(_ client: Client)
  /// An open connection was closed. `client.closing` says why; connections that never authenticated are told too,
  /// with `client.isRegistered` false.
  func disconnected(_ client: Client, reason: CloseReason)
  /// A login was refused. The connection is still open and in the global account.
  func authenticationFailed(_ client: Client)
  /// The number of connections in an account changed.
  func connectionsChanged(in account: Account)
  /// The server began to shut down or entered lame duck mode.
  func shuttingDown()
  func enteredLameDuck()
}

extension BrokerObserver {
  func connected(_ client: Client) {}
  func disconnected(_ client: Client, reason: CloseReason) {}
  func authenticationFailed(_ client: Client) {}
  func connectionsChanged(in account: Account) {}
  func shuttingDown() {}
  func enteredLameDuck() {}
}
