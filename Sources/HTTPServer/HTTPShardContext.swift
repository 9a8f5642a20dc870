import Reactor
import Wire

/// What the HTTP connections of one shard share.
final class HTTPShardContext: @unchecked Sendable {
  // Sendable by confinement: everything but `shard` is touched on the shard's queue only.
  let shard: Shard
  /// Which of the server's shards this is.
  let index: Int
  let resting: RestingConnections
  /// The last request head read on this shard, for the next one that is the same.
  var lastHead: HTTPRequestHead?
  private var scratch: [UInt8] = []
  private(set) var isStopping = false
  private var connections: [ObjectIdentifier: HTTPConnection] = [:]
  private var date: [UInt8] = []
  private var dateEnds = MonotonicTime.origin
  private var whenEmpty: (@Sendable () -> Void)?
  private var cut: ShardTimer?

  init(shard: Shard, index: Int) {
    self.shard = shard
    self.index = index
    resting = RestingConnections(shard: shard)
  }

  /// An empty array with memory, to put a response head together in. Taken out, because a write may close the
  /// connection and so come back here.
  func takeScratch() -> [UInt8] {
    var taken = scratch
    scratch = []
    if taken.capacity == 0 { taken.reserveCapacity(1_024) }
    return taken
  }

  func giveBack(_ taken: consuming [UInt8]) {
    var emptied = taken
    emptied.removeAll(keepingCapacity: true)
    scratch = emptied
  }

  func add(_ connection: HTTPConnection) { connections[ObjectIdentifier(connection)] = connection }

  func remove(_ connection: HTTPConnection) {
    connections.removeValue(forKey: ObjectIdentifier(connection))
    if isStopping { finishStopping() }
  }

  /// Appends the Date field (RFC 9110 section 6.6.1), made once a second.
  func appendDate(to bytes: inout [UInt8]) {
    if shard.now >= dateEnds {
      let time = WallClock.now()
      var field: [UInt8] = []
      HTTPResponseHead.append("Date", time.httpDate, to: &field)
      date = field
      dateEnds = MonotonicClock.now() + .seconds(1) - Span(nanoseconds: Int64(time.nanoseconds))
    }
    bytes.append(contentsOf: date)
  }

  func stop(within seconds: Double, completion: @escaping @Sendable () -> Void) {
    shard.assertCurrent()
    isStopping = true
    whenEmpty = completion
    for connection in Array(connections.values) { connection.serverStops() }
    cut = shard.after(seconds) { [self] in
      for connection in Array(connections.values) { connection.cut() }
      finishStopping()
    }
    finishStopping()
  }

  private func finishStopping() {
    guard connections.isEmpty, let completion = whenEmpty else { return }
    whenEmpty = nil
    cut?.cancel()
    completion()
  }
}
