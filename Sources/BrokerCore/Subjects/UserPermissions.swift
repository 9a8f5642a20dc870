import Wire

/// A user's permissions, made ready for look-ups. Shared by all connections of the user; confined to the shard.
package final class UserPermissions {
  /// Patterns, some with a queue group of their own.
  package struct List {
    package struct Entry {
      package let subject: [UInt8]
      package let queue: [UInt8]?
    }
    let entries: [Entry]

    package init(_ texts: [String]) {
      entries = texts.map { text in
        let parts = text.utf8.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 })
        return Entry(subject: Array(parts.first ?? Substring("").utf8), queue: parts.count > 1 ? Array(parts[1]) : nil)
      }
    }

    /// An entry without a queue matches the subject as literal text.
    package func matches(_ subject: UnsafeRawBufferPointer) -> Bool {
      // A subject with an empty token is none, and stands in no list.
      !Subject.hasEmptyToken(subject)
        && entries.contains { entry in entry.queue == nil && entry.subject.withUnsafeBytes { Subject.matches(subject, pattern: $0) } }
    }

    /// Entries with a queue that match the subject: whether there are any, and whether one admits the group.
    func queueMatches(_ subject: UnsafeRawBufferPointer, _ queue: [UInt8]) -> Bool? {
      var found = false
      for entry in entries {
        guard let wanted = entry.queue, entry.subject.withUnsafeBytes({ Subject.matches(subject, pattern: $0) }) else { continue }
        found = true
        if wanted == queue || (!Subject.isLiteral(wanted) && Subject.isSubset(queue, of: wanted)) { return true }
      }
      return found ? false : nil
    }

    /// Some entry may match what a subscription on `subject` matches; entries with a queue count for members of groups.
    package func overlaps(_ subject: [UInt8], queue: [UInt8]?) -> Bool {
      entries.contains { ($0.queue == nil || queue != nil) && Subject.overlaps($0.subject, subject) }
    }

    /// There are entries with a queue.
    var namesQueues: Bool { entries.contains { $0.queue != nil } }
  }

  package let configuration: PermissionsConfiguration
  let publishAllow: List?
  let publishDeny: List?
  let subscribeAllow: List?
  let subscribeDeny: List?
  package let responses: ResponsePermission?
  private var publishCache = ByteTable<Bool>()
  private var denyCache = ByteTable<Bool>()

  package init(_ configuration: PermissionsConfiguration) {
    self.configuration = configuration
    responses = configuration.allowResponses
    // With response permissions alone, nothing else may be published.
    let allow = configuration.publish?.allow ?? (configuration.allowResponses != nil ? [] : nil)
    publishAllow = allow.map(List.init)
    publishDeny = Self.list(configuration.publish?.deny)
    subscribeAllow = configuration.subscribe?.allow.map(List.init)
    subscribeDeny = Self.list(configuration.subscribe?.deny)
  }

  private static func list(_ texts: [String]?) -> List? {
    guard let texts, !texts.isEmpty else { return nil }
    return List(texts)
  }

  /// By the lists alone; `allow_responses` is the connection's business.
  func mayPublish(_ subject: UnsafeRawBufferPointer) -> Bool {
    if publishAllow == nil && publishDeny == nil { return true }
    if let known = publishCache[subject] { return known }
    var allowed = publishAllow?.matches(subject) ?? true
    if allowed, let publishDeny { allowed = !publishDeny.matches(subject) }
    if publishCache.count >= 1024 { publishCache.removeAll() }
    publishCache.set(subject, allowed)
    return allowed
  }

  /// The requested subject is looked up as if it were literal, as nats-server does.
  func maySubscribe(_ subject: UnsafeRawBufferPointer, queue: [UInt8]?) -> Bool {
    var allowed = true
    if let subscribeAllow {
      allowed = subscribeAllow.matches(subject)
      if let queue, let group = subscribeAllow.queueMatches(subject, queue) { allowed = group }
    }
    if allowed, let subscribeDeny {
      allowed = !denies(subject, queue: queue, by: subscribeDeny)
    }
    return allowed
  }

  /// An entry with a group only denies more than the plain ones.
  private func denies(_ subject: UnsafeRawBufferPointer, queue: [UInt8]?, by list: List) -> Bool {
    if list.matches(subject) { return true }
    guard let queue else { return false }
    return list.queueMatches(subject, queue) == true
  }

  /// A subscription on this subject may match what is denied, so each delivery must be asked about.
  func needsDenyCheck(_ subject: [UInt8], queue: [UInt8]?) -> Bool {
    guard let subscribeDeny, !Subject.isLiteral(subject) else { return false }
    return subscribeDeny.overlaps(subject, queue: queue)
  }

  /// A message on `subject` must not reach a wildcard subscription of this user, or not in this group.
  func deniesDelivery(_ subject: UnsafeRawBufferPointer, queue: [UInt8]?) -> Bool {
    guard let subscribeDeny else { return false }
    if queue != nil && subscribeDeny.namesQueues { return denies(subject, queue: queue, by: subscribeDeny) }
    if let known = denyCache[subject] { return known }
    let denied = subscribeDeny.matches(subject)
    if denyCache.count >= 1024 { denyCache.removeAll() }
    denyCache.set(subject, denied)
    return denied
  }
}
