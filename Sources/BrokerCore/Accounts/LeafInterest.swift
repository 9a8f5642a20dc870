import Wire

/// What a leaf node has been told about the account's interest.
extension ClientConnection {
  /// `subject`, or `subject queue`.
  private static func key(_ subscription: Subscription) -> [UInt8] {
    guard let queue = subscription.queue else { return subscription.subject }
    return subscription.subject + [0x20] + queue
  }

  /// The account's interest at the moment of joining, in one burst.
  func announceAll() {
    account.sublist.forEach { interestChanged($0, added: true) }
    for mapping in account.mappings.mappings { announce(mapping.source) }
  }

  /// A subject without a subscription behind it: the source of a mapping.
  private func announce(_ subject: [UInt8]) {
    guard let leaf, mayAnnounce(subject) else { return }
    let count = subject.withUnsafeBytes { leaf.announced[$0] ?? 0 }
    subject.withUnsafeBytes { leaf.announced.set($0, count + 1) }
    if count == 0 { sendLine(Array("LS+ ".utf8) + subject) }
  }

  func interestChanged(_ subscription: Subscription, added: Bool) {
    guard let leaf else { return }
    let owner = subscription.client
    if owner === self { return }
    if let other = owner.leaf, !other.cluster.isEmpty, other.cluster == leaf.cluster { return }
    guard mayAnnounce(subscription.subject) else { return }
    let key = Self.key(subscription)
    let before = key.withUnsafeBytes { leaf.announced[$0] ?? 0 }
    let after = added ? before + 1 : max(0, before - 1)
    key.withUnsafeBytes { bytes in
      if after == 0 { leaf.announced.remove(bytes) } else { leaf.announced.set(bytes, after) }
    }
    var line: [UInt8] = []
    if after == 0 {
      guard before > 0 else { return }
      line = Array("LS- ".utf8) + key
    } else if subscription.queue != nil {
      line = Array("LS+ ".utf8) + key + Array(" \(after)".utf8)
    } else if before == 0 {
      line = Array("LS+ ".utf8) + key
    } else {
      return
    }
    sendLine(line)
  }

  private func sendLine(_ line: [UInt8]) {
    if isTraced { line.withUnsafeBytes { traceOutput(line: $0) } }
    send(line + [0x0D, 0x0A])
  }

  /// A literal subject that the other side may not send is not worth announcing; the loop subjects always are.
  private func mayAnnounce(_ subject: [UInt8]) -> Bool {
    if subject.starts(with: Account.loopPrefix) { return true }
    guard let permissions, Subject.isLiteral(subject) else { return true }
    return subject.withUnsafeBytes { permissions.mayPublish($0) }
  }
}

extension Account {
  static let loopPrefix = Array("$LDS.".utf8)

  /// The subject by which a server recognises its own announcements; made at the first leaf node.
  func ensureLoopSubject(owner: ClientConnection) {
    guard loopSubject == nil else { return }
    let subject = Self.loopPrefix + RandomName.characters(22)
    loopSubject = subject
    add(Subscription(client: owner, subject: subject, queue: nil, sid: [], target: .system({ _ in })))
  }
}
