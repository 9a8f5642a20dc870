import Wire

/// Makes accounts, their exports and imports from configuration values.
extension AccountDirectory {
  /// The services that the system account offers to every other one.
  private static let systemServices: [(local: String, prefix: String, suffix: String, export: String, share: Bool)] = [
    ("$SYS.REQ.ACCOUNT.PING.CONNZ", "$SYS.REQ.ACCOUNT.", ".CONNZ", "$SYS.REQ.ACCOUNT.*.CONNZ", false),
    ("$SYS.REQ.SERVER.PING.CONNZ", "$SYS.REQ.ACCOUNT.", ".CONNZ", "$SYS.REQ.ACCOUNT.*.CONNZ", false),
    ("$SYS.REQ.ACCOUNT.PING.STATZ", "$SYS.REQ.ACCOUNT.", ".STATZ", "$SYS.REQ.ACCOUNT.*.STATZ", false),
    ("$SYS.REQ.USER.INFO", "$SYS.REQ.USER.", ".INFO", "$SYS.REQ.USER.*.INFO", true),
  ]

  /// Accounts keep their connections and subscriptions; what crosses their borders is made anew.
  ///
  /// - Throws: As `build`; some borders are missing then.
  func rebuild(_ configuration: BrokerConfiguration) throws(BrokerConfigurationError) {
    try tellingLeafsOnce { () throws(BrokerConfigurationError) in try makeAnew(configuration) }
  }

  /// Runs `body` while leaf nodes are told nothing; then each is told what is otherwise than before. Interest that goes and comes again within it
  /// is there all the time for them.
  package func tellingLeafsOnce<E: Error>(_ body: () throws(E) -> Void) throws(E) {
    let leafs = byName.values.flatMap(\.leafs).filter { $0.isRegistered && $0.leaf?.isSilent == false }
    let known = leafs.map { $0.fallSilent() }
    defer { for (leaf, before) in zip(leafs, known) where !leaf.isClosed { leaf.tellChanges(since: before) } }
    try body()
  }

  private func makeAnew(_ configuration: BrokerConfiguration) throws(BrokerConfigurationError) {
    for account in byName.values {
      account.dropServiceImports()
      account.streamImports = []
      account.exports = []
      account.mappings = SubjectMappings()
      account.limits = LimitsConfiguration()
      account.trace = nil
      account.updatedAt = wallClockNow()
    }
    try build(configuration)
    for account in byName.values {
      account.renewShadows()
      account.announceMappings()
    }
  }

  /// All accounts first, then what they export, then what they import.
  func build(_ configuration: BrokerConfiguration) throws(BrokerConfigurationError) {
    addSystemExports()
    for entry in configuration.accounts {
      guard entry.name != Self.globalName else { throw BrokerConfigurationError("\"$G\" is a Reserved Account") }
      let account = account(named: entry.name)
      account.limits = entry.limits
      account.trace = entry.messageTrace
      account.defaultPermissions = entry.defaultPermissions
      account.mappings = try SubjectMappings(entry.mappings, cluster: configuration.clusterName)
    }
    global.mappings = try SubjectMappings(configuration.mappings, cluster: configuration.clusterName)
    for entry in configuration.accounts { byName[entry.name]?.exports = entry.exports.map(AccountExport.init) }
    // A configured system account keeps the server's own exports beside its own.
    addSystemExports()
    for entry in configuration.accounts {
      guard let account = byName[entry.name] else { continue }
      for wanted in entry.imports { try addImport(wanted, to: account) }
    }
    for account in byName.values where !account.isSystem { addSystemImports(to: account) }
  }

  package func addSystemExports() {
    guard let system else { return }
    let plain: [(String, ServiceResponseType, Int)] = [
      ("$SYS.REQ.ACCOUNT.*.CONNZ", .streamed, 4), ("$SYS.REQ.ACCOUNT.*.STATZ", .streamed, 4),
      ("$SYS.DEBUG.SUBSCRIBERS", .singleton, 0), ("$SYS.REQ.USER.*.INFO", .singleton, 4),
    ]
    for (subject, response, position) in plain where !system.exports.contains(where: { $0.subjectText == subject }) {
      let export = AccountExport(kind: .service, subject: subject)
      export.responseType = response
      export.accountTokenPosition = position
      system.exports.append(export)
    }
  }

