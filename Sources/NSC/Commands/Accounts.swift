import Identity

extension NSCTool {
  public func addAccount(_ options: AddAccountOptions) throws { try edit { try added(options) } }

  private func added(_ options: AddAccountOptions) throws {
    let operatorName = try operatorName()
    let name = options.name.value ?? ""
    try Self.checkName(name, "account")
    // One folder on a file system that does not tell letters by their case.
    guard !store.accounts(operatorName).contains(where: { $0.lowercased() == name.lowercased() }) else {
      throw NSCError("the account \"\(name)\" already exists")
    }
    var claims = AccountClaims(subject: "", name: name)
    try apply(options.permissions, to: &claims.defaultPermissions)
    if let key = options.publicKey {
      claims.standard.subject = try givenPublicKey(key, .account).publicKey
    } else {
      let pair = KeyPair.generate(.account)
      made.append(MadeKey(pair: pair, owner: KeyStore.Owner(operatorName: operatorName, account: name)))
      claims.standard.subject = pair.publicKey
      report.ok("generated and stored account key \"\(pair.publicKey)\"")
    }
    try apply(options.validity, to: &claims.standard, reporting: false)
    try save(claims, name: name)
    settings.account = name
    settings.operatorName = operatorName
    try settings.save()
    report.ok("added account \"\(name)\"")
  }

  public func editAccount(_ options: EditAccountOptions) throws { try edit { try edited(options) } }

  private func edited(_ options: EditAccountOptions) throws {
    let name = try accountName(options.name.value)
    let operatorName = try operatorName()
    var claims = try account(name)
    try applyLimits(options, to: &claims)
    if options.jetStream.sets, claims.standard.subject == (try? operatorClaims(operatorName))?.systemAccount {
      throw NSCError("system account cannot have jetstream related settings - only --js-disable makes sense there")
    }
    if options.jetStream.sets && options.jetStream.jsDisable { throw NSCError("js-disable is exclusive of all other js options") }
    try apply(options.jetStream, to: &claims.limits)
    for text in options.signingKeys.added {
      let pair = try keyFromFlag(text, .account, owner: KeyStore.Owner(operatorName: operatorName, account: name))
      if claims.signingKeys[pair.publicKey] == nil { claims.signingKeys[pair.publicKey] = .some(nil) }
      report.ok("added signing key \"\(pair.publicKey)\"")
    }
    for text in options.signingKeys.removed {
      let key = claims.signingKeys.values.compactMap { $0 }.first { $0.role == text && !text.isEmpty }?.key ?? text
      removed("signing key \(key.shownAsKey)", claims.signingKeys.removeValue(forKey: key) != nil)
    }
    try apply(options.permissions, removing: options.removals, to: &claims.defaultPermissions)
    if let text = options.description {
      claims.info.description = text
      report.ok("changed description to \"\(text)\"")
    }
    if let text = options.infoUrl {
      claims.info.url = text
      report.ok("changed info url to \"\(text)\"")
    }
    if let subject = options.traceContextSubject {
      claims.trace = subject.isEmpty ? nil : MessageTrace(destination: subject, sampling: claims.trace?.sampling ?? 0)
      report.ok(subject.isEmpty ? "removed tracing context" : "changed trace context subject to \"\(subject)\"")
    }
    if let sampling = options.traceContextSampling {
      guard claims.trace != nil else { throw NSCError("trace-context-sampling requires a trace-context-subject") }
      claims.trace?.sampling = Int64(sampling)
      report.ok("changed trace context sampling to \(sampling)%")
    }
    apply(options.tags, to: &claims.tags)
    try apply(options.validity, to: &claims.standard, reporting: true)
    if report.lines.isEmpty { throw NSCError("please specify some options") }
    try save(claims, name: name)
    report.ok("edited account \"\(name)\"")
  }

  private func applyLimits(_ options: EditAccountOptions, to claims: inout AccountClaims) throws {
    let numbers: [(String?, WritableKeyPath<AccountLimits, Int64>, String)] = [
      (options.conns, \.connections, "max connections"), (options.leafConns, \.leafNodes, "leaf node connections"),
      (options.data, \.data, "max data"), (options.exports, \.exports, "max exports"), (options.imports, \.imports, "max imports"),
      (options.payload, \.payload, "max payload size"), (options.subscriptions, \.subscriptions, "max subscriptions"),
    ]
    for (text, path, word) in numbers {
      guard let text else { continue }
      claims.limits[keyPath: path] = try Values.number(text)
      report.ok("changed \(word) to \(claims.limits[keyPath: path])")
    }
    if let flag = options.wildcardExports {
      claims.limits.wildcardExports = flag
      report.ok("changed wild card exports to \(flag)")
    }
    if let flag = options.disallowBearer {
      claims.limits.disallowBearer = flag
      report.ok("changed disallow bearer to \(flag)")
    }
  }

