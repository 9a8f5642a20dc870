import Reactor

// Giving way where there are too many connections. Everything here is called on the shard's queue.
extension HTTPConnection {
  /// Nobody waits for an answer on this connection: it is among those that give way where there are too many.
  func beginResting() {
    // A long answer may have found out that the peer is gone: a closed connection must not stand in a list.
    guard !connection.isClosed else { return }
    let now = shard.now
    context.resting.append(shardPlace, now: now)
    restingAtAddress.append(addressPlace, now: now)
  }

  func endResting() {
    context.resting.remove(shardPlace)
    restingAtAddress.remove(addressPlace)
  }

  /// Leaves its place to another connection. What its peer has not taken yet goes with it.
  func giveWay() {
    if connection.unsentBytes > 0 { connection.cut() } else { connection.close() }
  }
}
