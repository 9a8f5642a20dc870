import Synchronization

/// What a signal asks for. One that comes while the process is still starting waits until it runs: what was read before is read again
/// then, and whoever was to go goes.
public final class EarlyRequests: Sendable {
  private enum State {
    case starting(isAskedFor: Bool)
    case running(@Sendable () -> Void)
  }

  private let state = Mutex(State.starting(isAskedFor: false))

  public init() {}

  /// A signal came. Blocks while that is done which it asks for.
  public func ask() {
    let work: (@Sendable () -> Void)? = state.withLock { state in
      if case .running(let work) = state { return work }
      state = .starting(isAskedFor: true)
      return nil
    }
    work?()
  }

  /// From now on `work` does what is asked for, and what was asked for before.
  public func begin(_ work: @escaping @Sendable () -> Void) {
    let isAskedFor = state.withLock { state in
      defer { state = .running(work) }
      if case .starting(let isAskedFor) = state { return isAskedFor }
      return false
    }
    if isAskedFor { work() }
  }
}
