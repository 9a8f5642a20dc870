extension BrokerConfiguration {
  /// What keeps clients from being told apart: one token or one user for everybody, beside accounts with users of their own. Who has that one
  /// is in no account, and would be let in where nobody means it. Nil where all is well; the sentence is nats-server's.
  package var credentialConflict: String? {
    guard accounts.contains(where: { !$0.users.isEmpty }) else { return nil }
    if authorization.token?.isEmpty == false { return "Can not have a token and accounts" }
    if authorization.user?.isEmpty == false { return "Can not have a single user/pass and accounts" }
    return nil
  }
}