  package func addSystemImports(to account: Account) {
    guard let system, account !== system else { return }
    for service in Self.systemServices {
      guard let export = system.exports.first(where: { $0.subjectText == service.export }),
        !account.serviceImports.contains(where: { $0.local == Array(service.local.utf8) }),
        let made = try? ServiceImport(
          importer: account, exporter: system, remote: Array((service.prefix + account.name + service.suffix).utf8),
          to: service.local,
          share: service.share, export: export)
      else { continue }
      attach(made, to: account)
    }
  }

  /// Puts a service import in force.
  func attach(_ service: ServiceImport, to account: Account) {
    let subscription = Subscription(
      client: own, subject: service.local, queue: nil, sid: nextSID(), target: .serviceImport(service))
    service.subscription = subscription
    account.serviceImports.append(service)
    account.add(subscription)
  }

  /// - Throws: As nats-server refuses to start.
  package func addImport(_ wanted: ImportConfiguration, to account: Account) throws(BrokerConfigurationError) {
    let kind = wanted.kind.rawValue
    guard let exporter = byName[wanted.account] else {
      throw BrokerConfigurationError("\"\(wanted.account)\" account not defined for \(kind) import")
    }
    let subject = Array(wanted.subject.utf8)
    func refused(_ why: String) -> BrokerConfigurationError {
      BrokerConfigurationError("Error adding \(kind) import \"\(wanted.subject)\": \(why)")
    }
    guard let export = exporter.exports.first(where: { $0.kind == wanted.kind && $0.admits(account.name, subject) }) else {
      throw refused("\(kind) import not authorized")
    }
    do throws(SubjectTransformError) {
      switch wanted.kind {
      case .stream:
        let made = try StreamImport(exporter: exporter, remote: subject, prefix: wanted.prefix, to: wanted.to)
        made.allowTrace = wanted.allowTrace
        guard !account.streamImports.contains(where: { $0.exporter === exporter && $0.remote == made.remote }) else {
          throw SubjectTransformError(text: "stream import already exists")
        }
        if exporter !== account && Self.streamReaches(exporter, made.remote, account) {
          throw SubjectTransformError(text: "import forms a cycle")
        }
        account.streamImports.append(made)
      case .service:
        let made = try ServiceImport(
          importer: account, exporter: exporter, remote: subject, to: wanted.to, share: wanted.share, export: export)
        if exporter === account ? Self.asksItself(account, made) : Self.serviceReaches(exporter, made.remote, account, made.local, []) {
          throw SubjectTransformError(text: "import forms a cycle")
        }
        attach(made, to: account)
      }
    } catch {
      throw refused(error.text)
    }
  }

  /// A request on `subject` in `account` may end up in `target` again.
  private static func serviceReaches(
    _ account: Account, _ subject: [UInt8], _ target: Account, _ local: [UInt8], _ visited: Set<String>
  ) -> Bool {
    if account === target { return Subject.overlaps(subject, local) }
    guard !visited.contains(account.name) else { return false }
    return account.serviceImports.contains { service in
      Subject.overlaps(subject, service.local)
        && serviceReaches(service.exporter, service.remote, target, local, visited.union([account.name]))
    }
  }

  /// A request for an account's own service may be for another of its imports, and so on until it comes back.
  private static func asksItself(_ account: Account, _ made: ServiceImport) -> Bool {
    account.serviceImports.contains { service in
      Subject.overlaps(made.remote, service.local)
        && (service.exporter === account || serviceReaches(service.exporter, service.remote, account, made.local, [account.name]))
    }
  }

  /// What `account` has on `subject` may come from `target`.
  private static func streamReaches(_ account: Account, _ subject: [UInt8], _ target: Account, _ visited: Set<String> = []) -> Bool {
    if account === target { return true }
    guard !visited.contains(account.name) else { return false }
    return account.streamImports.contains { stream in
      Subject.overlaps(subject, stream.local) && streamReaches(stream.exporter, stream.remote, target, visited.union([account.name]))
    }
  }
}
