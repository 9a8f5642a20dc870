import Identity

extension NSCTool {
  private func privateExport(_ claims: AccountClaims, subject: String?, service: Bool) throws -> Int {
    let candidates = claims.exports.indices.filter { index in
      let export = claims.exports[index]
      return export.tokenRequired && (subject == nil || export.subject == subject) && (!service || export.kind == .service)
    }
    guard candidates.count == 1 else {
      throw NSCError(candidates.isEmpty ? "no private export matches" : "several private exports match - specify --subject and --service")
    }
    return candidates[0]
  }

  private func targetKey(_ target: String) throws -> String {
    if target == "*" || KeyPair.isPublicKey(target, .account) { return target }
    return try account(accountName(target)).standard.subject
  }

  public func revokeActivation(account: String?, subject: String?, service: Bool, target: String, at: String?) throws {
    let accountName = try accountName(account)
    var claims = try self.account(accountName)
    let index = try privateExport(claims, subject: subject, service: service)
    let key = try targetKey(target)
    claims.exports[index].revocations[key] = try revocationTime(at)
    try save(claims, name: accountName)
    report.ok("revoked activation \"\(claims.exports[index].name)\" for account \(key)")
  }

  public func unrevokeActivation(account: String?, subject: String?, service: Bool, target: String) throws {
    let accountName = try accountName(account)
    var claims = try self.account(accountName)
    let index = try privateExport(claims, subject: subject, service: service)
    let key = try targetKey(target)
    guard claims.exports[index].revocations.removeValue(forKey: key) != nil else {
      throw NSCError("activation for account \(key) is not revoked")
    }
    try save(claims, name: accountName)
    report.ok("deleted revocation of activation \"\(claims.exports[index].name)\" for account \(key)")
  }

  public func listRevokedActivations(account: String?, subject: String?, service: Bool) throws {
    let accountName = try accountName(account)
    let claims = try self.account(accountName)
    let export = claims.exports[try privateExport(claims, subject: subject, service: service)]
    var table = Table("Revoked Accounts for \(export.name)", headings: ["Public Key", "Revoke Credentials Before"])
    for (key, at) in export.revocations.sorted(by: { $0.key < $1.key }) { table.row(key, Values.shown(at)) }
    output(table.render())
  }
}
