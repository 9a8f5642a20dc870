/// One entry of an account's sublist. Confined to the broker's shard.
final class Subscription {
  /// Who is behind the entry.
  enum Target {
    /// The connection itself.
    case client
    /// The server: a callback.
    case system((InternalMessage) -> Void)
    /// A connection of an importing account: the message is shown there under another subject.
    case streamImport(StreamImportBinding)
    /// Requests that leave this account for another one.
    case serviceImport(ServiceImport)
    /// Answers on their way back to an importing account.
    case serviceReplies(Account)
  }

  /// Outlives the subscription: a client takes its subscriptions out of every sublist before it goes.
  unowned(unsafe) let client: Client
  let subject: [UInt8]
  let queue: [UInt8]?
  let sid: [UInt8]
  let target: Target
  /// `target` is `.client`: asked for every delivery.
  let isDirect: Bool
  /// No delivery after this: it was removed while a match result still held it.
  var isClosed = false
  /// A deny list may hide some of what this wildcard matches.
  var needsDenyCheck = false
  var delivered: UInt64 = 0
  /// Auto-unsubscribe after this many; 0: never.
  var maximum: UInt64 = 0
  /// Place in its node's list.
  var slot = 0
  /// Subscriptions made in other accounts on behalf of this one by stream imports.
  var shadows: [ShadowSubscription] = []
  /// Weight that a leaf node announced for a queue group.
  var weight: UInt32 = 1

  init(client: Client, subject: [UInt8], queue: [UInt8]?, sid: [UInt8], target: Target = .client) {
    self.client = client
    self.subject = subject
    self.queue = queue
    self.sid = sid
    self.target = target
    if case .client = target { isDirect = true } else { isDirect = false }
  }

  var subjectText: String { String(decoding: subject, as: UTF8.self) }
  var queueText: String? { queue.map { String(decoding: $0, as: UTF8.self) } }
  var sidText: String { String(decoding: sid, as: UTF8.self) }
}

/// Where a stream import put a subscription.
struct ShadowSubscription {
  let account: Account
  let subscription: Subscription
}
