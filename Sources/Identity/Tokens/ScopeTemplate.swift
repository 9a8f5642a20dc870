/// What a scoped signing key does to the users it signs: their limits come from the key's template, with names filled in.
public enum ScopeTemplate {
  /// Most subjects that one list may expand to.
  public static let limit = 4096

  /// The user's effective limits under the scope.
  /// - Throws: `TokenError` when the user carries limits of its own, or an entry of a deny list cannot be filled in.
  public static func apply(_ scope: UserScope, to user: UserClaims, of account: AccountClaims) throws(TokenError) -> UserLimits {
    guard scope.key == user.standard.issuer else { throw TokenError("issuer not the scoped signer") }
    guard user.limits.isUnset else { throw TokenError("scoped users require no permissions or limits set") }
    var limits = scope.template
    try expand(&limits.permissions.publish, user, account)
    try expand(&limits.permissions.subscribe, user, account)
    return limits
  }

  private static func expand(_ permission: inout Permission, _ user: UserClaims, _ account: AccountClaims) throws(TokenError) {
    let hadAllow = !permission.allow.isEmpty
    permission.allow = try expand(permission.allow, user, account, failing: false)
    permission.deny = try expand(permission.deny, user, account, failing: true)
    // An allow list that came to nothing must not read as "everything".
    if hadAllow && permission.allow.isEmpty { permission.deny.append(">") }
  }

  private static func expand(_ list: [String], _ user: UserClaims, _ account: AccountClaims, failing: Bool) throws(TokenError) -> [String] {
    var result: [String] = []
    for entry in list {
      let expanded = try expand(entry, user, account)
      let valid = expanded.filter { candidate in
        let parts = candidate.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        return parts.count <= 2 && parts.count == entry.split(separator: " ", omittingEmptySubsequences: false).count - blanksInside(entry)
          && parts.allSatisfy(SubjectRules.isValid)
      }
      if failing && (valid.isEmpty || valid.count < expanded.count) {
        throw TokenError("template entry \"\(entry)\" of a deny list can not be filled in for this user")
      }
      result += valid
      guard result.count <= limit else { throw TokenError("User JWT generated invalid permissions") }
    }
    return result
  }

  /// Blanks between the braces of template functions, which do not separate a queue.
  private static func blanksInside(_ entry: String) -> Int {
    var depth = 0
    var count = 0
    for character in entry {
      if character == "{" { depth += 1 }
      if character == "}" { depth -= 1 }
      if character == " " && depth > 0 { count += 1 }
    }
    return count
  }

  /// All texts that the entry stands for: every combination of the values of its functions.
  private static func expand(_ entry: String, _ user: UserClaims, _ account: AccountClaims) throws(TokenError) -> [String] {
    var results = [""]
    var rest = Substring(entry)
    while let open = String(rest).range(of: "{{").map({ String(rest).distance(from: String(rest).startIndex, to: $0.lowerBound) }) {
      let start = rest.index(rest.startIndex, offsetBy: open)
      let after = rest.index(start, offsetBy: 2)
      let tail = String(rest[after...])
      guard let close = tail.range(of: "}}") else { break }
      let literal = rest[..<start]
      let values = try self.values(String(tail[..<close.lowerBound]).trimmed, user, account)
      results = results.flatMap { prefix in values.map { prefix + literal + $0 } }
      guard results.count <= limit else { throw TokenError("User JWT generated invalid permissions") }
      rest = Substring(tail[close.upperBound...])
    }
    return results.map { $0 + rest }
  }

  private static func values(_ function: String, _ user: UserClaims, _ account: AccountClaims) throws(TokenError) -> [String] {
    let lower = function.lowercased()
    switch lower {
    case "name()": return [user.standard.name]
    case "subject()": return [user.standard.subject]
    case "account-name()": return [account.standard.name]
    case "account-subject()": return [account.standard.subject]
    default: break
    }
    for (prefix, tags) in [("tag(", user.tags), ("account-tag(", account.tags)] where lower.hasPrefix(prefix) && lower.hasSuffix(")") {
      // The name is looked for in small letters, and a tag stands as it is.
      let name = lower.dropFirst(prefix.utf8.count).dropLast() + ":"
      return tags.filter { $0.hasPrefix(name) }.map { String($0.dropFirst(name.count)) }
    }
    throw TokenError("template function \"\(function)\" is not known")
  }
}
