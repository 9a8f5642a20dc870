/// Judges connections where accounts and users come from JWTs. Set on the server before it starts; called on its shard.
package protocol OperatorAuthentication: AnyObject {
  /// `completion` is called once, on the shard, at once or later.
  func authenticate(_ client: ClientConnection, _ options: ConnectOptions, completion: @escaping (AuthenticationOutcome) -> Void)
}
