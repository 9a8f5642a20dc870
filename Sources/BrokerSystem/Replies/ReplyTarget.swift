import BrokerCore
import Compression

/// Where a reply goes, and how: what is left of a request when its bytes are gone.
struct ReplyTarget {
  let reply: [UInt8]
  let account: Account
  /// What the requester asked for; nil when it did not ask.
  let encoding: ContentEncoding?

  /// - Parameter encoded: Whether the requester's wish for an encoding counts.
  init(_ message: InternalMessage, encoded: Bool) {
    reply = Array(message.reply)
    account = message.account
    encoding = encoded ? ContentEncoding.requested(in: message.header) : nil
  }
}
