import Identity

/// Who belongs to whom.
struct FixPlacement {
  struct Account {
    let operatorName: String
    let name: String
    let claims: AccountClaims
    let token: String
  }
  struct User {
    let operatorName: String
    let account: String
    let name: String
    let key: String
    let token: String
  }
  private(set) var operators: [FixFindings.Found<OperatorClaims>] = []
  private(set) var accounts: [Account] = []
  private(set) var users: [User] = []
  /// What has no place, a sentence each: it belongs to nobody that was found, or another one of its name was issued later.
  private(set) var leftOut: [String] = []

  init(_ found: FixFindings) {
    placeOperators(found)
    placeAccounts(found)
    placeUsers(found)
  }

  /// Those issued last come first: of two of one name the later one is kept.
  private static func latestFirst<Kind: Claims>(_ found: some Sequence<FixFindings.Found<Kind>>) -> [FixFindings.Found<Kind>] {
    found.sorted {
      let (a, b) = ($0.claims.standard, $1.claims.standard)
      return (a.issuedAt, a.subject) > (b.issuedAt, b.subject)
    }
  }

  /// Why something cannot have the name; nil when it can.
  private static func objection(_ name: String, _ what: String, isTaken: Bool) -> String? {
    do { try NSCTool.checkName(name, what) } catch { return "\(error)" }
    return isTaken ? "another \(what) of this name is there, issued later" : nil
  }

  private mutating func placeOperators(_ found: FixFindings) {
    for item in FixPlacement.latestFirst(found.operators.values) {
      let standard = item.claims.standard
      let isTaken = operators.contains { $0.claims.standard.name == standard.name }
      if let objection = FixPlacement.objection(standard.name, "operator", isTaken: isTaken) {
        leftOut.append("ignoring operator \(standard.name.debugDescription) [\(standard.subject)]: \(objection)")
      } else {
        operators.append(item)
      }
    }
    operators.sort { $0.claims.standard.name < $1.claims.standard.name }
  }

  private mutating func placeAccounts(_ found: FixFindings) {
    for item in FixPlacement.latestFirst(found.accounts.values) {
      let standard = item.claims.standard
      guard let owner = operators.first(where: { $0.claims.trusts(standard.issuer) })?.claims.standard.name else {
        leftOut.append("operator \(standard.issuer) was not found - ignoring account \(standard.name) [\(standard.subject)]")
        continue
      }
      let isTaken = accounts.contains { $0.operatorName == owner && $0.name == standard.name }
      if let objection = FixPlacement.objection(standard.name, "account", isTaken: isTaken) {
        leftOut.append("ignoring account \(standard.name.debugDescription) of \(owner) [\(standard.subject)]: \(objection)")
      } else {
        accounts.append(Account(operatorName: owner, name: standard.name, claims: item.claims, token: item.token))
      }
    }
    accounts.sort { ($0.operatorName, $0.name) < ($1.operatorName, $1.name) }
  }

  private mutating func placeUsers(_ found: FixFindings) {
    for item in FixPlacement.latestFirst(found.users.values) {
      let standard = item.claims.standard
      let issuer = item.claims.issuerAccount.isEmpty ? standard.issuer : item.claims.issuerAccount
      guard let owner = accounts.first(where: { $0.claims.standard.subject == issuer }) else {
        leftOut.append("account \(issuer) was not found - ignoring user \(standard.name) [\(standard.subject)]")
        continue
      }
      let isTaken = users.contains { $0.operatorName == owner.operatorName && $0.account == owner.name && $0.name == standard.name }
      var objection = FixPlacement.objection(standard.name, "user", isTaken: isTaken)
      if !owner.claims.signs(standard.issuer) { objection = "\(standard.issuer), which signed it, does not sign for the account" }
      if let objection {
        let place = "\(owner.operatorName)/\(owner.name)"
        leftOut.append("ignoring user \(standard.name.debugDescription) of \(place) [\(standard.subject)]: \(objection)")
      } else {
        users.append(
          User(operatorName: owner.operatorName, account: owner.name, name: standard.name, key: standard.subject, token: item.token))
      }
    }
    users.sort { ($0.operatorName, $0.account, $0.name) < ($1.operatorName, $1.account, $1.name) }
  }
}
