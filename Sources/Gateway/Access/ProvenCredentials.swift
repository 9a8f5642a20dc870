import Synchronization

/// Credentials that were found right, by a salted digest: so that a caller pays for bcrypt once. They outlive a reload, and count for as
/// long as the file holds what they were compared with.
final class ProvenCredentials: Sendable {
  /// What was compared with.
  enum Proof: Sendable, Equatable {
    case user(name: String, stored: String)
    case token(stored: String)
  }

  private struct State {
    var proofs: [[UInt8]: Proof] = [:]
    /// The digests in the order they came.
    var order: [[UInt8]] = []
    var next = 0
  }

  private static let most = 1_024
  private let state = Mutex(State())

  subscript(digest: [UInt8]) -> Proof? { state.withLock { $0.proofs[digest] } }

  /// Keeps one more; the oldest makes room.
  func remember(_ digest: [UInt8], _ proof: Proof) {
    state.withLock { state in
      guard state.proofs.updateValue(proof, forKey: digest) == nil else { return }
      if state.order.count < ProvenCredentials.most { return state.order.append(digest) }
      state.proofs[state.order[state.next]] = nil
      state.order[state.next] = digest
      state.next = (state.next + 1) % ProvenCredentials.most
    }
  }
}
