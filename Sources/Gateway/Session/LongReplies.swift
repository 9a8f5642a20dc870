import NATSClient
import SystemModel
import Wire

/// A reply as it came.
struct Arrived: Sendable {
  let message: NATSMessage
  let rtt: Span
}

/// Replies that wait to be read: behind the first of their question, which a worker reads. A value of the session.
struct LongReplies {
  /// When so many bytes wait no more are taken from the connection: they come faster than they are read.
  static let most = 64 << 20

  private var lines: [QuestionID: [Arrived]] = [:]
  private var bytes = 0

  var isFull: Bool { bytes > LongReplies.most }

  /// Whether the replies to a question have to queue.
  func isWaiting(_ id: QuestionID) -> Bool { !lines.isEmpty && lines[id] != nil }

  func first(_ id: QuestionID) -> Arrived? { lines[id]?.first }

  /// Puts a reply at the end of its line; true where it is the first.
  mutating func append(_ arrived: Arrived, _ id: QuestionID) -> Bool {
    bytes += arrived.message.payload.count
    lines[id, default: []].append(arrived)
    return lines[id]?.count == 1
  }

  mutating func removeFirst(_ id: QuestionID) {
    guard let first = lines[id]?.first else { return }
    bytes -= first.message.payload.count
    lines[id]?.removeFirst()
    if lines[id]?.isEmpty == true { lines[id] = nil }
  }

  /// The question has ended.
  mutating func remove(_ id: QuestionID) {
    for arrived in lines.removeValue(forKey: id) ?? [] { bytes -= arrived.message.payload.count }
  }
}
