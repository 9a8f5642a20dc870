import Synchronization

/// Reloads that are asked for by a signal. One that comes while the process is still starting waits until it runs: what was read before is
/// read again then.
public final class ReloadRequests: Sendable {
  private enum State {
    case starting(isAskedFor: Bool)
    case running(@Sendable () -> Void)
  }

  private let state = Mutex(State.starting(isAskedFor: false))

  public init() {}

  /// A signal came. Blocks while it reloads.
  public func ask() {
    let reload: (@Sendable () -> Void)? = state.withLock { state in
      if case .running(let reload) = state { return reload }
      state = .starting(isAskedFor: true)
      return nil
    }
    reload?()
  }

  /// From now on `reload` does what is asked for, and what was asked for before.
  public func begin(_ reload: @escaping @Sendable () -> Void) {
    let isAskedFor = state.withLock { state in
      defer { state = .running(reload) }
      if case .starting(let isAskedFor) = state { return isAskedFor }
      return false
    }
    if isAskedFor { reload() }
  }
}
