import HTTPServer
import Synchronization

/// The answers that are still being written, each with what it was begun for: a reload asks of each whether its caller may have it still.
final class OpenStreams: Sendable {
  struct Entry: Sendable {
    let admitted: AdmittedRequest
    let gate: ListenerGate
    let stream: HTTPStream
  }

  private struct State {
    var entries: [UInt64: Entry] = [:]
    /// Reviews so far.
    var reviews: UInt64 = 0
  }

  private let state = Mutex(State())

  /// Counts reviews: a stream that begins after one that its request was admitted before has been missed by it.
  var reviews: UInt64 { state.withLock { $0.reviews } }

  var count: Int { state.withLock { $0.entries.count } }

  /// Keeps a stream until it ends.
  ///
  /// - Returns: Reviews so far.
  func add(_ entry: Entry) -> UInt64 {
    let id = entry.admitted.http.id
    let reviews = state.withLock { state in
      state.entries[id] = entry
      return state.reviews
    }
    entry.stream.onClose { [weak self] in self?.state.withLock { $0.entries[id] = nil } }
    return reviews
  }

  /// Begins a review; returns what has to be judged.
  func review() -> [Entry] {
    state.withLock { state in
      state.reviews += 1
      return Array(state.entries.values)
    }
  }
}
