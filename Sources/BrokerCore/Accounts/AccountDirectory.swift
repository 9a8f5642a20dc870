import Wire

/// The accounts of the server by name, and the server's own place among them. Confined to the shard.
package final class AccountDirectory {
  package static let globalName = "$G"

  let services: Services
  package private(set) var byName: [String: Account] = [:]
  package let global: Account
  package let system: Account?
  /// Where the server's services are asked for. Without a system account it is one of its own, which nobody else is in, or can name.
  package let serving: Account
  /// The server itself: who its own subscriptions and messages belong to.
  package let own: ClientConnection
  private var lastSID: UInt64 = 0

  /// - Throws: When the system account is not among those of the configuration.
  init(_ services: Services, _ book: ConnectionBook) throws(BrokerConfigurationError) {
    self.services = services
    let configuration = services.configuration
    let caches = !configuration.disableSublistCache
    var systemName = configuration.noSystemAccount ? nil : configuration.systemAccount ?? "$SYS"
    if let wanted = systemName, configuration.systemAccount != nil, wanted != "$SYS", !configuration.usesOperators,
      !configuration.accounts.contains(where: { $0.name == wanted })
    {
      throw BrokerConfigurationError("system account \"\(wanted)\" is not defined in accounts")
    }
    global = Account(name: Self.globalName, isSystem: systemName == Self.globalName, isGlobal: true, caches: caches)
    byName[Self.globalName] = global
    if systemName == Self.globalName {
      system = global
      systemName = nil
    } else {
      system = systemName.map { Account(name: $0, isSystem: true, isGlobal: false, caches: caches) }
    }
    serving = system ?? Account(name: "$SYS", isSystem: true, isGlobal: false, caches: caches)
    own = ClientConnection(.server, cid: 1, services, book, system ?? global)
    own.isRegistered = true
    if let system { byName[system.name] = system }
  }

  /// An account by name, made when new.
  package func account(named name: String) -> Account {
    if let known = byName[name] { return known }
    let account = Account(name: name, isSystem: false, isGlobal: false, caches: !services.configuration.disableSublistCache)
    byName[name] = account
    return account
  }

  deinit {
    byName.values.forEach { $0.letGo() }
  }

  /// Takes an account out, with its clients. Leaf nodes stay in what is nobody's any more, as on nats-server.
  package func remove(_ account: Account) {
    for client in Array(account.clients.values) where client.kind == .client { client.close(.missingAccount) }
    account.letGo()
    byName[account.name] = nil
  }

  func identity(of preset: PresetIdentity) -> AuthenticatedIdentity {
    switch preset {
    case .system(let user): return AuthenticatedIdentity(account: serving, user: user)
    case .account(let name, let user): return AuthenticatedIdentity(account: byName[name] ?? global, user: user)
    }
  }

  /// What the server's own subscriptions are numbered with, for documents.
  func nextSID() -> [UInt8] {
    lastSID += 1
    return Array("\(lastSID)".utf8)
  }
}

extension Account {
  /// It goes, and keeps nobody.
  fileprivate func letGo() {
    dropServiceImports()
    streamImports = []
    replies.removeAll()
  }

  /// Takes the service imports out of force.
  package func dropServiceImports() {
    for service in serviceImports {
      if let subscription = service.subscription { remove(subscription) }
      service.letGo()
    }
    serviceImports = []
  }
}
