import Wire

/// Messages of another account, seen here under a local name.
package final class StreamImport {
  /// Kept: it may be taken away while the importing account stays. Accounts that import from each other let go when they go.
  package let exporter: Account
  /// In the exporting account.
  package let remote: [UInt8]
  /// What subscriptions of the importing account see.
  package let local: [UInt8]
  let toLocal: SubjectTransform
  /// The local name is a pattern, and no more than a name.
  let isNamedByPattern: Bool
  let toRemote: SubjectTransform?
  package let prefix: String?
  package let to: String?
  /// Its activation is missing, expired or revoked: nothing crosses.
  package var isInvalid = false
  package var allowTrace = false

  package init(exporter: Account, remote: [UInt8], prefix: String?, to: String?) throws(SubjectTransformError) {
    self.exporter = exporter
    self.remote = remote
    self.prefix = prefix
    self.to = to
    var destination = remote
    if let to {
      destination = Array(to.utf8)
    } else if let prefix, !prefix.isEmpty {
      // `a.` is the prefix `a`.
      destination = Array(prefix.utf8) + (prefix.hasSuffix(".") ? [] : [Subject.dotByte]) + remote
    }
    // Where there is nothing that a `*` or a `$1` could stand for it stands for itself, as on nats-server. A name that is a pattern then is seen by
    // whoever listens to anything that it matches.
    let isOne = Subject.isLiteral(remote)
    isNamedByPattern = isOne && !Subject.isLiteral(destination)
    toLocal =
      isOne
      ? try SubjectTransform(source: remote, name: destination)
      : try SubjectTransform(source: remote, destination: destination, namesStars: true)
    try toLocal.requireReversible()
    local = isOne ? destination : toLocal.pattern
    toRemote = toLocal.inverse
  }

  /// What must be subscribed in the exporting account for a subscription on `subject` here; nil: nothing in common.
  package func remoteSubject(for subject: [UInt8]) -> [UInt8]? {
    guard let common = Subject.intersection(subject, local) else { return nil }
    return isNamedByPattern ? remote : toRemote?.apply(common) ?? remote
  }
}

/// Ties a subscription in the exporting account to the one it was made for.
package final class StreamImportBinding {
  let streamImport: StreamImport
  let origin: Subscription
  package let importer: Account
  package init(streamImport: StreamImport, origin: Subscription, importer: Account) {
    self.streamImport = streamImport
    self.origin = origin
    self.importer = importer
  }

  /// The name under which the importer sees a message on `subject`; nil where it is not for this subscription.
  func shown(_ subject: UnsafeRawBufferPointer) -> [UInt8]? {
    guard !streamImport.isInvalid, !origin.isClosed, let local = streamImport.toLocal.apply(subject) else { return nil }
    if streamImport.isNamedByPattern { return local }
    return local.withUnsafeBytes { shown in origin.subject.withUnsafeBytes { Subject.matches(shown, pattern: $0) } } ? local : nil
  }
}
