/// A message handed to an internal subscription. The bytes are valid during the call only.
struct InternalMessage {
  let subject: UnsafeRawBufferPointer
  /// Empty when there is none.
  let reply: UnsafeRawBufferPointer
  /// The whole header block, `NATS/1.0` line and closing empty line included; empty when there is none.
  let header: UnsafeRawBufferPointer
  let payload: UnsafeRawBufferPointer
  /// The account in which the message was matched.
  let account: Account
  /// The connection that published it, also when it came through a service import; nil for the server itself.
  let client: Client?

  var subjectText: String { String(decoding: subject, as: UTF8.self) }
  var replyText: String { String(decoding: reply, as: UTF8.self) }
}

/// A subscription of the server itself. It lasts until `Broker.unsubscribe`.
final class InternalSubscription {
  let subscription: Subscription
  let account: Account
  init(subscription: Subscription, account: Account) {
    self.subscription = subscription
    self.account = account
  }
}
