extension AccountClaims {
  /// Takes over what another token of the account revokes: of two times for one key the later holds. Revocations of an export go to the export
  /// of the same subject and kind, where there is one.
  /// - Returns: Whether anything was added.
  @discardableResult
  public mutating func joinRevocations(of other: AccountClaims) -> Bool {
    var isChanged = AccountClaims.join(other.revocations, into: &revocations)
    for theirs in other.exports {
      guard let index = exports.firstIndex(where: { $0.subject == theirs.subject && $0.kind == theirs.kind }) else { continue }
      if AccountClaims.join(theirs.revocations, into: &exports[index].revocations) { isChanged = true }
    }
    return isChanged
  }

  private static func join(_ times: [String: Int64], into known: inout [String: Int64]) -> Bool {
    var isChanged = false
    for (key, time) in times where time > known[key] ?? .min {
      known[key] = time
      isChanged = true
    }
    return isChanged
  }
}
