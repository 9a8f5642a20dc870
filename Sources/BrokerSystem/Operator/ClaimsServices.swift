import BrokerCore
import Identity
import Logging
import Wire

/// The system account's subjects that update, list, look up and delete account tokens.
extension OperatorMode {
  /// Subscribes; once, before the server starts.
  func offerServices(in system: Account) {
    subscribe("$SYS.ACCOUNT.*.CLAIMS.UPDATE", system) { [self] in update($0, id: Self.token(2, of: $0)) }
    subscribe("$SYS.REQ.ACCOUNT.*.CLAIMS.UPDATE", system) { [self] in update($0, id: Self.token(3, of: $0)) }
    guard let directory = resolver as? DirectoryResolver else { return }
    subscribe("$SYS.REQ.CLAIMS.UPDATE", system) { [self] in update($0, id: nil) }
    subscribe("$SYS.REQ.CLAIMS.LIST", system) { [self] message in
      answer(message.replyText) { json in json.member("data", directory.ids(now: now)) }
    }
    subscribe("$SYS.REQ.CLAIMS.DELETE", system) { [self] in delete($0, directory) }
    directory.lookup = { [self] id, done in lookUp(id, in: system, directory.settings.timeout, done) }
    guard !directory.settings.isCache else { return }
    server.router.subscribe("$SYS.REQ.CLAIMS.PACK", queue: "responder", in: system) { [self] message in pack(message, directory, system) }
    server.router.subscribe("$SYS.REQ.ACCOUNT.*.CLAIMS.LOOKUP", in: system) { [self] message in
      // The server does not answer its own question.
      guard message.client != nil else { return }
      let reply = message.replyText
      directory.local(Self.token(3, of: message)) { [self] token in
        if !reply.isEmpty { server.router.publish(reply, payload: Array((token ?? "").utf8), in: system) }
      }
    }
  }

  private func subscribe(_ subject: String, _ system: Account, _ handler: @escaping (InternalMessage) -> Void) {
    server.router.subscribe(subject, in: system, handler)
  }

  private static func token(_ index: Int, of message: InternalMessage) -> String {
    let tokens = message.subjectText.split(separator: ".", omittingEmptySubsequences: false)
    return index < tokens.count ? String(tokens[index]) : ""
  }

  // MARK: Updates

  private func update(_ message: InternalMessage, id given: String?) {
    let reply = message.replyText
    let token = String(decoding: message.payload, as: UTF8.self).filter { !$0.isWhitespace }
    let cached = (resolver as? DirectoryResolver)?.settings.isCache == true
    let failed = cached ? "jwt update cache resulted in error" : "jwt update resulted in error"
    guard !token.isEmpty else { return complain(reply, given ?? "n/a", "jwt update error - request body is empty") }
    let claims: AccountClaims
    do { claims = try Token.decode(token, as: AccountClaims.self) } catch {
      return complain(reply, "n/a", "\(failed) - \(error)")
    }
    let id = claims.standard.subject
    if let given, given != id { return complain(reply, given, "\(failed) - subject does not match jwt content") }
    if !trust.strictKeys.isEmpty && !trust.keys.contains(claims.standard.issuer) {
      return complain(reply, id, "\(failed) - operator requires issuer to be a signing key")
    }
    // A memory and a cache hold what is in use here.
    if loaded[id] == nil && (resolver as? DirectoryResolver)?.keeps(id) != true {
      return confirm(reply, id, cached ? "jwt update cache skipped" : "jwt update skipped")
    }
    if let issue = trust.issue(of: claims, now: now) {
      return complain(reply, id, "\(cached ? "jwt update cache validation failed" : "jwt validation failed") - \(issue)")
    }
    if !(resolver is DirectoryResolver) {
      do throws(LoginRefusal) { _ = try judge(id, token) } catch { return complain(reply, id, "jwt validation failed - \(error)") }
    }
    resolver.store(id, token) { [self] result in
      switch result {
      case .failure(let refusal): complain(reply, id, "\(failed) - \(refusal)")
      case .success(let text): takeUpdate(id, token, claims, reply: reply, text)
      }
    }
  }

  /// A stored update takes effect where the account is in use.
  private func takeUpdate(_ id: String, _ token: String, _ claims: AccountClaims, reply: String, _ text: String) {
    guard let entry = loaded[id] else { return confirm(reply, id, text) }
    guard entry.token != token || entry.isExpired else { return confirm(reply, id, text) }
    let judged: AccountClaims
    do throws(LoginRefusal) { judged = try judge(id, token) } catch {
      // It was good but for the time, and what it says of that holds for those who are here too.
      entry.claims = claims
      entry.token = token
      expire(id, entry)
      return confirm(reply, id, text)
    }
    ensureExporters(of: judged) { [self] in
      install(id, judged, token)
      confirm(reply, id, text)
    }
  }

