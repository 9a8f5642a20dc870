/// One entry of an account's sublist. Confined to the broker's shard.
package final class Subscription {
  /// Who is behind the entry.
  package enum Target {
    /// The connection itself.
    case client
    /// The server: a callback.
    case system((InternalMessage) -> Void)
    /// A connection of an importing account: the message is shown there under another subject.
    case streamImport(StreamImportBinding)
    /// Requests that leave this account for another one.
    case serviceImport(ServiceImport)
    /// Answers of the account that the entry stands in, on their way back to importing ones.
    case serviceReplies
  }

  /// Outlives its entries: a connection takes them out of every sublist before it goes, as debug builds assert by their count. Whoever
  /// finds an entry closed does not ask. Unsafe because counting references costs a tenth of the message rate.
  package unowned(unsafe) let client: ClientConnection
  package let subject: [UInt8]
  package let queue: [UInt8]?
  package let sid: [UInt8]
  package let target: Target
  /// `target` is `.client`: asked for every delivery.
  package let isDirect: Bool
  /// No delivery after this: it was removed while a match result still held it.
  package var isClosed = false
  /// A deny list may hide some of what this wildcard matches.
  var needsDenyCheck = false
  package var delivered: UInt64 = 0
  /// Auto-unsubscribe after this many; 0: never.
  package var maximum: UInt64 = 0
  /// Place in its node's list.
  package var slot = 0
  /// Subscriptions made in other accounts on behalf of this one by stream imports.
  var shadows: [ShadowSubscription] = []
  /// Weight that a leaf node announced for a queue group.
  package var weight: UInt32 = 1
  /// The walk over its sublist that has met it last.
  var walked: UInt32 = 0

  package init(client: ClientConnection, subject: [UInt8], queue: [UInt8]?, sid: [UInt8], target: Target = .client) {
    self.client = client
    self.subject = subject
    self.queue = queue
    self.sid = sid
    self.target = target
    if case .client = target { isDirect = true } else { isDirect = false }
  }

  /// It stands in a sublist.
  @inline(__always)
  func entered() {
    #if DEBUG
      client.liveEntries += 1
    #endif
  }

  /// It no longer stands there.
  @inline(__always)
  func left() {
    #if DEBUG
      client.liveEntries -= 1
    #endif
  }

  package var subjectText: String { String(decoding: subject, as: UTF8.self) }
  package var queueText: String? { queue.map { String(decoding: $0, as: UTF8.self) } }
  package var sidText: String { String(decoding: sid, as: UTF8.self) }

  /// What monitoring shows of it, while it is in force.
  package func detail(in account: String) -> ConnectionRecord.SubscriptionDetail { detail(in: account, of: client.cid) }

  /// What monitoring shows of it, also when its connection may be gone.
  package func detail(in account: String, of cid: UInt64) -> ConnectionRecord.SubscriptionDetail {
    ConnectionRecord.SubscriptionDetail(
      account: account, subject: subjectText, queue: queueText, sid: sidText, delivered: delivered, maximum: maximum, cid: cid)
  }
}

/// Where a stream import put a subscription.
package struct ShadowSubscription {
  package let account: Account
  package let subscription: Subscription
}
