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

  /// Of the tokens of each key the one issued last that is trusted; those issued last come first: of two of one name the later one is
  /// kept. What somebody else signed is told where it is newer than what is kept, or all that there is.
  ///
  /// - Parameter distrust: why a token does not count, as a line; nil where it does.
  private mutating func trusted<Kind: Claims>(
    _ found: [String: [FixFindings.Found<Kind>]], _ distrust: (FixFindings.Found<Kind>) -> String?
  ) -> [FixFindings.Found<Kind>] {
    var kept: [FixFindings.Found<Kind>] = []
    for (_, tokens) in found.sorted(by: { $0.key < $1.key }) {
      // The id settles what the second in which both were issued does not: the outcome is the same whatever was read first.
      let tokens = tokens.sorted { ($0.claims.standard.issuedAt, $0.token) > ($1.claims.standard.issuedAt, $1.token) }
      let chosen = tokens.firstIndex { distrust($0) == nil }
      for line in tokens[..<(chosen ?? tokens.endIndex)].compactMap(distrust) where leftOut.last != line { leftOut.append(line) }
      if let chosen { kept.append(tokens[chosen]) }
    }
    return kept.sorted {
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
    let trusted = self.trusted(found.operators) { item in
      let standard = item.claims.standard
      guard standard.issuer != standard.subject else { return nil }
      return
        "ignoring operator \(standard.name.debugDescription) [\(standard.subject)]: \(standard.issuer) signed it, not the operator itself"
    }
    for item in trusted {
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
    let operators = operators
    let owner = { (issuer: String) in operators.first { $0.claims.trusts(issuer) }?.claims.standard.name }
    let trusted = self.trusted(found.accounts) { item in
      let standard = item.claims.standard
      guard owner(standard.issuer) == nil else { return nil }
      return "operator \(standard.issuer) was not found - ignoring account \(standard.name.debugDescription) [\(standard.subject)]"
    }
    for item in trusted {
      let standard = item.claims.standard
      guard let owner = owner(standard.issuer) else { continue }
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
    let owners = Dictionary(uniqueKeysWithValues: accounts.map { ($0.claims.standard.subject, $0) })
    let issuer = { (claims: UserClaims) in claims.issuerAccount.isEmpty ? claims.standard.issuer : claims.issuerAccount }
    let trusted = self.trusted(found.users) { item in
      let standard = item.claims.standard
      let what = "ignoring user \(standard.name.debugDescription)"
      guard let owner = owners[issuer(item.claims)] else {
        return "account \(issuer(item.claims)) was not found - \(what) [\(standard.subject)]"
      }
      guard !owner.claims.signs(standard.issuer) else { return nil }
      let place = "\(owner.operatorName)/\(owner.name)"
      return "\(what) of \(place) [\(standard.subject)]: \(standard.issuer), which signed it, does not sign for the account"
    }
    for item in trusted {
      let standard = item.claims.standard
      guard let owner = owners[issuer(item.claims)] else { continue }
      let isTaken = users.contains { $0.operatorName == owner.operatorName && $0.account == owner.name && $0.name == standard.name }
      if let objection = FixPlacement.objection(standard.name, "user", isTaken: isTaken) {
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
