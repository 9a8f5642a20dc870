import Reactor
import Synchronization
import Wire

/// Connections of one shard that owe nobody an answer, the one that has rested longest first.
///
/// A list within an array: a connection comes and goes at the same cost however many there are.
final class RestingConnections: @unchecked Sendable {
  // Sendable by confinement: touched on `shard` only, but for `since`, which is atomic.

  private struct Place {
    var connection: HTTPConnection?
    var since = MonotonicTime.origin
    var previous = -1
    var next = -1
  }

  let shard: Shard
  private var places: [Place] = []
  private var free: [Int] = []
  private var first = -1
  private var last = -1
  /// Nanoseconds of `since`.
  private let longest = Atomic<UInt64>(.max)

  init(shard: Shard) { self.shard = shard }

  /// Since when the one that has rested longest does so, `.distantFuture` where none rests. From any thread.
  var since: MonotonicTime { MonotonicTime(nanoseconds: longest.load(ordering: .relaxed)) }

  /// Puts a connection at the end; returns its place.
  func append(_ connection: HTTPConnection, now: MonotonicTime) -> Int {
    let index: Int
    if let known = free.popLast() {
      index = known
    } else {
      index = places.count
      places.append(Place())
    }
    places[index] = Place(connection: connection, since: now, previous: last, next: -1)
    if last >= 0 { places[last].next = index } else { first = index }
    last = index
    if first == index { noteFirst() }
    return index
  }

  func remove(_ index: Int) {
    let place = places[index]
    if place.previous >= 0 { places[place.previous].next = place.next } else { first = place.next }
    if place.next >= 0 { places[place.next].previous = place.previous } else { last = place.previous }
    places[index].connection = nil
    free.append(index)
    if place.previous < 0 { noteFirst() }
  }

  private func noteFirst() { longest.store(first >= 0 ? places[first].since.nanoseconds : .max, ordering: .relaxed) }

  /// Ends the one that has rested longest of all these lists, soon. From any thread.
  ///
  /// - Returns: false where none rests.
  static func makeRoom(_ lists: [RestingConnections]) -> Bool {
    guard let list = lists.min(by: { $0.since < $1.since }), list.since != .distantFuture else { return false }
    list.shard.run { list.endFirst(among: lists) }
    return true
  }

  private func endFirst(among lists: [RestingConnections]) {
    shard.assertCurrent()
    // The last one here may have gone meanwhile, and others rest elsewhere.
    guard first >= 0, let connection = places[first].connection else {
      _ = RestingConnections.makeRoom(lists)
      return
    }
    connection.giveWay()
  }
}
