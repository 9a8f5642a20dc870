import Wire

/// What the system side of the broker is told about connections, in the order in which it happens.
/// All calls come on the broker's shard; implementations must not block.
package protocol BrokerObserver: AnyObject {
  /// A client or leaf node was authenticated into its account.
  func connected(_ client: ClientConnection)
  /// An open connection is being closed, and `reason` says why. Connections that never authenticated are told too, with
  /// `client.isRegistered` false.
  func disconnected(_ client: ClientConnection, reason: CloseReason)
  /// A login was refused. The connection is still open and in the global account.
  func authenticationFailed(_ client: ClientConnection)
  /// The number of connections in an account changed.
  func connectionsChanged(in account: Account)
  /// The server began to shut down or entered lame duck mode.
  func shuttingDown()
  func enteredLameDuck()
}

extension BrokerObserver {
  package func connected(_ client: ClientConnection) {}
  package func disconnected(_ client: ClientConnection, reason: CloseReason) {}
  package func authenticationFailed(_ client: ClientConnection) {}
  package func connectionsChanged(in account: Account) {}
  package func shuttingDown() {}
  package func enteredLameDuck() {}
}
