import Reactor
import Wire

// How long a peer may take: for a head, for a body, for taking what is sent to it. Everything here is called on the shard's queue.
extension HTTPConnection {
  func connectionDeadlinePassed(_ connection: Connection) {
    if connection.pendingBytes > 0 { return judgeWriting() }
    switch phase {
    case .head where isInsideHead || !waiting.isEmpty:
      refuse(HTTPRequestError(.requestTimeout, "the request head did not arrive within \(limits.headTime) seconds"))
    case .body: judgeBody()
    case .answering: break
    case .head, .ending: end()
    }
  }

  /// A body may take its time as long as it flows.
  private func judgeBody() {
    let count = reader?.body.count ?? 0
    guard Double(count - bodyAtCheck) >= Double(limits.minimumRate) * limits.rateTime else {
      return refuse(HTTPRequestError(.requestTimeout, "the request body came slower than \(limits.minimumRate) bytes a second"))
    }
    bodyAtCheck = count
    connection.deadline = shard.now + .seconds(limits.rateTime)
  }

  func armWriteDeadline() {
    takenAtCheck = written - connection.pendingBytes
    connection.deadline = shard.now + .seconds(min(limits.rateTime, limits.writeStallTime))
  }

  /// The deadline has passed with bytes still queued: goes on while the peer takes them fast enough.
  func judgeWriting() {
    let taken = written - connection.pendingBytes
    let isStalled = shard.now >= connection.lastWriteProgress + .seconds(limits.writeStallTime)
    let isTrickling = Double(taken - takenAtCheck) < Double(limits.minimumRate) * limits.rateTime && taken > takenAtCheck
    guard !isStalled, !isTrickling else { return connection.cut() }
    armWriteDeadline()
  }
}
