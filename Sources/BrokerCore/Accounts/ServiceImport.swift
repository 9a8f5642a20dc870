import Wire

/// Requests of one account that another answers.
package final class ServiceImport {
  package unowned let importer: Account
  /// Kept: it may be taken away while the importing account stays, and then nobody answers. Accounts that import from each other let go when
  /// they go.
  package let exporter: Account
  /// What is published in the importing account.
  package let local: [UInt8]
  /// What the exporting account sees.
  package let remote: [UInt8]
  let toRemote: SubjectTransform
  package let export: AccountExport
  package let to: String?
  /// The requester's details go with the request.
  package let share: Bool
  package var isInvalid = false
  /// The entry in the importing account's sublist. The two keep each other until `letGo`.
  package var subscription: Subscription?

  /// `to` may name the remote's wildcards as `$1`; then the transform is turned round.
  package init(
    importer: Account, exporter: Account, remote: [UInt8], to: String?, share: Bool, export: AccountExport
  ) throws(SubjectTransformError) {
    self.importer = importer
    self.exporter = exporter
    self.remote = remote
    self.to = to
    self.share = share
    self.export = export
    let wanted = to.map { Array($0.utf8) } ?? remote
    if Self.isPlainPair(remote, wanted) {
      local = wanted
      toRemote = try SubjectTransform(source: wanted, destination: remote, namesStars: true)
      if !Subject.isLiteral(remote) { try toRemote.requireReversible() }
    } else {
      let forward = try SubjectTransform(source: remote, destination: wanted, namesStars: true)
      local = forward.pattern
      try forward.requireReversible()
      guard let inverse = forward.inverse else {
        throw SubjectTransformError(text: "invalid mapping destination: cannot be turned round: \(to ?? "")")
      }
      toRemote = inverse
    }
  }

  /// It is out of force, or its account is going.
  func letGo() { subscription = nil }

  /// The local name has its own wildcards (or none) and no references.
  private static func isPlainPair(_ remote: [UInt8], _ local: [UInt8]) -> Bool {
    !Subject.tokens(local).contains {
      $0.first == UInt8(ascii: "$") && $0.dropFirst().allSatisfy { (0x30...0x39).contains($0) } && $0.count > 1
    }
      && !local.contains(UInt8(ascii: "{"))
  }
}
