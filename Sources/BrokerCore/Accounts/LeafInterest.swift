import Wire

/// What a leaf node has been told about the account's interest.
extension ClientConnection {
  /// `subject`, or `subject queue`.
  private static func key(_ subscription: Subscription) -> [UInt8] {
    guard let queue = subscription.queue else { return subscription.subject }
    return subscription.subject + [0x20] + queue
  }

  /// The account's interest at the moment of joining, in one burst: one line for each subject and group.
  func announceAll() {
    guard let leaf else { return }
    var news: [(key: [UInt8], isGroup: Bool)] = []
    // Nobody has subscribed to it: it is said, and heard should it come back.
    if let loop = account.loopSubject, mayAnnounce(loop), count(loop, by: 1, leaf).before == 0 { news.append((loop, false)) }
    account.sublist.forEach { subscription in
      guard concerns(subscription, leaf) else { return }
      let key = Self.key(subscription)
      if count(key, by: 1, leaf).before == 0 { news.append((key, subscription.queue != nil)) }
    }
    for one in news { sendInterest(one.key, one.key.withUnsafeBytes { leaf.announced[$0] ?? 0 }, isGroup: one.isGroup) }
    announceMappings()
  }

  /// What the other side may be told of has changed: it is told of what it may know now, and of what it may no longer.
  func announceAnew() {
    guard let leaf else { return }
    let before = fallSilent()
    leaf.announced.removeAll()
    leaf.announcedMappings = []
    announceAll()
    tellChanges(since: before)
  }

  /// From now on interest is counted and not told.
  ///
  /// - Returns: What the other side knows: lines without their verbs, and how many subscriptions stand behind each.
  func fallSilent() -> [[UInt8]: Int] {
    guard let leaf else { return [:] }
    leaf.isSilent = true
    var known: [[UInt8]: Int] = [:]
    leaf.announced.forEachKey { key, count in known[Array(key)] = count }
    return known
  }

  /// Tells what is otherwise than it was, and each change from now on.
  func tellChanges(since before: [[UInt8]: Int]) {
    guard let leaf else { return }
    leaf.isSilent = false
    for key in before.keys where key.withUnsafeBytes({ leaf.announced[$0] == nil }) { sendInterest(key, 0, isGroup: false) }
    leaf.announced.forEachKey { bytes, count in
      let key = Array(bytes)
      // A subject has no blank in it, and a group stands behind one.
      let isGroup = key.contains(0x20)
      if before[key] == nil || (isGroup && before[key] != count) { sendInterest(key, count, isGroup: isGroup) }
    }
  }

  /// Sources of mappings are of interest without a subscription behind them. What has changed since they were last told of is told.
  func announceMappings() {
    guard let leaf else { return }
    let before = leaf.announcedMappings
    leaf.announcedMappings = Set(account.mappings.mappings.map(\.source).filter(mayAnnounce))
    for source in leaf.announcedMappings.subtracting(before) {
      if count(source, by: 1, leaf).before == 0 { sendInterest(source, 1, isGroup: false) }
    }
    for source in before.subtracting(leaf.announcedMappings) {
      let change = count(source, by: -1, leaf)
      if change.after == 0 && change.before > 0 { sendInterest(source, 0, isGroup: false) }
    }
  }

  private func count(_ key: [UInt8], by step: Int, _ leaf: LeafLink) -> (before: Int, after: Int) {
    key.withUnsafeBytes { bytes in
      let before = leaf.announced[bytes] ?? 0
      let after = max(0, before + step)
      if after == 0 { leaf.announced.remove(bytes) } else { leaf.announced.set(bytes, after) }
      return (before, after)
    }
  }

  /// Whether the other side is to know of it.
  private func concerns(_ subscription: Subscription, _ leaf: LeafLink) -> Bool {
    let owner = subscription.client
    if owner === self { return false }
    if let other = owner.leaf {
      if !other.cluster.isEmpty && other.cluster == leaf.cluster { return false }
      // What one hub wants is not asked of another one.
      if other.isSpoke && leaf.isSpoke { return false }
    }
    return mayAnnounce(subscription.subject)
  }

  func interestChanged(_ subscription: Subscription, added: Bool) {
    guard let leaf, concerns(subscription, leaf) else { return }
    let key = Self.key(subscription)
    let change = count(key, by: added ? 1 : -1, leaf)
    // A group's line has a number that changes, a plain one is said once.
    let isNews = subscription.queue == nil ? (change.before == 0) != (change.after == 0) : change.before != change.after
    if isNews { sendInterest(key, change.after, isGroup: subscription.queue != nil) }
  }

  private func sendInterest(_ key: [UInt8], _ count: Int, isGroup: Bool) {
    var line = Array((count == 0 ? "LS- " : "LS+ ").utf8) + key
    if count > 0 && isGroup { line += Array(" \(count)".utf8) }
    sendLine(line)
  }

  private func sendLine(_ line: [UInt8]) {
    if leaf?.isSilent == true { return }
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
  /// The mappings have changed, perhaps.
  package func announceMappings() { for leaf in leafs where leaf.isRegistered { leaf.announceMappings() } }

  static let loopPrefix = Array("$LDS.".utf8)

  /// The subject by which a server recognises its own announcements; made at the first leaf node.
  func ensureLoopSubject() {
    guard loopSubject == nil else { return }
    loopSubject = Self.loopPrefix + RandomName.characters(22)
  }
}
