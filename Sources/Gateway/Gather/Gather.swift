import NATSClient
import Reactor
import SystemAPI
import Wire

/// One server's reply.
struct GatherReply: Sendable {
  let entry: RosterEntry?
  let server: ServerDescription
  let payload: [UInt8]
  /// Ranges within `payload`.
  let serverRange: Range<Int>?
  let data: Range<Int>?
  let error: ReplyError?
  let rtt: Nanoseconds
}

/// A server whose answer is not there, and why.
struct MissingServer: Sendable {
  let id: String
  let name: String
  let cluster: String
  let lastSeen: Timestamp?
  let code: String
  let reason: String
  var count = 1
}

/// A server that cannot answer because of its version.
struct UnsupportedServer: Sendable {
  let name: String
  let cluster: String
  let version: String
  let reason: String
}

/// Why a gather failed as a whole.
enum GatherFailure: Sendable {
  /// Why, where an attempt has failed already.
  case notConnected(ConnectionLoss?)
  case connectionStalled
  case noResponders
  /// The one server that was asked has left for good, or another has come in its place.
  case serverGone
}

/// One question on its way to one server or to all of them.
///
/// Confined to the gateway's shard.
final class Gather {
  let request: GatherRequest
  let startedAt: Nanoseconds
  var token: NATSClient.RequestToken?
  var expected: [RosterEntry] = []
  var waiting: Set<String> = []
  var unsupported: [UnsupportedServer] = []
  var replies: [GatherReply] = []
  var answered: Set<String> = []
  var waiters: [GatherWaiter] = []
  var probed = false
  var lastReplyAt: Nanoseconds
  var finished = false
  /// The connected server knew nobody who listens for the question; a probe finds out what that means.
  var hasNoResponders = false
  /// Its question is out of this turn of the queue, so nobody may join any more.
  var hasLeft = false
  /// Where the servers are not known, silence ends it.
  var endsOnSilence = false
  /// A suspect server asked for directly is given a little time to show itself.
  var shortWaitUntil: Nanoseconds = 0

  init(_ request: GatherRequest, now: Nanoseconds) {
    self.request = request
    startedAt = now
    lastReplyAt = now
  }
}

/// Somebody who waits for a gather.
struct GatherWaiter {
  let deadline: Nanoseconds
  let isStreaming: Bool
  /// Streaming callers hear each reply as it comes.
  let onReply: ((GatherReply) -> Void)?
  let completion: (GatherOutcome) -> Void

  init(deadline: Nanoseconds, onReply: ((GatherReply) -> Void)? = nil, completion: @escaping (GatherOutcome) -> Void) {
    self.deadline = deadline
    isStreaming = onReply != nil
    self.onReply = onReply
    self.completion = completion
  }
}

/// What a gather has brought, shared by all who waited for it.
///
/// Immutable but for `shaped` and `shaping`, which are confined to the gateway's shard.
final class GatherOutcome: @unchecked Sendable {
  // Sendable: what workers read never changes; the rest is touched on the shard only.
  let request: GatherRequest
  let replies: [GatherReply]
  let expectedCount: Int?
  let missing: [MissingServer]
  let unsupported: [UnsupportedServer]
  /// nil where the servers are not known.
  let complete: Bool?
  let failure: GatherFailure?
  let elapsed: Nanoseconds
  let finishedAt: Nanoseconds
  /// Servers in scope that announced that they go; nobody waits for them.
  var lameDucks: [String] = []
  let now = Timestamp.now()
  /// Shaped answers, so that the work is done once for all who asked alike.
  var shaped: [String: GatewayReply] = [:]
  /// Those who wait for a shape that a worker makes.
  var shaping: [String: [(GatewayReply) -> Void]] = [:]

  init(
    request: GatherRequest, replies: [GatherReply], expectedCount: Int?, missing: [MissingServer], unsupported: [UnsupportedServer],
    complete: Bool?, failure: GatherFailure?, elapsed: Nanoseconds, finishedAt: Nanoseconds
  ) {
    self.request = request
    self.replies = replies
    self.expectedCount = expectedCount
    self.missing = missing
    self.unsupported = unsupported
    self.complete = complete
    self.failure = failure
    self.elapsed = elapsed
    self.finishedAt = finishedAt
  }
}
