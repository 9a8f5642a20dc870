import Identity
import NATSClient

extension NSCTool {
  /// Connects as a user of the system account: `--system-user`, or one made for the occasion.
  private func session(_ servers: [ServerURL], _ claims: OperatorClaims, _ options: ExchangeOptions) throws -> (
    session: SystemSession, system: String
  ) {
    let name: String
    if let given = options.systemAccount {
      name = try accountName(given)
    } else {
      guard !claims.systemAccount.isEmpty else { throw NSCError("system account is not set") }
      name = try accountName(claims.systemAccount)
    }
    let account = try account(name)
    let credentials: Credentials
    if let user = options.systemUser {
      let userName = try userName(user, account: name)
      let token = try store.text(store.userPath(operatorName(), name, userName))
      guard let pair = keys.find(try self.user(userName, account: name).standard.subject) else {
        throw NSCError("unable to find the private key of user \"\(userName)\"")
      }
      credentials = Credentials(jwt: token, seed: try pair.seed())
    } else {
      credentials = try temporaryUser(account, strict: claims.strictSigningKeyUsage)
    }
    let transport = options.transport
    let session = try SystemSession(
      servers, credentials: credentials, tls: try tlsOptions(transport), tlsFirst: transport.tlsFirst, timeout: max(options.seconds, 5))
    return (session, name)
  }

  private func temporaryUser(_ account: AccountClaims, strict: Bool) throws -> Credentials {
    let signer = try accountSigner(account, strict: strict)
    let pair = KeyPair.generate(.user)
    var user = UserClaims(subject: pair.publicKey, name: "nsc temporary push user")
    if signer.publicKey != account.standard.subject { user.issuerAccount = account.standard.subject }
    if account.scope(of: signer.publicKey) != nil { user.limits = .unset }
    // Clocks of servers differ a little; five minutes are plenty for one command.
    user.standard.expires = now + 300
    return Credentials(jwt: try Token.encode(user, signer: signer, now: now), seed: try pair.seed())
  }

  /// A server's answer: who it is, and its message or error.
  private func read(_ payload: [UInt8]) -> (server: String, message: String?, error: String?, ids: [String]) {
    guard let value = try? ClaimValue(json: payload) else { return ("?", nil, "the answer is no JSON", []) }
    let text = { (value: ClaimValue?) -> String? in if case .string(let text)? = value { text } else { nil } }
    var ids: [String] = []
    if case .array(let values)? = value["data"] { ids = values.compactMap { text($0) } }
    let server = text(value["server"]?["name"]) ?? text(value["server"]?["id"]) ?? "?"
    return (server, text(value["data"]?["message"]), text(value["error"]?["description"]), ids)
  }

  func pushOverNATS(_ url: String, _ claims: OperatorClaims, _ push: PushOptions) throws {
    let options = push.exchange
    let servers = try ServerURL.list(url)
    let (session, system) = try session(servers, claims, options)
    defer { session.close() }
    if let removed = push.accountRemoval {
      let key = KeyPair.isPublicKey(removed, .account) ? removed : try account(accountName(removed)).standard.subject
      report.ok("prune nats-server with nats account resolver:")
      return try remove([key], session, options)
    }
    if push.diff || push.prune { return try compare(session, claims, push) }
    let operatorName = try operatorName()
    let names = try options.all ? store.accounts(operatorName) : [accountName(options.account.account)]
    for name in names { _ = try store.text(store.accountPath(operatorName, name)) }
    report.ok("push to nats-server \"\(servers.map(\.description).joined(separator: ","))\" using system account \"\(system)\":")
    for name in names {
      let token = try store.text(store.accountPath(operatorName, name))
      report.ok("push \(name) to nats-server with nats account resolver:", depth: 1)
      guard let answers = session.gather("$SYS.REQ.CLAIMS.UPDATE", token, timeout: options.seconds) else {
        report.error("failed to push \"\(name)\": no nats-server with a nats account resolver answers", depth: 2)
        continue
      }
      var count = 0
      for answer in answers.map(read) {
        if let error = answer.error {
          report.error("pushed \"\(name)\" to nats-server \(answer.server): \(error)", depth: 2)
        } else {
          count += 1
          report.ok("pushed \"\(name)\" to nats-server \(answer.server): \(answer.message ?? "")", depth: 2)
        }
      }
      if count == 0 { report.error("failed to push \"\(name)\" to any nats-server", depth: 2) }
      report.ok("pushed to a total of \(count) nats-server\(count == 1 ? "" : "s")", depth: 2)
    }
  }

