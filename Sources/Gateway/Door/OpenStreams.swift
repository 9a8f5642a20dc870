import HTTPServer
import Synchronization

/// The answers that are still being written, each with what it was begun for: a reload asks of each whether its caller may have it still.
final class OpenStreams: Sendable {
  struct Entry: Sendable {
    let admitted: AdmittedRequest
    let gate: ListenerGate
    let stream: HTTPStream
  }

  private let entries = Mutex<[UInt64: Entry]>([:])
  /// Reviews so far; changed with `entries` locked.
  private let reviewCount = Atomic<UInt64>(0)

  /// Counts reviews: a stream that begins after one that its request was admitted before has been missed by it.
  var reviews: UInt64 { reviewCount.load(ordering: .acquiring) }

  var count: Int { entries.withLock { $0.count } }

  /// Keeps a stream until it ends.
  ///
  /// - Returns: Reviews so far.
  func add(_ entry: Entry) -> UInt64 {
    let id = entry.admitted.http.id
    let reviews = entries.withLock { entries in
      entries[id] = entry
      return reviewCount.load(ordering: .relaxed)
    }
    entry.stream.onClose { [weak self] in self?.entries.withLock { $0[id] = nil } }
    return reviews
  }

  /// Begins a review; returns what has to be judged.
  func review() -> [Entry] {
    entries.withLock { entries in
      reviewCount.add(1, ordering: .acquiringAndReleasing)
      return Array(entries.values)
    }
  }
}
