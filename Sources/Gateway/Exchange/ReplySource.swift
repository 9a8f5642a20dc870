import Reactor
import SystemModel
import Wire

/// Where answers come from: the system as it is, or a record of it. Confined to the gateway's shard.
protocol ReplySource: AnyObject, Sendable {
  /// Asks. Exactly one outcome is given, at `until` at the latest.
  ///
  /// - Parameters:
  ///   - until: By the monotonic clock.
  ///   - onReply: Hears each reply as it comes; nil where only the whole is wanted.
  func ask(_ question: Question, until: MonotonicTime, onReply: ((Reply) -> Void)?, completion: @escaping (Outcome) -> Void)
}
