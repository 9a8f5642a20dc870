import Wire

/// Messages of another account, seen here under a local name.
final class StreamImport {
  unowned let exporter: Account
  /// In the exporting account.
  let remote: [UInt8]
  /// What subscriptions of the importing account see.
  let local: [UInt8]
  let toLocal: SubjectTransform
  let toRemote: SubjectTransform?
  let prefix: String?
  let to: String?
  /// Its activation is missing, expired or revoked: nothing crosses.
  var isInvalid = false
  var allowTrace = false

  init(exporter: Account, remote: [UInt8], prefix: String?, to: String?) throws(SubjectTransformError) {
    self.exporter = exporter
    self.remote = remote
    self.prefix = prefix
    self.to = to
    var destination = remote
    if let to {
      destination = Array(to.utf8)
    } else if let prefix, !prefix.isEmpty {
      destination = Array(prefix.utf8) + [Subject.dotByte] + remote
    }
    toLocal = try SubjectTransform(source: remote, destination: destination)
    local = toLocal.pattern
    toRemote = toLocal.inverse
  }

  /// What must be subscribed in the exporting account for a subscription on `subject` here; nil: nothing in common.
  func remoteSubject(for subject: [UInt8]) -> [UInt8]? {
    guard let common = Subject.intersection(subject, local) else { return nil }
    return toRemote?.apply(common) ?? remote
  }
}

/// Ties a subscription in the exporting account to the one it was made for.
final class StreamImportBinding {
  let streamImport: StreamImport
  let origin: Subscription
  let importer: Account
  init(streamImport: StreamImport, origin: Subscription, importer: Account) {
    self.streamImport = streamImport
    self.origin = origin
    self.importer = importer
  }
}
