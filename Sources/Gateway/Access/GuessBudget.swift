import Dispatch
import HTTPServer
import Reactor
import Wire

/// How many wrong credentials are looked at: for each name, or for tokens, from one address, and from an address in all.
///
/// Beyond that a guess waits for its turn, and is refused only where too many wait before it. So whoever guesses, one at a time on
/// each connection, is slowed down, and somebody right behind the same address comes in behind those who wait, at the first try.
final class GuessBudget: Sendable {
  /// So many a second for one name, or for tokens, from one address are looked at, and twice as many at once.
  private static let perTarget = 5.0
  /// So many from one address in all.
  private static let perAddress = 20.0
  /// Seconds that a guess may wait: so many times as many may wait at once.
  private static let patience = 6.0

  private let budget = RequestBudget()
  private let turns = DispatchQueue(label: "natsight.guesses")

  /// Calls `body` when it is the guess's turn: at once where nobody else guesses.
  ///
  /// - Parameter network: Whose guess it is (`PeerAddress.network`).
  /// - Throws: 429 where too many wait.
  func wait(for guess: Authenticator.Guess, from network: String, _ body: @escaping @Sendable () -> Void) throws(Refusal) {
    let now = MonotonicClock.now()
    guard let inAll = budget.reserve(network, perSecond: GuessBudget.perAddress, patience: GuessBudget.patience, now: now) else {
      throw Refusal(.tooManyFailures, "too many wrong credentials came from your address")
    }
    let target = GuessBudget.target(guess, network)
    guard let own = budget.reserve(target, perSecond: GuessBudget.perTarget, patience: GuessBudget.patience, now: now) else {
      budget.giveBack(network)
      throw Refusal(.tooManyFailures, "too many wrong credentials of this kind came from your address")
    }
    let wait = max(inAll, own)
    guard wait > 0 else { return body() }
    turns.asyncAfter(deadline: .now() + wait, execute: body)
  }

  /// It was right after all, or was not looked at.
  func wasNone(_ guess: Authenticator.Guess, from network: String) {
    budget.giveBack(network)
    budget.giveBack(GuessBudget.target(guess, network))
  }

  private static func target(_ guess: Authenticator.Guess, _ network: String) -> String { "\(network) \(guess.target)" }
}
