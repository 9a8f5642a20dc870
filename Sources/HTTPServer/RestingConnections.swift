import Reactor
import Synchronization
import Wire

/// A connection's place in one list of those that rest.
///
/// The links are unmanaged: a place is in a list only while its connection is open, and the connection holds it. It is touched on the
/// connection's shard only, and handed to no other.
final class RestPlace {
  /// Set before the place is listed.
  unowned(unsafe) var connection: HTTPConnection?
  fileprivate var since = MonotonicTime.origin
  fileprivate var previous: Unmanaged<RestPlace>?
  fileprivate var next: Unmanaged<RestPlace>?
  fileprivate var isListed = false
}

/// Connections of one shard that owe nobody an answer, the one that has rested longest first.
///
/// A linked list: a connection comes and goes at the same cost however many there are, twice with each request.
final class RestingConnections: @unchecked Sendable {
  // Sendable by confinement: touched on `shard` only, but for `since`, which is atomic.

  let shard: Shard
  private var first: Unmanaged<RestPlace>?
  private var last: Unmanaged<RestPlace>?
  /// Nanoseconds of `since`.
  private let longest = Atomic<UInt64>(.max)

  init(shard: Shard) { self.shard = shard }

  /// Since when the one that has rested longest does so, `.distantFuture` where none rests. From any thread.
  var since: MonotonicTime { MonotonicTime(nanoseconds: longest.load(ordering: .relaxed)) }

  /// Puts a connection at the end, unless it is in the list.
  func append(_ place: RestPlace, now: MonotonicTime) {
    guard !place.isListed else { return }
    place.isListed = true
    place.since = now
    place.previous = last
    let link = Unmanaged.passUnretained(place)
    if let last { last._withUnsafeGuaranteedRef { $0.next = link } } else { lead(link, since: now) }
    last = link
  }

  /// Takes a connection out, if it is in the list.
  func remove(_ place: RestPlace) {
    guard place.isListed else { return }
    place.isListed = false
    let (previous, next) = (place.previous, place.next)
    place.previous = nil
    place.next = nil
    if let next { next._withUnsafeGuaranteedRef { $0.previous = previous } } else { last = previous }
    if let previous {
      previous._withUnsafeGuaranteedRef { $0.next = next }
    } else {
      lead(next, since: next?._withUnsafeGuaranteedRef { $0.since } ?? .distantFuture)
    }
  }

  private func lead(_ link: Unmanaged<RestPlace>?, since: MonotonicTime) {
    first = link
    longest.store(since.nanoseconds, ordering: .relaxed)
  }

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
    guard let first else {
      _ = RestingConnections.makeRoom(lists)
      return
    }
    first.takeUnretainedValue().connection?.giveWay()
  }
}