  /// Compares the servers' accounts with the local ones; with prune the servers' others are removed.
  private func compare(_ session: SystemSession, _ claims: OperatorClaims, _ push: PushOptions) throws {
    let options = push.exchange
    let operatorName = try operatorName()
    var local: [String: String] = [:]
    for name in store.accounts(operatorName) { local[try account(name).standard.subject] = name }
    report.ok("\(push.prune ? "prune" : "diff") nats-server with nats account resolver:")
    let answers = (session.gather("$SYS.REQ.CLAIMS.LIST", "", timeout: options.seconds) ?? []).map(read)
    var others: Set<String> = []
    for answer in answers {
      report.ok("list \(answer.ids.count) accounts from nats-server \(answer.server):", depth: 1)
      for id in answer.ids {
        if let name = local[id] {
          report.ok("account \(id) named \(name) exists", depth: 2)
        } else {
          others.insert(id)
          report.ok("account \(id) only exists in server", depth: 2)
        }
      }
      for (id, name) in local.sorted(by: { $0.value < $1.value }) where !answer.ids.contains(id) {
        report.ok("account \(id) named \(name) does not exist in server", depth: 2)
      }
    }
    report.ok("listed accounts from a total of \(answers.count) nats-server\(answers.count == 1 ? "" : "s")", depth: 1)
    if answers.isEmpty { report.error("no nats-server with a nats account resolver answers", depth: 1) }
    guard push.prune, !answers.isEmpty else { return }
    others.remove(claims.systemAccount)
    if others.isEmpty { return report.ok("nothing to prune", depth: 1) }
    try remove(others.sorted(), session, options)
  }

  private func remove(_ ids: [String], _ session: SystemSession, _ options: ExchangeOptions) throws {
    let claims = try operatorClaims()
    let signer = try operatorSigner(claims)
    let request = GenericClaims(subject: signer.publicKey, data: .object([ClaimMember("accounts", .strings(ids))]))
    let token = try Token.encode(request, signer: signer, now: now)
    guard let answers = session.gather("$SYS.REQ.CLAIMS.DELETE", token, timeout: options.seconds), !answers.isEmpty else {
      throw NSCError("no nats-server with a nats account resolver answers")
    }
    for answer in answers.map(read) {
      if let error = answer.error {
        report.error("server \(answer.server) responded with error: \(error)", depth: 1)
      } else {
        report.ok("pruned nats-server \(answer.server): \(answer.message ?? "")", depth: 1)
      }
    }
  }

  func pullOverNATS(_ url: String, _ claims: OperatorClaims, _ pull: PullOptions) throws {
    let options = pull.exchange
    let servers = try ServerURL.list(url)
    let (session, system) = try session(servers, claims, options)
    defer { session.close() }
    guard let answers = session.gather("$SYS.REQ.CLAIMS.PACK", "", timeout: options.seconds, isLast: \.isEmpty) else {
      throw NSCError("no nats-server with a nats account resolver answers")
    }
    report.ok("pulled \"\(system)\" from the account server:")
    for answer in answers where !answer.isEmpty {
      let text = String(decoding: answer, as: UTF8.self)
      guard let bar = text.firstIndex(of: "|") else { continue }
      try adopt(String(text[text.index(after: bar)...]), claims, overwrite: pull.overwriteNewer)
    }
  }
}
