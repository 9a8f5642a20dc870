import Identity
import Wire

/// One line of the report: what expires, and when.
private struct Expiration {
  /// `OP/APP/alice`, or the path of a creds file.
  let resource: String
  let id: String
  /// Unix seconds; 0 = never.
  let expires: Int64
}

extension NSCTool {
  /// What expires when: the operator, its accounts and their users, and the creds files, which may be older than the users' tokens.
  public func expirations(within: String?, skip: Bool, json: Bool) throws {
    let limit = try Values.date(within ?? "1M", now: now)
    let now = now
    let expired = { (item: Expiration) in item.expires > 0 && now > item.expires }
    let soon = { (item: Expiration) in item.expires > 0 && limit > item.expires }
    let found = try everythingThatExpires().filter { !skip || expired($0) || soon($0) }
    if json {
      let rows = found.map { item in
        ClaimValue.object([
          ClaimMember("resource", .string(item.resource)), ClaimMember("id", .string(item.id)),
          ClaimMember("when", .string(Values.when(item.expires, now: now))), ClaimMember("expiry", .integer(item.expires)),
          ClaimMember("expiration_date", .string(item.expires == 0 ? "" : Timestamp(seconds: item.expires).rfc3339)),
          ClaimMember("expires_soon", .bool(soon(item))), ClaimMember("expired", .bool(expired(item))),
        ])
      }
      let report = ClaimValue.object([
        ClaimMember("expiration_threshold", .string(Timestamp(seconds: limit).rfc3339)), ClaimMember("report", .array(rows)),
      ])
      return output(report.pretty(indent: 2, sorted: false) + "\n")
    }
    var table = Table("Expiration Report (\(Values.when(limit, now: now)))", headings: ["Expired", "Resource", "Expiration"])
    for item in found {
      table.row(
        expired(item) ? "Yes" : soon(item) ? "Soon" : "No", item.resource,
        "\(Timestamp(seconds: item.expires).rfc3339) - \(Values.when(item.expires, now: now))")
    }
    errors(table.render())
  }

  private func everythingThatExpires() throws -> [Expiration] {
    let operatorName = try operatorName()
    func entry(_ resource: String, _ claims: StandardClaims) -> Expiration {
      Expiration(resource: resource, id: claims.subject, expires: claims.expires)
    }
    var found = [entry(operatorName, try operatorClaims(operatorName).standard)]
    for account in store.accounts(operatorName) {
      // What cannot be read could be what has expired.
      let claims = try readable(store.accountPath(operatorName, account), AccountClaims.self)
      found.append(entry("\(operatorName)/\(account)", claims.standard))
      for user in store.users(operatorName, account) {
        let claims = try readable(store.userPath(operatorName, account, user), UserClaims.self)
        found.append(entry("\(operatorName)/\(account)/\(user)", claims.standard))
        let creds = keys.credsPath(operatorName: operatorName, account: account, user: user)
        guard FileAccess.isFile(creds) else { continue }
        do { found.append(entry(creds, try Token.decode(Credentials(file: creds).jwt, as: UserClaims.self).standard)) } catch {
          throw NSCError("unable to use `\(environment.shown(creds))`: \(error)")
        }
      }
    }
    return found
  }
}
