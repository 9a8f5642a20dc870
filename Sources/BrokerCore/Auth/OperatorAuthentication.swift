/// Judges connections where accounts and users come from JWTs. Set on the server before it starts; called on its shard.
package protocol OperatorAuthentication: AnyObject {
  /// `completion` is called once, on the shard, at once or later.
  func authenticate(_ client: ClientConnection, _ options: ConnectOptions, completion: @escaping (AuthenticationOutcome) -> Void)
  /// The account of that key, for this server's own use; nil where there is none with a valid token. `completion` is called once, on the
  /// shard, at once or later.
  func account(_ key: String, completion: @escaping (Account?) -> Void)
}
