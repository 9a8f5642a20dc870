import Identity

/// An export whose activations are revoked, as the command line names it: its kind always, its subject where there are several.
extension NSCTool {
  private func export(_ claims: AccountClaims, _ options: RevokedExportOptions) throws -> Int {
    let kind: SubjectKind = options.service == true ? .service : .stream
    let candidates = claims.exports.indices.filter { claims.exports[$0].kind == kind }
    if candidates.isEmpty {
      let hint = claims.exports.contains { $0.kind == .service } ? " - services are named with --service" : ""
      throw NSCError("account \"\(claims.standard.name)\" doesn't have \(kind == .service ? "service" : "stream") exports\(hint)")
    }
    guard let subject = options.subject else {
      guard candidates.count == 1 else { throw NSCError("a subject is required") }
      return candidates[0]
    }
    let exact = candidates.first { claims.exports[$0].subject == subject }
    guard let found = exact ?? candidates.first(where: { Self.covers(claims.exports[$0].subject, subject) }) else {
      throw NSCError("unable to locate export: no \(kind == .service ? "service" : "stream") export covers \"\(subject)\"")
    }
    return found
  }

  private func targetKey(_ target: String) throws -> String {
    if target == "*" || KeyPair.isPublicKey(target, .account) { return target }
    return try account(accountName(target)).standard.subject
  }

  public func revokeActivation(_ options: RevokedExportOptions, target: String, at: String?) throws {
    let accountName = try accountName(options.account.account)
    var claims = try self.account(accountName)
    let index = try export(claims, options)
    let key = try targetKey(target)
    let time = try revocationTime(at)
    let isNew = revoke(key, at: time, in: &claims.exports[index].revocations)
    try save(claims, name: accountName)
    let name = claims.exports[index].name
    report.ok(
      key == "*"
        ? "revoked all activations for \"\(name)\" issued before \(Values.shown(time))"
        : "revoked activation \"\(name)\" for account \(key)")
    if !isNew { tellLater(claims.exports[index].revocations[key]) }
  }

  public func unrevokeActivation(_ options: RevokedExportOptions, target: String) throws {
    let accountName = try accountName(options.account.account)
    var claims = try self.account(accountName)
    let index = try export(claims, options)
    let key = try targetKey(target)
    guard claims.exports[index].revocations.removeValue(forKey: key) != nil else {
      return report.warning("activation for account \(key) was not revoked")
    }
    try save(claims, name: accountName)
    report.ok("deleted revocation of activation \"\(claims.exports[index].name)\" for account \(key)")
  }

  public func listRevokedActivations(_ options: RevokedExportOptions) throws {
    let accountName = try accountName(options.account.account)
    let claims = try self.account(accountName)
    let export = claims.exports[try export(claims, options)]
    var table = Table("Revoked Accounts for \(export.kindText) \(export.name)", headings: ["Public Key", "Revoke Credentials Before"])
    for (key, at) in export.revocations.sorted(by: { $0.key < $1.key }) { table.row(key, Values.shown(at)) }
    output(table.render())
  }
}
