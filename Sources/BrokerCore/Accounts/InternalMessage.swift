/// A message handed to an internal subscription. The bytes are valid during the call only.
package struct InternalMessage {
  package let subject: UnsafeRawBufferPointer
  /// Empty when there is none.
  package let reply: UnsafeRawBufferPointer
  /// The whole header block, `NATS/1.0` line and closing empty line included; empty when there is none.
  package let header: UnsafeRawBufferPointer
  package let payload: UnsafeRawBufferPointer
  /// The account in which the message was matched.
  package let account: Account
  /// The connection that published it, also when it came through a service import; nil for the server itself.
  package let client: ClientConnection?

  package var subjectText: String { String(decoding: subject, as: UTF8.self) }
  package var replyText: String { String(decoding: reply, as: UTF8.self) }
}

/// A subscription of the server itself. It lasts until `Broker.unsubscribe`.
package final class InternalSubscription {
  package let subscription: Subscription
  package let account: Account
  package init(subscription: Subscription, account: Account) {
    self.subscription = subscription
    self.account = account
  }
}