  private func confirm(_ reply: String, _ id: String, _ text: String) {
    server.services.log.debug("\(text) - \(id.prefix(12))")
    answer(reply) { json in
      json.member(
        "data",
        object: { json in
          json.member("account", unlessEmpty: id)
          json.member("code", 200)
          json.member("message", text)
        })
    }
  }

  private func complain(_ reply: String, _ id: String, _ text: String) {
    server.services.log.error("\(text)")
    answer(reply) { json in
      json.member(
        "error",
        object: { json in
          json.member("account", unlessEmpty: id)
          json.member("code", 500)
          json.member("description", text)
        })
    }
  }

  /// `server` and one more member; nothing without a reply subject.
  private func answer(_ reply: String, _ content: (inout JSONWriter) -> Void) {
    guard !reply.isEmpty, let system = server.accounts.system else { return }
    var json = JSONWriter(capacity: 512)
    json.object { json in
      json.key("server")
      object.write(&json)
      content(&json)
    }
    server.router.publish(reply, payload: json.bytes, in: system)
  }

  // MARK: Deleting

  private func delete(_ message: InternalMessage, _ directory: DirectoryResolver) {
    let reply = message.replyText
    let token = String(decoding: message.payload, as: UTF8.self).filter { !$0.isWhitespace }
    let claims: GenericClaims
    do { claims = try Token.decode(token, as: GenericClaims.self) } catch {
      return complain(reply, "", "delete accounts request failed - \(error)")
    }
    let subject = claims.standard.subject
    let fail = { [self] (why: String) in complain(reply, "", "delete accounts request by \(subject) failed - \(why)") }
    guard directory.settings.allowDelete || directory.settings.isCache else { return fail("delete must be enabled in server config") }
    guard subject == claims.standard.issuer else { return fail("not self signed") }
    guard trust.keys.contains(subject) else { return fail("not trusted") }
    guard case .array(let values)? = claims.data["accounts"] else { return fail("malformed request") }
    var ids: [String] = []
    for value in values {
      guard case .string(let id) = value, KeyPair.isPublicKey(id, .account) else { return fail("malformed request") }
      if id == trust.systemAccount { return fail("not allowed to delete system account") }
      ids.append(id)
    }
    directory.delete(ids) { [self] failures in
      for id in ids where failures[id] == nil { if let entry = loaded.removeValue(forKey: id) { expire(id, entry) } }
      let count = ids.count - failures.count
      guard failures.isEmpty else {
        let reasons = failures.values.map(\.description).sorted().joined(separator: "\n")
        return complain(reply, "", "deleted \(count) accounts, failed for \(failures.count) - \(reasons)")
      }
      confirm(reply, "", "deleted \(count) accounts")
    }
  }

  // MARK: Exchange

  private func pack(_ message: InternalMessage, _ directory: DirectoryResolver, _ system: Account) {
    let reply = message.replyText
    guard !reply.isEmpty, message.client != nil else { return }
    guard Array(message.payload) != directory.digest else {
      server.router.publish(reply, payload: [], in: system)
      return
    }
    directory.read(directory.ids(now: 0)) { [self] tokens in
      for (id, token) in tokens { server.router.publish(reply, payload: Array("\(id)|\(token)".utf8), in: system) }
      server.router.publish(reply, payload: [], in: system)
    }
  }

  /// Asks whoever else keeps tokens.
  private func lookUp(_ id: String, in system: Account, _ timeout: Double, _ done: @escaping (String?) -> Void) {
    let subject = "$SYS.REQ.ACCOUNT.\(id).CLAIMS.LOOKUP"
    // Nobody hears it, as when a server is new and alone: nothing to wait for.
    guard server.router.isHeard(subject, in: system) else { return done(nil) }
    let inbox = "_INBOX." + NUID.next()
    var finished = false
    var subscription: InternalSubscription?
    let finish = { [self] (token: String?) in
      guard !finished else { return }
      finished = true
      if let subscription { server.router.unsubscribe(subscription) }
      done(token)
    }
    subscription = server.router.subscribe(inbox, in: system) { [self] message in
      let text = String(decoding: message.payload, as: UTF8.self)
      // Somebody else may have a better one than a token that nobody could log in with.
      if message.header.isEmpty, !text.isEmpty, (try? judge(id, text)) != nil { finish(text) }
    }
    server.router.publish(subject, reply: inbox, payload: [], in: system)
    server.services.later(timeout) { finish(nil) }
  }
}