  private func apply(_ edit: JetStreamOptions, to limits: inout AccountLimits) throws {
    if edit.jsDisable {
      limits.jetStream = JetStreamLimits()
      limits.tiers = [:]
      report.ok("disabled jetstream")
      return
    }
    if let tier = edit.rmJsTier {
      let name = try Self.tierName(tier)
      guard limits.tiers.removeValue(forKey: name) != nil else { throw NSCError("tier \(name) is not enabled") }
      report.ok("removed tier limit \(name)")
    }
    if let tier = edit.jsEnable {
      let name = try Self.tierName(tier)
      try refuseBothForms(limits, tier: name)
      if name.isEmpty ? limits.jetStream.isEnabled : limits.tiers[name] != nil {
        throw NSCError("jetstream \(name.isEmpty ? "" : "tier \(name) ")is already enabled")
      }
      var all = JetStreamLimits()
      all.memoryStorage = -1
      all.diskStorage = -1
      all.streams = -1
      all.consumers = -1
      if name.isEmpty { limits.jetStream = all } else { limits.tiers[name] = all }
      report.ok(name.isEmpty ? "enabled global limits" : "enabled tier limit \(name)")
    }
    let numbers: [(String?, WritableKeyPath<JetStreamLimits, Int64>, String)] = [
      (edit.jsStreams, \.streams, "max streams"), (edit.jsConsumer, \.consumers, "max consumer"),
      (edit.jsMemStorage, \.memoryStorage, "max mem storage"), (edit.jsMaxMemStream, \.memoryMaxStreamBytes, "max memory stream"),
      (edit.jsDiskStorage, \.diskStorage, "max disk storage"), (edit.jsMaxDiskStream, \.diskMaxStreamBytes, "max disk stream"),
      (edit.jsMaxAckPending, \.maxAckPending, "max ack pending"),
    ]
    let isGiven = numbers.contains { $0.0 != nil } || edit.jsMaxBytesRequired != nil
    let name = try Self.tierName(edit.jsTier ?? edit.jsEnable ?? "0")
    if isGiven { try refuseBothForms(limits, tier: name) }
    var current = name.isEmpty ? limits.jetStream : limits.tiers[name] ?? JetStreamLimits()
    let before = current
    // What is switched on has no limits but those that are given: a zero would be a limit.
    if current == JetStreamLimits(), numbers.contains(where: { $0.0 != nil }) {
      for path in [\JetStreamLimits.streams, \.consumers, \.maxAckPending, \.memoryMaxStreamBytes, \.diskMaxStreamBytes] {
        current[keyPath: path] = -1
      }
    }
    for (text, path, word) in numbers {
      guard let text else { continue }
      current[keyPath: path] = try Values.number(text)
      report.ok("changed \(name.isEmpty ? "global" : "tier \(name)") \(word) to \(current[keyPath: path])")
    }
    if let flag = edit.jsMaxBytesRequired {
      current.maxBytesRequired = flag
      report.ok("changed max bytes required to \(flag)")
    }
    guard current != before else { return }
    if name.isEmpty { limits.jetStream = current } else { limits.tiers[name] = current }
  }

  /// Limits are for the whole account or for tiers, never both.
  private func refuseBothForms(_ limits: AccountLimits, tier: String) throws {
    let tiers = limits.tiers.keys.filter { $0 != tier }.sorted().joined(separator: ", ")
    if tier.isEmpty && !limits.tiers.isEmpty {
      throw NSCError("cannot set a jetstream global limit when a configuration has tiered limits '\(tiers)'")
    }
    if !tier.isEmpty && limits.jetStream != JetStreamLimits() {
      throw NSCError("cannot set a jetstream tier limit when a configuration has a global limit")
    }
  }

  /// `R1` of `1`, `r1` or `R1`; empty for 0, the limits without tiers.
  private static func tierName(_ text: String) throws -> String {
    let digits = text.uppercased().hasPrefix("R") ? String(text.dropFirst()) : text
    guard let number = Int(digits), (0...5).contains(number) else { throw NSCError("invalid tier \"\(text)\"") }
    return number == 0 ? "" : "R\(number)"
  }
}
